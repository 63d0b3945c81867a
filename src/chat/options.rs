//! How a chat server behaves; every limit of its memory and patience.

use std::time::Duration;

use crate::auth::Profile;
use crate::frame::Framing;
use crate::options::{self, Named, options};
use crate::reactor::{HostOptions, Hosting, Listening, hosting, listening};
use crate::{Error, Result, Status};

options! {
    /// Options of a [`ChatServer`](super::ChatServer). Make them with [`ServerOptions::new`], set fields, start.
    pub struct ServerOptions at "Where to listen.";
    rows {
        /// Lines for line chat, any other for message chat.
        framing: Framing = Framing::Line;
    }
    shared listening;
    rows {
        /// The time zone of the stamps in line chat, as the variable `TZ` has it: empty for UTC, the name or path of a zone's
        /// file, or rules. One that cannot be read is UTC. Without it the system's, `/etc/localtime`.
        ///
        /// The environment is not read, since the program may be changing it: who wants its `TZ` gives it here.
        time_zone: Text = None, not in Python;
        /// Tell the room who joins and leaves.
        announce: Flag = false;
        /// Whether lines that begin with a slash are commands, as `/name`, `/who`, `/msg` and `/help` are, and names stand before
        /// the addresses of those who have one (line chat only). Without it they are, but for the profile tutorial, whose scripts
        /// know of no such thing.
        commands: Switch = None;
        /// Ask the program before a connection joins.
        ///
        /// That is [`Handler::authorize`](super::Handler::authorize).
        authorize: Flag = false, not in Python;
        /// Ask the program before a message is published. Without it messages never wait for the program.
        ///
        /// That is [`Handler::filter`](super::Handler::filter).
        filter: Flag = false, not in Python;
        /// What becomes of a message whose filter fails: nobody gets it, or the room gets it as it is.
        filter_failure: Choice(FilterFailure) = FilterFailure::Drop, keyword is "on_error";
        /// Longest message in bytes. It counts a member's line without its end, and in message chat the whole frame with its
        /// JSON and escapes; of what the program or a filter says it counts the text alone. A longer one is refused.
        message_limit: Count = 0, zero is "8 KiB for lines, 64 KiB otherwise";
    }
    shared hosting;
    rows {
        /// Messages at once and messages a second from one member; over that it is read more slowly, and nothing is lost. A
        /// second number of 0 is no limit. Without it 20 and 10, peers on this machine exempt.
        rate: Rate = None;
        /// The file in which bans are kept: read at start, written whole when somebody is banned or let in again. Several servers may
        /// have the same one. Without it bans end with the server.
        ban_file: Text = None;
        /// How long a broadcast, or a message to one member, waits for members that read to take what was said before.
        ///
        /// That is [`ChatServer::broadcast`](super::ChatServer::broadcast) and `send`; afterwards they answer `Overflow`.
        send_timeout: Seconds = 10.0, zero is "not at all";
        /// How long a member may be silent before it is sent a ping (message chat).
        ping_interval: Seconds = 25.0, zero is "never";
        /// How long the answer to a ping may take.
        ping_timeout: Seconds = 10.0;
        /// Events that may wait for the program; then members are read more slowly.
        event_limit: Count = 8192, at least 1;
        /// What happens past that limit.
        event_overflow: Choice(Overflow) = Overflow::Block, not in Python;
        /// Which events are queued for the program. A server that nobody asks keeps none.
        ///
        /// They come to [`ChatServer::poll`](super::ChatServer::poll) or the handler.
        events: Choice(Events) = Events::None, not in Python;
    }
}

/// What becomes of a message whose filter panics or answers [`Verdict::Failed`](super::Verdict::Failed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FilterFailure {
    /// Nobody gets it, and who said it is told so: a filter that keeps words or people out must not open by a bug.
    #[default]
    Drop,
    /// The room gets it as it is: a filter that only decorates must not silence anybody.
    Pass,
}

/// What happens when the embedder does not take its events in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overflow {
    /// Members are not read until there is room: nothing is lost, and the room waits for the embedder.
    #[default]
    Block,
    /// The oldest message event is lost, and counted.
    DropOldest,
    /// The new message event is lost, and counted.
    DropNewest,
    /// The member whose message does not fit is disconnected.
    Disconnect,
}

/// Which kinds of events are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Events {
    /// None.
    None,
    /// All but messages.
    Membership,
    /// All. With a filter that is asked, no messages.
    All,
    /// All, with a filter those messages that it has let pass, as the room has got them.
    Said,
}

impl Named for FilterFailure {
    const NAMES: &'static [&'static str] = &["drop", "pass"];
    const VALUES: &'static [FilterFailure] = &[FilterFailure::Drop, FilterFailure::Pass];
}

impl Named for Overflow {
    const NAMES: &'static [&'static str] = &["block", "drop oldest", "drop newest", "disconnect"];
    const VALUES: &'static [Overflow] =
        &[Overflow::Block, Overflow::DropOldest, Overflow::DropNewest, Overflow::Disconnect];
}

impl Named for Events {
    const NAMES: &'static [&'static str] = &["none", "membership", "all", "said"];
    const VALUES: &'static [Events] = &[Events::None, Events::Membership, Events::All, Events::Said];
}

/// What goes to the members at once, where outboxes are large.
const BATCH_SIZE: usize = 256 * 1024;

const MINIMUM_OUTBOX: usize = 4 * 1024;

impl ServerOptions {
    /// Longest message in bytes, with the default filled in.
    pub fn message_limit(&self) -> usize {
        match (self.message_limit, self.framing) {
            (0, Framing::Line) => 8 * 1024,
            (0, _) => 64 * 1024,
            (limit, _) => limit,
        }
    }

    /// Whether there are commands and names, with the default filled in.
    pub fn commands(&self) -> bool {
        let is_tutorial = self.auth.as_ref().is_some_and(|auth| matches!(auth.profile(), Profile::Tutorial(_)));
        self.framing == Framing::Line && self.commands.unwrap_or(!is_tutorial)
    }

    /// What goes to the members at once, about, at most: whoever reads must be able to follow.
    pub(super) fn batch_size(&self) -> usize {
        BATCH_SIZE.min(self.outbox_limit / 4)
    }

    /// The part of them that is about connections, whatever they are for.
    pub(super) fn host(&self) -> Result<HostOptions> {
        // Lines have no answer to a ping.
        let pings = if self.framing == Framing::Line { Duration::ZERO } else { self.ping_interval };
        let listening = self.listening().host(&self.endpoint, self.framing, self.message_limit())?;
        Ok(listening.keep(&self.hosting()).ping(pings, self.ping_timeout))
    }

    /// What can be said of the options before a socket is made.
    pub(super) fn check(&self) -> Result<()> {
        self.listening().check_exposure(&self.endpoint)?;
        options::check(self)?;
        let wrong = |text: String| Err(Error::new(Status::InvalidArgument, text));
        // Every character may need an escape, and the envelope of a message is a few hundred bytes.
        let widest = self.message_limit().saturating_mul(2).saturating_add(1024);
        if self.outbox_limit < MINIMUM_OUTBOX.max(widest) {
            return wrong(format!(
                "outbox_limit is {}, expected at least {} to hold one message of message_limit {}",
                self.outbox_limit,
                MINIMUM_OUTBOX.max(widest),
                self.message_limit()
            ));
        }
        match self.rate {
            Some(rate) if !rate.per_second.is_finite() || rate.per_second < 0.0 => {
                wrong(format!("rate is {} messages a second, expected 0 (no limit) or more", rate.per_second))
            }
            Some(rate) if rate.per_second > 0.0 && rate.burst == 0 => {
                wrong("rate has a burst of 0, expected at least 1: no message would ever pass".into())
            }
            _ => Ok(()),
        }
    }
}
