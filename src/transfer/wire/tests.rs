//! What is said is understood, and what breaks a rule is told which.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn names() -> impl Strategy<Value = Vec<Vec<u8>>> {
    vec(vec(any::<u8>(), 0..20), 0..6)
}

fn metadata() -> impl Strategy<Value = Metadata> {
    (1..5_u8, any::<[u64; 2]>(), any::<i64>(), 0..1_000_000_000_u32, any::<u16>()).prop_map(
        |(kind, [size, version], seconds, nanoseconds, mode)| {
            let kind = [FileKind::File, FileKind::Folder, FileKind::Link, FileKind::Other][usize::from(kind - 1)];
            Metadata { kind, size, modified: FileTime { seconds, nanoseconds }, mode, version }
        },
    )
}

/// Whether a message ends with bytes of any length.
fn is_open_ended(request: &Request<'_>) -> bool {
    matches!(request, Request::Data(..) | Request::GoAway { .. })
}

fn assert_understood(request: &Request<'_>) {
    let message = request.encode();
    assert_eq!(Request::decode(&message).as_ref(), Ok(request));
    if !is_open_ended(request) {
        for end in 0..message.len() {
            let cut = Request::decode(&message[..end]);
            assert!(matches!(cut, Err(Violation::Short(_) | Violation::Headless)), "{cut:?}");
        }
        let longer = [&message[..], b"x"].concat();
        assert!(matches!(Request::decode(&longer), Err(Violation::LeftOver(_))));
    }
}

fn assert_reported(report: &Report<'_>) {
    let framed = report.framed();
    let message = &framed[4..];
    assert_eq!(framed[..4], (message.len() as u32).to_be_bytes());
    assert_eq!(Report::decode(message).as_ref(), Ok(report));
    // Whatever is behind it or missing of it, nothing is read where there is none.
    for end in 0..message.len() {
        let _ = Report::decode(&message[..end]);
    }
    let _ = Report::decode(&[message, b"x"].concat());
}

proptest! {
    #[test]
    fn requests_are_understood(
        id in 1..u32::MAX, number in any::<u32>(), size in any::<u64>(), one in names(), other in names(), bits in 0..16_u8,
        hash in any::<Hash>(), bytes in vec(any::<u8>(), 1..50), text in ".{0,20}", metadata in metadata(),
    ) {
        let has = |bit: u8| bits & bit != 0;
        let path: Vec<&[u8]> = one.iter().map(Vec::as_slice).collect();
        let to: Vec<&[u8]> = other.iter().map(Vec::as_slice).collect();
        let lenient = Flags { lenient: has(2), ..Flags::default() };
        let put = Put {
            flags: Flags { parents: has(1), overwrite: has(4), resume: has(8), lenient: false },
            size, modified: metadata.modified, mode: metadata.mode, path: path.clone(),
        };
        let everything = [
            Request::Hello { features: number },
            Request::Stat(id, path.clone()),
            Request::List(id, path.clone()),
            Request::MakeFolder(id, Flags { parents: has(1), ..lenient }, path.clone()),
            Request::Remove(id, lenient, path.clone()),
            Request::RemoveFolder(id, lenient, path.clone()),
            Request::Rename(id, Flags { overwrite: has(4), ..Flags::default() }, path.clone(), to),
            Request::Put(id, put),
            Request::Get(id, Get { compare: number, version: size, path }),
            Request::Begin(id, number, has(1)),
            Request::Data(id, Block { index: number, hash: has(2).then_some(hash), bytes: &bytes }),
            Request::Again(id, number),
            Request::Finish(id, size, hash),
            Request::Cancel(id),
            Request::Ping,
            Request::Pong,
            Request::GoAway { why: Farewell::Protocol, text: &text },
        ];
        everything.iter().for_each(assert_understood);
    }

    #[test]
    fn reports_are_understood(
        id in 1..u32::MAX, number in any::<u32>(), size in any::<u64>(), code in any::<u16>(), hash in any::<Hash>(),
        bytes in vec(any::<u8>(), 1..50), text in ".{0,20}", metadata in metadata(),
    ) {
        let entry = Entry { name: &bytes, metadata };
        let server_id = text.as_bytes();
        let hello =
            ServerHello { features: 0, block: number, window: code, file_limit: size, server_id, transfers: None };
        let everything = [
            Report::Hello(ServerHello { transfers: None, ..hello }),
            Report::Hello(ServerHello { transfers: Some(code), ..hello }),
            Report::Entries(id, vec![entry, Entry { name: b"", metadata }]),
            Report::Done(id, None),
            Report::Done(id, Some(metadata)),
            Report::Hashes(id, number, &hash),
            Report::Ready(id, metadata),
            Report::Taken(id, number),
            Report::Again(id, number),
            Report::Data(id, Block { index: number, hash: Some(hash), bytes: &bytes }),
            Report::Data(id, Block { index: number, hash: None, bytes: &bytes }),
            Report::End(id, size, hash),
            Report::Refused(id, code, &text),
            Report::Ping,
            Report::Pong,
            Report::GoAway { why: Farewell::Stopping, text: &text },
        ];
        everything.iter().for_each(assert_reported);
    }

    #[test]
    fn whatever_comes_is_understood_in_one_way_or_refused(message in vec(any::<u8>(), 0..80)) {
        if let Ok(request) = Request::decode(&message) && !matches!(request, Request::GoAway { .. }) {
            prop_assert_eq!(request.encode(), message.clone());
        }
        if let Ok(report) = Report::decode(&message) && !matches!(report, Report::GoAway { .. }) {
            prop_assert_eq!(&report.framed()[4..], &message[..]);
        }
    }
}

#[test]
fn what_breaks_a_rule_is_told_which() {
    let rule = |message: &[u8]| Request::decode(message).unwrap_err().to_string();
    assert_eq!(rule(b"\x01\0\0\0"), "a message has a type and a request");
    assert_eq!(rule(b"\x99\0\0\0\x01"), "there is no message of type 0x99");
    assert_eq!(rule(b"\x01\0\0\0\0rcmd\x01\0\0\0\0"), "HELLO begins with 'rfil'");
    assert_eq!(rule(b"\x01\0\0\0\0rfil\x02\0\0\0\0"), "version 2 is not spoken here, only 1");
    assert_eq!(rule(b"\x01\0\0\0\x05rfil\x01\0\0\0\0"), "HELLO has request 0");
    assert_eq!(rule(b"\x10\0\0\0\0\0"), "STAT names a request, not 0");
    assert_eq!(rule(b"\x10\0\0\0\x01\x02\x01a"), "STAT is too short");
    assert_eq!(rule(b"\x12\0\0\0\x01\x08\0"), "flags 0x08 of MKDIR are unknown");
    assert_eq!(rule(b"\x30\0\0\0\x01\0\0\0\0"), "DATA is too short");
    assert_eq!(rule(&[b"\x30\0\0\0\x01".as_slice(), &[0; 36]].concat()), "a block has 1 to 1048576 bytes, not 0");
    let late = [b"\x20\0\0\0\x01\0".as_slice(), &[0; 16], &1_000_000_000_u32.to_be_bytes(), &[0; 3]].concat();
    assert_eq!(rule(&late), "1000000000 nanoseconds are more than a second");
    assert_eq!(rule(b"\x7f\0\0\0\0\x01\xff"), "the text of GOAWAY is not UTF-8");
    let long = [b"\x30\0\0\0\x01".as_slice(), &[0; 36 + BLOCK + 1]].concat();
    assert_eq!(rule(&long), "a block has 1 to 1048576 bytes, not 1048577");
    assert!(long.len() <= MESSAGE_LIMIT, "who is told so is heard");
}

#[test]
fn numbers_of_refusals_are_their_places() {
    for code in 1..=30 {
        assert_eq!(Refusal::from_code(code).unwrap().code(), code);
        assert!(!Refusal::from_code(code).unwrap().as_str().is_empty());
    }
    assert_eq!(Refusal::from_code(0).or(Refusal::from_code(31)), None);
}
