//! What a server tells its embedder.

use std::sync::Arc;
use std::time::SystemTime;

use super::member::Member;
use super::session::Receipt;
use crate::Error;
use crate::net::Address;
use crate::peer::LeaveReason;

/// A message of the room.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its number in the room: 1, 2, 3 … without a gap. 0 while a filter has yet to let it pass.
    pub seq: u64,
    /// When the server read it.
    pub time: SystemTime,
    /// Who sent it.
    pub from: Arc<Member>,
    /// The one member that it is for; `None` when it is for the room. What is said to one alone is never told of by
    /// [`Event::Message`], but a filter is asked about it as about all else.
    pub to: Option<Arc<Member>>,
    /// The text, without the end of the line.
    pub text: Arc<str>,
    /// Who has numbered it is told what becomes of it.
    pub(super) receipt: Option<Arc<Receipt>>,
}

/// Something that happened on a server. All events of a server come in one order, which is that of the room.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// The server accepts connections at this address.
    Listening(Address),
    /// A member joined; every later message reaches it.
    Joined(Arc<Member>),
    /// A peer at this address failed to prove that it holds a key, or took too long.
    AuthenticationFailed(Address),
    /// A server that was started without a handler wants to know, by [`ChatServer::answer`](super::ChatServer::answer) with this
    /// number.
    Ask(QuestionId, Question),
    /// So many more peers failed within a second, the last of them at this address. The first failure is told at once;
    /// those that follow it closely are counted, since strangers can bring about as many as they like.
    AuthenticationsFailed(u64, Address),
    /// A member said something.
    Message(Message),
    /// A member has taken a name, another one than this, or none: what it is called is [`Member::name`]. A first name was none before.
    /// What it has said before comes before.
    Renamed(Arc<Member>, Option<Arc<str>>),
    /// A member is gone, for this reason.
    Left(Arc<Member>, LeaveReason),
    /// This many events were lost because the embedder did not take them in time.
    Overflow(u64),
    /// Something went wrong that belongs to no member, for example no descriptor was left for a new connection.
    Error(Error),
    /// The server has stopped. Comes once, and last.
    Closed,
}

/// Names a question: never used twice by a server, never 0.
pub type QuestionId = u64;

/// What a server without a handler asks by [`Event::Ask`] whoever polls.
#[derive(Debug, Clone)]
pub enum Question {
    /// May this connection join? [`Verdict::Deliver`] lets it in, every other verdict does not. Asked if
    /// [`ServerOptions::authorize`](super::ServerOptions::authorize) is on. Nothing else waits for the answer.
    Join(Arc<Member>),
    /// What becomes of this message? Asked if [`ServerOptions::filter`](super::ServerOptions::filter) is on, and then
    /// [`Event::Message`] comes only with [`Events::Said`](super::Events::Said). Later messages wait for the answer, and so do the
    /// ends of those who have spoken.
    Message(Message),
}

impl Event {
    /// How many failed handshakes it tells of; `None` when it is about something else.
    pub(super) fn failures(&self) -> Option<u64> {
        match self {
            Event::AuthenticationFailed(_) => Some(1),
            Event::AuthenticationsFailed(count, _) => Some(*count),
            _ => None,
        }
    }
}

/// Decides and observes on the server's dispatcher thread, one call at a time and with no lock held.
///
/// A call may use the server freely, except that waiting for its end is refused with `WouldDeadlock`.
/// A panic in a call is logged. One in [`Handler::authorize`] keeps the peer out; what one in [`Handler::filter`] means for
/// its message is the option [`ServerOptions::filter_failure`](super::ServerOptions::filter_failure).
pub trait Handler: Send {
    /// Whether a connection may join. Asked after authentication, if [`ServerOptions::authorize`] is on.
    ///
    /// [`ServerOptions::authorize`]: super::ServerOptions::authorize
    fn authorize(&mut self, _member: &Arc<Member>) -> bool {
        true
    }

    /// What to do with a message before anybody sees it. Asked if [`ServerOptions::filter`] is on;
    /// [`Handler::event`] is then not called for messages.
    ///
    /// [`ServerOptions::filter`]: super::ServerOptions::filter
    fn filter(&mut self, _message: &Message) -> Verdict {
        Verdict::Deliver
    }

    /// Something happened.
    fn event(&mut self, event: Event);

    /// Who is told what the members have said to the room, as the room has got it, on a thread of its own that nobody waits for:
    /// what filters and is told of events goes on beside it. Asked once, when the server starts; `None` costs nothing.
    ///
    /// It is told one message at a time, in the room's order, and may do what the handler may. Of messages that it does not take in
    /// time the oldest are lost past [`ServerOptions::event_limit`], and counted as lost events. A panic is logged. When the server
    /// ends, what still waits is told until its drain is over, then lost.
    ///
    /// [`ServerOptions::event_limit`]: super::ServerOptions::event_limit
    fn observer(&mut self) -> Option<Observer> {
        None
    }
}

/// What [`Handler::observer`] gives.
pub type Observer = Box<dyn FnMut(Message) + Send>;

/// A filter's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The room gets the message as it is.
    Deliver,
    /// The room gets this text instead. One that may not be said, or is longer than
    /// `message_limit` of the [`ServerOptions`](super::ServerOptions), goes to nobody: that is logged, and who said
    /// the message is told.
    Replace(String),
    /// Nobody gets it, and nobody is told but a speaker who has asked what becomes of it (`ref` in message chat).
    Drop,
    /// The filter could not decide: [`ServerOptions::filter_failure`](super::ServerOptions::filter_failure) does.
    Failed,
}
