use super::*;

const FATE: Fate = Fate::Said(7);

fn peer(serial: u64) -> PeerRef {
    PeerRef::of_serial(serial)
}

fn receipt(session: &Arc<Session>, number: u64) -> Receipt {
    Receipt::new(Arc::clone(session), number, false)
}

#[test]
fn a_number_is_taken_once_and_its_end_is_remembered() {
    let sessions = Sessions::new().unwrap();
    let session = sessions.begin(1, "", peer(1));
    assert_eq!(session.begin(5), Known::New);
    let first = receipt(&session, 5);
    assert_eq!(session.begin(5), Known::UnderWay);
    assert_eq!(first.conclude(FATE), Some(peer(1)));
    drop(first);
    assert_eq!(session.begin(5), Known::Concluded(FATE));
}

#[test]
fn what_is_lost_on_its_way_may_come_again() {
    let session = Sessions::new().unwrap().begin(1, "", peer(1));
    assert_eq!(session.begin(5), Known::New);
    drop(receipt(&session, 5));
    assert_eq!(session.begin(5), Known::New);
}

#[test]
fn the_newest_numbers_are_remembered_and_older_ones_refused() {
    let session = Sessions::new().unwrap().begin(1, "", peer(1));
    for number in 0..2 * WINDOW as u64 {
        assert_eq!(session.begin(number), Known::New);
        receipt(&session, number).conclude(FATE);
    }
    assert_eq!(session.begin(WINDOW as u64 - 1), Known::Forgotten);
    assert_eq!(session.begin(WINDOW as u64), Known::Concluded(FATE));
    assert_eq!(session.memory.lock().slots.len(), WINDOW);
    // One whose place is taken while it is under way is still told.
    let sessions = Sessions::new().unwrap();
    let session = sessions.begin(1, "", peer(1));
    session.begin(1);
    session.begin(1 + WINDOW as u64);
    assert_eq!(receipt(&session, 1).conclude(FATE), Some(peer(1)));
    assert_eq!(session.begin(1 + WINDOW as u64), Known::UnderWay);
}

#[test]
fn a_session_goes_on_with_who_knows_its_name_and_has_its_key() {
    let (sessions, now) = (Sessions::new().unwrap(), Instant::now());
    let session = sessions.begin(1, "ann", peer(1));
    session.begin(1);
    receipt(&session, 1).conclude(FATE);
    let name = sessions.name(1);
    assert_eq!(name.len(), 32);
    let mut forged = name.clone();
    forged.replace_range(31.., if name.ends_with('0') { "1" } else { "0" });
    assert_eq!(sessions.read(&name), Some(1));
    for bad in [forged.as_str(), "", "x", &sessions.name(2), &Sessions::new().unwrap().name(1), "ä".repeat(16).as_str()]
    {
        assert!(sessions.read(bad).is_none_or(|id| id != 1), "{bad}");
    }
    assert!(sessions.resume(1, "bob", peer(2), None).is_none());
    assert_eq!(session.holder(), Some(peer(1)));
    // The connection that had it is still thought to stand.
    let (same, before) = sessions.resume(1, "ann", peer(2), Some(peer(1))).unwrap();
    assert_eq!((same.begin(1), before), (Known::Concluded(FATE), Some(peer(1))));
    assert!(same.is_resumed());
    // That it ends later changes nothing.
    sessions.leave(&session, 1, now);
    assert_eq!(session.holder(), Some(peer(2)));
    sessions.leave(&session, 2, now);
    assert_eq!(session.holder(), None);
    assert_eq!(sessions.resume(1, "ann", peer(3), None).unwrap().1, None);
}

#[test]
fn sessions_without_a_connection_are_few_and_not_for_ever() {
    let (sessions, now) = (Sessions::new().unwrap(), Instant::now());
    for id in 1..=KEPT as u64 + 10 {
        sessions.leave(&sessions.begin(id, "", peer(id)), id, now);
    }
    assert_eq!(sessions.count(), KEPT);
    let kept = KEPT as u64 + 10;
    sessions.resume(kept, "", peer(5000), None).unwrap();
    let last = sessions.begin(6000, "", peer(6000));
    sessions.leave(&last, 6000, now + KEPT_FOR);
    // The last one, and the one that has a connection again.
    assert_eq!(sessions.count(), 2);
}

#[test]
fn one_that_has_numbered_nothing_is_known_as_long_as_nothing_was_forgotten() {
    let (sessions, now) = (Sessions::new().unwrap(), Instant::now());
    let (session, before) = sessions.resume(1, "", peer(2), Some(peer(1))).unwrap();
    assert_eq!((before, session.begin(1)), (Some(peer(1)), Known::New));
    // The ghost numbers its first message at the same time: it is in the same session.
    assert!(Arc::ptr_eq(&session, &sessions.begin(1, "", peer(1))));
    assert_eq!(session.holder(), Some(peer(2)));
    assert!(sessions.resume(3, "", peer(4), None).is_some());
    sessions.leave(&session, 2, now);
    sessions.leave(&sessions.begin(9, "", peer(9)), 9, now + KEPT_FOR);
    assert!(sessions.resume(5, "", peer(6), None).is_none());
    assert!(sessions.resume(5, "", peer(6), Some(peer(5))).is_some(), "who is there was not forgotten");
}
