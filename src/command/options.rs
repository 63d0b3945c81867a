//! How a command server behaves; every limit of its memory and patience.

use std::time::Duration;

use super::cgroup::Cgroup;
use super::life::{Survivors, Terms};
use super::wire::MESSAGE_LIMIT;
use crate::error::sentence;
use crate::exposure::Guarded;
use crate::frame::Framing;
use crate::options::{self, Named, options};
use crate::reactor::{HostOptions, Hosting, Listening, hosting, listening};
use crate::{Error, Result, Status};

options! {
    /// Options of a [`CommandServer`](super::CommandServer). Make them with [`CommandServerOptions::new`], set `auth` and other
    /// fields, start. Here a member is a client, and its messages are what it asks for.
    pub struct CommandServerOptions at "Where to listen.";
    rows {
        /// Beyond this machine, speak without TLS all the same: who is on the way reads and changes what is said.
        allow_plaintext: Flag = false;
    }
    shared listening;
    rows {
        /// How long a command may run that asks for no other time.
        command_timeout: Seconds = 3600.0, zero is "for ever";
        /// The longest time that may be asked for; a command that asks for more is refused.
        longest_timeout: Seconds = 86_400.0, zero is "any";
        /// Bytes that a command may write to both outputs together; then it is ended.
        output_limit: Count = 0, zero is "as many as it likes";
        /// Commands of one client at a time; more are refused.
        command_limit: Count = 256, at least 1, at most 65_535;
        /// Commands of all clients at a time; more are refused.
        total_limit: Count = 1024, at least 1;
        /// How long a command has that was asked to end (SIGTERM) before it is killed: out of time, over its output, its client
        /// gone, or the server stopping.
        kill_grace: Seconds = 2.0, zero is "killed at once";
        /// What becomes of processes of a command that outlive it: they are killed, left alone, or waited for.
        survivors: Choice(Survivors) = Survivors::Kill;
        /// A folder of the unified cgroup hierarchy that belongs to this user. Each command gets a cgroup in it, so that no
        /// process escapes its end, not even one with a session of its own.
        cgroup: Text = None;
    }
    shared hosting;
    rows {
        /// How long a client may be silent before it is sent a ping.
        ping_interval: Seconds = 25.0, zero is "never";
        /// How long the answer to a ping may take.
        ping_timeout: Seconds = 10.0;
    }
}

impl Named for Survivors {
    const NAMES: &'static [&'static str] = &["kill", "leave", "wait"];
    const VALUES: &'static [Survivors] = &[Survivors::Kill, Survivors::Leave, Survivors::Wait];
}

/// What a client's requests may leave in its outbox is far below this.
const SMALLEST_OUTBOX: usize = 256 * 1024;

/// How remote commands are kept to those who may run them.
pub(super) const GUARDED: Guarded = Guarded {
    server: "a command server",
    client: "a client of remote commands",
    deed: "whoever gets in may run commands",
    goods: "remote commands",
};

impl CommandServerOptions {
    pub(super) fn host(&self) -> Result<HostOptions> {
        let listening = self.listening().host(&self.endpoint, Framing::U32Be, MESSAGE_LIMIT)?;
        Ok(listening.keep(&self.hosting()).ping(self.ping_interval, self.ping_timeout))
    }

    /// What may wait for a client before its commands are not read any more.
    pub(super) fn output_room(&self) -> usize {
        self.outbox_limit / 4
    }

    /// The terms of a command that asks for that time, in milliseconds; `None` if that is too much.
    pub(super) fn terms(&self, asked: u32) -> Option<Terms> {
        let asked = if asked == 0 { self.command_timeout } else { Duration::from_millis(asked.into()) };
        let is_endless = asked.is_zero();
        let longest = self.longest_timeout;
        if !longest.is_zero() && (is_endless || asked > longest) {
            return None;
        }
        let (patience, survivors) = (self.kill_grace, self.survivors);
        Some(Terms { timeout: (!is_endless).then_some(asked), patience, survivors })
    }

    /// What can be said of the options before a socket is made.
    pub(super) fn check(&self) -> Result<()> {
        let is_plain = self.tls.is_none() && !self.allow_plaintext;
        GUARDED.check_server(self.auth.as_ref(), self.allow_anonymous, is_plain, &self.endpoint)?;
        options::check(self)?;
        let wrong = |text: String| Err(Error::new(Status::InvalidArgument, text));
        if self.outbox_limit < SMALLEST_OUTBOX {
            return wrong(format!("outbox_limit is {}, expected at least {SMALLEST_OUTBOX}", self.outbox_limit));
        }
        if self.terms(0).is_none() {
            return wrong("command_timeout is more than longest_timeout".into());
        }
        if self.command_timeout.as_millis() > u32::MAX.into() {
            return wrong(format!("command_timeout is {:?}, expected at most 49 days", self.command_timeout));
        }
        match &self.cgroup {
            Some(root) => Cgroup::check(root.as_ref())
                .map_err(|error| Error::from_io(&error, format_args!("cgroup {root}: {}", sentence(&error)))),
            None => Ok(()),
        }
    }
}
