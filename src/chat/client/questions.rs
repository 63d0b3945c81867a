//! What a client has asked its server and not been answered.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::incoming::{Incoming, IncomingKind, Page};
use super::sender::Sender;
use crate::net::Queue;
use crate::sync::Mutex;
use crate::{Error, Result};

/// What a server has answered to a [`ClientQuestion`](super::ClientQuestion).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAnswer {
    /// Who is there, in the order in which they came.
    Who(Vec<Sender>),
    /// The name is ours, or none is any more.
    Named,
}

/// The numbers of questions, which no message of a client's gets: those are counted from 1. JSON has them exactly.
const FIRST: u64 = 1 << 52;

/// Members of an answer, at most: a server that tells of more tells nonsense.
const MOST: usize = 1 << 20;

/// Where somebody waits for an answer.
pub(super) type Inbox = Arc<Queue<Result<ClientAnswer>>>;

/// What was asked and not answered. Its lock is held for nothing that waits.
#[derive(Default)]
pub(super) struct Questions {
    open: Mutex<Open>,
    /// How many wait, for who must not take the lock.
    count: AtomicUsize,
}

#[derive(Default)]
struct Open {
    asked: u64,
    /// In the order in which they were asked.
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    number: u64,
    about: About,
    inbox: Inbox,
}

pub(super) enum About {
    /// Who is there, as far as it was told.
    Who(Vec<Sender>),
    /// In line chat, where answers have no numbers, it is known by the name.
    Name(Option<String>),
}

impl Questions {
    /// A number for a question, and where its answer will be.
    pub(super) fn add(&self, about: About) -> (u64, Inbox) {
        let inbox = Arc::new(Queue::new());
        let mut open = self.open.lock();
        let number = FIRST + open.asked;
        open.asked += 1;
        open.waiting.push_back(Waiting { number, about, inbox: Arc::clone(&inbox) });
        self.count.store(open.waiting.len(), Ordering::SeqCst);
        (number, inbox)
    }

    /// Nobody waits for the answer any more.
    pub(super) fn forget(&self, number: u64) {
        self.take(|waiting| waiting.number == number);
    }

    fn take(&self, which: impl Fn(&Waiting) -> bool) -> Option<Waiting> {
        let mut open = self.open.lock();
        let index = open.waiting.iter().position(which)?;
        let waiting = open.waiting.remove(index);
        self.count.store(open.waiting.len(), Ordering::SeqCst);
        waiting
    }

    /// Whether somebody waits for an answer.
    pub(super) fn any(&self) -> bool {
        self.count.load(Ordering::SeqCst) > 0
    }

    fn conclude(&self, which: impl Fn(&Waiting) -> bool, answer: Result<ClientAnswer>) -> bool {
        self.take(which).map(|waiting| waiting.inbox.close_with(answer)).is_some()
    }

    /// Some of those who are there; what is to be asked next, if there are more.
    pub(super) fn present(&self, page: Page) -> Option<String> {
        let mut open = self.open.lock();
        let index = open.waiting.iter().position(|waiting| Some(waiting.number) == page.number)?;
        let Waiting { about: About::Who(all), number, .. } = &mut open.waiting[index] else { return None };
        let before = all.last().map_or(0, |sender| sender.id);
        all.extend(page.members);
        let last = all.last().map_or(0, |sender| sender.id);
        if page.more && last > before && all.len() < MOST {
            return Some(who(*number, last));
        }
        let (number, members) = (*number, std::mem::take(all));
        drop(open);
        self.conclude(|waiting| waiting.number == number, Ok(ClientAnswer::Who(members)));
        None
    }

    /// The server has answered that question.
    pub(super) fn named(&self, number: u64) {
        self.conclude(|waiting| waiting.number == number, Ok(ClientAnswer::Named));
    }

    /// Whether it was a question that the server has refused.
    pub(super) fn refused(&self, number: u64, refusal: &Incoming) -> bool {
        let Some(error) = refusal.refusal() else { return false };
        self.conclude(|waiting| waiting.number == number, Err(error))
    }

    /// What line chat says of names; whether that is an answer for nobody else.
    pub(super) fn heard(&self, incoming: &Incoming) -> bool {
        match incoming.kind {
            IncomingKind::Named => {
                let is_it = |about: &About| matches!(about, About::Name(name) if *name == incoming.from.name);
                self.conclude(|waiting| is_it(&waiting.about), Ok(ClientAnswer::Named));
                false
            }
            IncomingKind::Refused => {
                let is_it = |about: &About| matches!(about, About::Name(Some(name)) if is_about(&incoming.text, name));
                let Some(error) = incoming.refusal() else { return false };
                self.conclude(|waiting| is_it(&waiting.about), Err(error))
            }
            _ => false,
        }
    }

    /// The connection is gone, and with it whatever would be answered.
    pub(super) fn fail(&self, why: &Error) {
        let mut open = self.open.lock();
        let waiting = std::mem::take(&mut open.waiting);
        self.count.store(0, Ordering::SeqCst);
        drop(open);
        waiting.iter().for_each(|waiting| waiting.inbox.close_with(Err(why.clone())));
    }
}

/// Whether line chat refuses that name, or any other.
fn is_about(refusal: &str, name: &str) -> bool {
    refusal.starts_with(&format!("the name '{name}' "))
        || refusal.starts_with(&format!("name '{name}': "))
        || refusal.starts_with("this connection has had too many names")
}

/// What asks who is there, of those who came after `after`.
pub(super) fn who(number: u64, after: u64) -> String {
    json!({"type": "who", "after": after, "ref": number}).to_string()
}
