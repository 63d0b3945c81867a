//! What an embedder who polls was asked, and what has to wait for the answers.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::event::{Event, Message, Question, QuestionId, Verdict};
use super::item::Item;
use super::member::Member;
use crate::peer::LeaveReason;
use crate::reactor::PeerRef;
use crate::sync::Mutex;
use crate::{Error, Result, Status};

/// Questions that were taken from the queue of events. Messages stand in a line, in the order in which they were said: what
/// the answers make of them is published in that order, and whoever leaves does so behind what it has said.
///
/// Its lock is taken last of all, and held for no other.
#[derive(Default)]
pub(super) struct Questions {
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    last: QuestionId,
    line: VecDeque<(QuestionId, Place)>,
    joins: HashMap<QuestionId, PeerRef>,
    /// Messages that nobody has taken from the queue of events yet.
    untaken: usize,
    /// What stands behind them there.
    following: usize,
    /// What was first in the line is being done.
    passing: bool,
}

pub(super) enum Place {
    Asked(Message),
    Answered(Message, Verdict),
    /// A member leaves; what it said before stands before this.
    Parting(PeerRef, LeaveReason),
    Departed(Arc<Member>, LeaveReason),
    /// The server stops; all that was said stands before this.
    Last,
}

impl Questions {
    /// A message goes to the queue of events.
    pub(super) fn submit(&self) {
        self.open.lock().untaken += 1;
    }

    /// Whether something has to go to the queue of events as well, behind a message there or in the line. Otherwise all that was
    /// said is where it is to be, and whoever polls has nothing to do with it.
    pub(super) fn must_follow(&self) -> bool {
        let mut open = self.open.lock();
        let must = open.passing || open.untaken > 0 || open.following > 0 || !open.line.is_empty();
        open.following += usize::from(must);
        must
    }

    /// What could pass has passed. Whether something stands in the queue of events that may follow.
    pub(super) fn rest(&self) -> bool {
        let mut open = self.open.lock();
        open.passing = false;
        open.following > 0
    }

    /// Has a number for what is asked, and a place in the line for what waits for answers; what is told, if anything.
    pub(super) fn ask(&self, item: Item) -> Option<Item> {
        let mut open = self.open.lock();
        open.untaken -= usize::from(matches!(item, Item::Submitted(_)));
        open.following -= usize::from(item.follows());
        let id = open.last + 1;
        let (place, question) = match item {
            Item::Event(_) => return Some(item),
            // Who has left is heard no more: nobody is asked about it.
            Item::Submitted(message) if message.from.is_silenced() => (Place::Answered(message, Verdict::Drop), None),
            Item::Submitted(message) => (Place::Asked(message.clone()), Some(Question::Message(message))),
            Item::Authorize(member, peer) => {
                open.last = id;
                open.joins.insert(id, peer);
                return Some(Item::Event(Event::Ask(id, Question::Join(member))));
            }
            Item::Parting(peer, reason) => (Place::Parting(peer, reason), None),
            Item::Departed(member, reason) => (Place::Departed(member, reason), None),
            Item::LastSubmitted => (Place::Last, None),
        };
        open.last = id;
        open.line.push_back((id, place));
        question.map(|question| Item::Event(Event::Ask(id, question)))
    }

    /// How many answers are awaited, about.
    pub(super) fn unanswered(&self) -> usize {
        let open = self.open.lock();
        open.line.len() + open.joins.len()
    }

    /// Takes an answer; if it is about a join, who that is and whether they are let in.
    pub(super) fn answer(&self, id: QuestionId, verdict: Verdict) -> Result<Option<(PeerRef, bool)>> {
        let mut open = self.open.lock();
        if let Some(peer) = open.joins.remove(&id) {
            return Ok(Some((peer, verdict == Verdict::Deliver)));
        }
        let index = open.line.binary_search_by_key(&id, |(id, _)| *id);
        if let Some((_, place)) = index.ok().and_then(|index| open.line.get_mut(index))
            && let Place::Asked(message) = place
        {
            *place = Place::Answered(message.clone(), verdict);
            return Ok(None);
        }
        Err(Error::new(Status::InvalidArgument, format!("there is no question {id} that was not answered")))
    }

    /// The first in the line, if it waits for nothing.
    pub(super) fn next(&self) -> Option<Place> {
        let mut open = self.open.lock();
        match open.line.front()? {
            (_, Place::Asked(_)) => None,
            _ => {
                open.passing = true;
                open.line.pop_front().map(|(_, place)| place)
            }
        }
    }
}
