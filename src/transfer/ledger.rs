//! Who may say what when, on one connection of a server: pure.
//!
//! A name operation is over with its answer. A transfer goes `PUT` → `READY` → `BEGIN` → `DATA`… → `FINISH`, or `GET` →
//! `READY` → `BEGIN` → `AGAIN`… → `FINISH`. What comes about a request that is over is not heard: its client could not know.

use std::collections::BTreeMap;

use super::wire::{Request, Violation, WINDOW};

/// Requests of one connection at a time.
pub(super) const MOST_OPEN: usize = 64;

/// Blocks that a client may find wrong; the next one is the end of a download.
pub(super) const MOST_AGAIN: u16 = 16;

/// What was asked for on one connection, and how far each request has come.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    greeted: bool,
    last: u32,
    open: BTreeMap<u32, Stage>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It is answered, and says no more itself.
    Asked,
    /// A transfer whose file is being looked at.
    Looking(Direction),
    /// The client has to say with which block to begin.
    Ready(Direction),
    /// Blocks come that may not have been heard of yet.
    Storing { under_way: u16, is_bare: bool },
    /// Blocks are sent, and so many were wanted again.
    Sending { again: u16 },
    /// The client has said its last word.
    Finishing,
    /// The client wants it no more, and nothing else that it says of it.
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Put,
    Get,
}

impl Ledger {
    /// Takes note of what the client says. `None` when it is about a request that is over.
    pub(crate) fn take<'m>(&mut self, request: Request<'m>) -> Result<Option<Request<'m>>, Violation> {
        let is_hello = matches!(request, Request::Hello { .. });
        if is_hello == self.greeted {
            return Err(if is_hello { Violation::GreetedTwice } else { Violation::NotGreeted });
        }
        let is_heard = match &request {
            Request::Hello { .. } => {
                self.greeted = true;
                true
            }
            Request::Stat(id, ..)
            | Request::List(id, ..)
            | Request::MakeFolder(id, ..)
            | Request::Remove(id, ..)
            | Request::RemoveFolder(id, ..)
            | Request::Rename(id, ..) => self.ask(*id, Stage::Asked)?,
            Request::Put(id, _) => self.ask(*id, Stage::Looking(Direction::Put))?,
            Request::Get(id, _) => self.ask(*id, Stage::Looking(Direction::Get))?,
            Request::Begin(id, block, is_bare) => self.step(*id, "BEGIN", |stage| match stage {
                // Who begins with the first block need not wait to hear what is there.
                Stage::Looking(_) if *block > 0 => None,
                Stage::Looking(Direction::Put) | Stage::Ready(Direction::Put) => {
                    Some(Stage::Storing { under_way: 0, is_bare: *is_bare })
                }
                Stage::Looking(Direction::Get) | Stage::Ready(Direction::Get) => Some(Stage::Sending { again: 0 }),
                _ => None,
            })?,
            Request::Data(id, block) => self.store(*id, block.hash.is_none())?,
            Request::Again(id, _) => self.step(*id, "AGAIN", |stage| match stage {
                Stage::Sending { again } if again <= MOST_AGAIN => Some(Stage::Sending { again: again + 1 }),
                _ => None,
            })?,
            Request::Finish(id, ..) => self.step(*id, "FINISH", |stage| {
                matches!(stage, Stage::Storing { .. } | Stage::Sending { .. }).then_some(Stage::Finishing)
            })?,
            Request::Cancel(id) => {
                self.find(*id)?.is_some_and(|stage| std::mem::replace(stage, Stage::Cancelled) != Stage::Cancelled)
            }
            Request::Ping | Request::Pong | Request::GoAway { .. } => true,
        };
        Ok(is_heard.then_some(request))
    }

    fn ask(&mut self, id: u32, stage: Stage) -> Result<bool, Violation> {
        let expected = self.last.saturating_add(1);
        if id != expected {
            return Err(Violation::OutOfOrder { id, expected });
        }
        if self.open.len() >= MOST_OPEN {
            return Err(Violation::TooMany);
        }
        self.last = id;
        self.open.insert(id, stage);
        Ok(true)
    }

    fn find(&mut self, id: u32) -> Result<Option<&mut Stage>, Violation> {
        if id > self.last {
            return Err(Violation::NeverAsked(id));
        }
        Ok(self.open.get_mut(&id))
    }

    fn step(
        &mut self,
        id: u32,
        name: &'static str,
        next: impl FnOnce(Stage) -> Option<Stage>,
    ) -> Result<bool, Violation> {
        let Some(stage) = self.find(id)?.filter(|stage| **stage != Stage::Cancelled) else { return Ok(false) };
        *stage = next(*stage).ok_or(Violation::OutOfPlace(name))?;
        Ok(true)
    }

    fn store(&mut self, id: u32, without_hash: bool) -> Result<bool, Violation> {
        match self.find(id)? {
            None | Some(Stage::Cancelled) => Ok(false),
            Some(Stage::Storing { is_bare, .. }) if *is_bare != without_hash => {
                Err(Violation::OutOfPlace(if without_hash { "BARE" } else { "DATA" }))
            }
            Some(Stage::Storing { under_way, .. }) if *under_way >= WINDOW => Err(Violation::OverWindow),
            Some(Stage::Storing { under_way, .. }) => {
                *under_way += 1;
                Ok(true)
            }
            Some(_) => Err(Violation::OutOfPlace("DATA")),
        }
    }

    /// The server has told the client that a transfer is ready.
    pub(crate) fn ready(&mut self, id: u32) {
        if let Some(stage) = self.open.get_mut(&id)
            && let Stage::Looking(direction) = *stage
        {
            *stage = Stage::Ready(direction);
        }
    }

    /// So many blocks of it were dealt with, and more may come.
    pub(crate) fn dealt_with(&mut self, id: u32, blocks: u16) {
        if let Some(Stage::Storing { under_way, .. }) = self.open.get_mut(&id) {
            *under_way = under_way.saturating_sub(blocks);
        }
    }

    /// It is over.
    pub(crate) fn over(&mut self, id: u32) {
        self.open.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::wire::{Block, Get, Put};

    fn greeted() -> Ledger {
        let mut ledger = Ledger::default();
        ledger.take(Request::Hello { features: 0 }).unwrap();
        ledger
    }

    fn block(index: u32) -> Block<'static> {
        Block { index, hash: Some([0; 32]), bytes: b"x" }
    }

    #[test]
    fn the_first_word_is_hello_and_comes_once() {
        assert_eq!(Ledger::default().take(Request::Ping), Err(Violation::NotGreeted));
        assert_eq!(greeted().take(Request::Hello { features: 0 }), Err(Violation::GreetedTwice));
    }

    #[test]
    fn requests_are_numbered_in_order() {
        let mut ledger = greeted();
        ledger.take(Request::Stat(1, Vec::new())).unwrap();
        assert_eq!(ledger.take(Request::Stat(1, Vec::new())), Err(Violation::OutOfOrder { id: 1, expected: 2 }));
        assert_eq!(ledger.take(Request::Cancel(2)), Err(Violation::NeverAsked(2)));
        ledger.over(1);
        assert_eq!(ledger.take(Request::Cancel(1)), Ok(None), "its client could not know");
    }

    #[test]
    fn no_more_blocks_come_than_the_window_takes() {
        let mut ledger = greeted();
        ledger.take(Request::Put(1, Put::default())).unwrap();
        assert_eq!(ledger.take(Request::Begin(1, 1, false)), Err(Violation::OutOfPlace("BEGIN")));
        ledger.ready(1);
        assert_eq!(ledger.take(Request::Data(1, block(0))), Err(Violation::OutOfPlace("DATA")));
        ledger.take(Request::Begin(1, 0, false)).unwrap();
        for index in 0..WINDOW.into() {
            assert!(ledger.take(Request::Data(1, block(index))).unwrap().is_some());
        }
        assert_eq!(ledger.take(Request::Data(1, block(9))), Err(Violation::OverWindow));
        ledger.dealt_with(1, 1);
        assert!(ledger.take(Request::Data(1, block(9))).is_ok());
        let bare = Block { hash: None, ..block(10) };
        assert_eq!(ledger.take(Request::Data(1, bare)), Err(Violation::OutOfPlace("BARE")));
        ledger.take(Request::Finish(1, 1, [0; 32])).unwrap();
        assert_eq!(ledger.take(Request::Data(1, block(10))), Err(Violation::OutOfPlace("DATA")));
    }

    #[test]
    fn what_is_read_is_not_written_to() {
        let mut ledger = greeted();
        ledger.take(Request::Get(1, Get::default())).unwrap();
        ledger.ready(1);
        ledger.take(Request::Begin(1, 0, false)).unwrap();
        assert_eq!(ledger.take(Request::Data(1, block(0))), Err(Violation::OutOfPlace("DATA")));
        for _ in 0..=MOST_AGAIN {
            assert!(ledger.take(Request::Again(1, 0)).unwrap().is_some());
        }
        assert_eq!(ledger.take(Request::Again(1, 0)), Err(Violation::OutOfPlace("AGAIN")));
    }

    #[test]
    fn who_begins_with_the_first_block_need_not_wait() {
        let mut ledger = greeted();
        ledger.take(Request::Put(1, Put::default())).unwrap();
        assert!(ledger.take(Request::Begin(1, 0, false)).unwrap().is_some());
        assert!(ledger.take(Request::Data(1, block(0))).unwrap().is_some());
        assert!(ledger.take(Request::Finish(1, 1, [0; 32])).unwrap().is_some());
        // It has gone on meanwhile.
        ledger.ready(1);
        assert_eq!(ledger.take(Request::Begin(1, 0, false)), Err(Violation::OutOfPlace("BEGIN")));
        ledger.take(Request::Get(2, Get::default())).unwrap();
        assert!(ledger.take(Request::Begin(2, 0, false)).unwrap().is_some());
        ledger.ready(2);
        assert!(ledger.take(Request::Finish(2, 1, [0; 32])).unwrap().is_some());
    }

    #[test]
    fn of_what_is_wanted_no_more_nothing_else_is_heard() {
        let mut ledger = greeted();
        ledger.take(Request::Put(1, Put::default())).unwrap();
        ledger.ready(1);
        ledger.take(Request::Begin(1, 0, false)).unwrap();
        assert!(ledger.take(Request::Cancel(1)).unwrap().is_some());
        for late in [
            Request::Cancel(1),
            Request::Data(1, block(0)),
            Request::Finish(1, 1, [0; 32]),
            Request::Begin(1, 0, false),
        ] {
            assert_eq!(ledger.take(late), Ok(None));
        }
    }

    #[test]
    fn nobody_asks_for_more_than_is_bounded() {
        let mut ledger = greeted();
        for id in 1..=64 {
            ledger.take(Request::List(id, Vec::new())).unwrap();
        }
        assert_eq!(ledger.take(Request::List(65, Vec::new())), Err(Violation::TooMany));
    }
}
