//! Who ran what, in the log: a record when a command begins and one when it has ended, so that a server that is killed
//! between leaves the first. Whatever a client sent stands in it as text that can neither end a line nor reach a terminal.

use super::exit::Exit;
use super::template::Line;
use super::wire::{Refusal, Signal};
use crate::audit::{Client, TARGET, quoted};

/// A command in the log.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) id: u64,
    client: Client,
}

impl Record {
    pub(super) fn new(id: u64, client: &Client) -> Record {
        Record { id, client: client.clone() }
    }

    /// The key that its client has proved.
    pub(super) fn key_id(&self) -> &str {
        &self.client.key_id
    }

    /// It is about to be started.
    pub(super) fn begin(&self, line: &Line) {
        log::info!(target: TARGET, "command {} begins: {} runs {}", self.id, self.client, command_line(line));
    }

    pub(super) fn signalled(&self, signal: Signal) {
        log::info!(target: TARGET, "command {}: {} sends signal {}", self.id, self.client, signal.number());
    }

    pub(super) fn refused(&self, why: Refusal, text: &str) {
        log::warn!(target: TARGET, "command {} refused: {}: {}: {}", self.id, self.client, why, quoted(text.as_bytes()));
    }

    /// It is over; `gone` when nobody was there who would have heard of it.
    pub(super) fn end(&self, exit: &Exit, gone: bool) {
        let gone = if gone { ", its client was gone" } else { "" };
        let survivors = if exit.survivors_killed { ", survivors killed" } else { "" };
        log::info!(
            target: TARGET,
            "command {} ends: {exit}{gone}{survivors}, {} + {} bytes, {:.3} s",
            self.id,
            exit.stdout_bytes,
            exit.stderr_bytes,
            exit.wall.as_secs_f64()
        );
    }
}

/// A command line as a JSON array.
fn command_line(line: &Line) -> String {
    let shown = line.argv.iter().zip(&line.secret).map(|(arg, secret)| quoted(if *secret { b"***" } else { arg }));
    format!("[{}]", shown.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let mut line = Line::new("/bin/login".as_ref(), None);
        line.push(b"--password=hunter2".to_vec(), true);
        assert_eq!(command_line(&line), r#"["/bin/login","***"]"#);
    }
}
