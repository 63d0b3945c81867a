//! What a client knows of its way back: pure, so that whatever servers answer can be tried without one.

use std::time::Instant;

use serde_json::json;

use super::incoming::{Incoming, IncomingKind, Terms};
use super::options::{ClientOptions, hello, request};
use crate::frame::Framing;
use crate::net::Waits;
use crate::peer::LeaveReason;
use crate::{Error, Result, Status};

/// How often a name that is taken is asked for, each time on another connection: whoever has it may be our own last one, which
/// the server still takes for alive.
const NAME_TRIES: u32 = 5;

/// Messages of the room behind which nobody waits any more for a name, in line chat.
const HELD: usize = 64;

/// Of one client, connection after connection.
pub(super) struct Returning {
    pub(super) waits: Waits,
    framing: Framing,
    /// What asks for our name.
    hello: Option<String>,
    /// A server has given us one: it is ours to ask for until we have it again.
    named: bool,
    /// Names what the server remembers of us.
    session: Option<String>,
    /// How far we have come in the log.
    position: Option<(String, u64)>,
    refused_names: u32,
    /// Since when this connection stands.
    began: Instant,
    arrival: Arrival,
}

/// What a connection is waiting for before what is said may go on.
#[derive(Default)]
struct Arrival {
    /// There was a connection before.
    later: bool,
    welcome: bool,
    resumed: bool,
    name: bool,
    /// The session that the server has begun for this connection.
    fresh: Option<String>,
    gap: Option<Incoming>,
    /// What has come meanwhile.
    held: Vec<Incoming>,
}

/// What to do with what has come.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// Show it to the program.
    Tell(Incoming),
    /// Wait for more.
    Wait,
    /// We are in: show all of this to the program.
    Arrived(Vec<Incoming>),
}

impl Returning {
    /// Of a first connection, which is made.
    pub(super) fn new(options: &ClientOptions, now: Instant) -> Option<Returning> {
        let plan = options.reconnect?;
        Some(Returning {
            waits: Waits::new(plan),
            framing: options.framing,
            hello: options.hello(),
            named: false,
            session: None,
            position: None,
            refused_names: 0,
            began: now,
            arrival: Arrival { welcome: options.framing != Framing::Line, ..Arrival::default() },
        })
    }

    /// Another connection is made; returns what is said on it before anything else.
    pub(super) fn begin(&mut self, now: Instant) -> Vec<String> {
        self.began = now;
        let (resumed, name) = (self.session.is_some(), self.hello.is_some());
        let gap = (self.framing == Framing::Line).then(|| {
            let text = "the connection was lost; what was said meanwhile is not known".to_owned();
            Incoming::own(IncomingKind::Gap, text)
        });
        self.arrival = Arrival { later: true, welcome: true, resumed, name, gap, ..Arrival::default() };
        let resume = self.session.as_ref().map(|session| json!({"type": "resume", "session": session}).to_string());
        resume.into_iter().chain(self.hello.clone()).collect()
    }

    /// The connection has ended; one that has stood for long makes the next wait a short one.
    pub(super) fn ended(&mut self, now: Instant) {
        if !self.is_arriving() {
            self.waits.stood(now.saturating_duration_since(self.began));
        }
    }

    /// Whether the server has yet to take us in.
    pub(super) fn is_arriving(&self) -> bool {
        self.arrival.welcome || self.arrival.resumed || self.arrival.name
    }

    /// Whether a server of line chat has yet to answer whether we have our name. Not all of them do.
    pub(super) fn awaits_name(&self) -> bool {
        self.framing == Framing::Line && self.arrival.name
    }

    /// Whether the server acknowledges what carries a number.
    pub(super) fn acknowledges(&self) -> bool {
        self.session.is_some()
    }

    /// The server has welcomed us.
    pub(super) fn welcomed(&mut self, incoming: Incoming, terms: &Terms) -> Step {
        self.arrival.welcome = false;
        if self.arrival.later {
            self.arrival.gap = self.gap_before(&incoming);
        }
        self.position = Some((incoming.epoch.clone(), incoming.seq));
        self.arrival.fresh.clone_from(&terms.session);
        if !self.arrival.resumed {
            self.session.clone_from(&terms.session);
        }
        self.hold(incoming)
    }

    /// The server has answered whether it remembers us.
    pub(super) fn resumed(&mut self, known: bool) -> Step {
        if std::mem::take(&mut self.arrival.resumed) && !known {
            self.session = self.arrival.fresh.take();
        }
        self.step()
    }

    /// Anything else has come.
    ///
    /// # Errors
    /// The server does not give us our name: once more on another connection (`ConnectionReset`), or not at all.
    pub(super) fn heard(&mut self, incoming: Incoming) -> Result<Step> {
        if incoming.is_farewell() {
            // The end of the connection tells of it, unless it is the first one's or an end that we were in.
            let silent = self.arrival.later && self.is_arriving();
            return Ok(if silent { Step::Wait } else { Step::Tell(incoming) });
        }
        match incoming.kind {
            IncomingKind::Named => self.called(incoming.from.name.as_deref()),
            // Requests are answered in their order. A server that has never heard of this one refuses it.
            IncomingKind::Refused if self.arrival.resumed => return Ok(self.resumed(false)),
            IncomingKind::Refused if self.arrival.name && self.named => return self.unnamed(&incoming),
            IncomingKind::Refused => self.arrival.name = false,
            _ if incoming.seq > 0 => self.position = Some((incoming.epoch.clone(), incoming.seq)),
            _ => {}
        }
        if self.framing == Framing::Line {
            self.arrival.welcome = false;
            // A server without commands says to the room what it was asked.
            let is_said = self.hello.as_ref() == Some(&incoming.text);
            self.arrival.name &= !is_said && self.arrival.held.len() < HELD;
        }
        Ok(self.hold(incoming))
    }

    /// A server that does not welcome anybody has not sent us away for a while, nor said anything of our name.
    pub(super) fn waited(&mut self) -> Step {
        (self.arrival.welcome, self.arrival.name) = (false, false);
        self.step()
    }

    /// We have that name. In line chat people take another one when they like.
    fn called(&mut self, name: Option<&str>) {
        (self.arrival.name, self.refused_names, self.named) = (false, 0, true);
        if self.framing == Framing::Line {
            self.hello = name.map(request);
        }
    }

    /// A server of message chat has given us the name that the program has asked for.
    pub(super) fn renamed(&mut self, name: Option<&str>) {
        self.hello = name.map(hello);
        self.named = true;
    }

    fn unnamed(&mut self, incoming: &Incoming) -> Result<Step> {
        self.refused_names += 1;
        let error = incoming.refusal().unwrap_or_else(|| Status::ProtocolViolation.into());
        if self.refused_names < NAME_TRIES {
            return Err(error.with_status(Status::ConnectionReset));
        }
        Err(error)
    }

    fn hold(&mut self, incoming: Incoming) -> Step {
        if !self.arrival.later {
            return Step::Tell(incoming);
        }
        self.arrival.held.push(incoming);
        self.step()
    }

    /// Tells of our return when nothing is waited for any more.
    fn step(&mut self) -> Step {
        if !self.arrival.later || self.is_arriving() {
            return Step::Wait;
        }
        let Arrival { gap, held, .. } = std::mem::take(&mut self.arrival);
        let back = Incoming::own(IncomingKind::Reconnected, "connected again".to_owned());
        Step::Arrived([Some(back), gap].into_iter().flatten().chain(held).collect())
    }

    /// What is missing between the newest entry that we have and the welcome.
    fn gap_before(&self, welcome: &Incoming) -> Option<Incoming> {
        let missed = match &self.position {
            Some((epoch, seq)) if *epoch == welcome.epoch => Some(welcome.seq.saturating_sub(*seq)),
            _ => None,
        };
        let text = match missed {
            Some(0) => return None,
            Some(1) => "the connection was lost; 1 message was missed".to_owned(),
            Some(count) => format!("the connection was lost; {count} messages were missed"),
            None => "the connection was lost, and the room has begun anew; what was said before that is not known"
                .to_owned(),
        };
        let (seq, epoch) = (welcome.seq, welcome.epoch.clone());
        Some(Incoming { seq, epoch, missed, ..Incoming::own(IncomingKind::Gap, text) })
    }
}

/// Whether another try would end in the same way.
pub(super) fn is_final(error: &Error) -> bool {
    use Status::{
        AuthenticationFailed, Forked, InvalidArgument, InvalidText, MessageTooLong, NotSupported, Panicked,
        ProtocolViolation, Refused,
    };
    let finals = [
        AuthenticationFailed,
        Forked,
        InvalidArgument,
        InvalidText,
        MessageTooLong,
        NotSupported,
        Panicked,
        ProtocolViolation,
        Refused,
    ];
    finals.contains(&error.status())
}

/// Whether a server that says goodbye in these words does not want us back.
pub(super) fn is_final_farewell(words: &str, status: Option<Status>) -> bool {
    const SENT_AWAY: [LeaveReason; 4] =
        [LeaveReason::Disconnected, LeaveReason::Banned, LeaveReason::MessageTooLong, LeaveReason::ProtocolViolation];
    let is_kept_out = matches!(status, Some(Status::AuthenticationFailed | Status::Refused));
    is_kept_out || SENT_AWAY.iter().any(|reason| reason.as_str() == words)
}

#[cfg(test)]
mod tests;
