//! What is asked of a server.

use std::time::Duration;

use crate::command::mux::{Budget, Window};
use crate::command::wire::{Flags, Run};
use crate::{Error, Result, Status};

/// A command as a server knows it: a name of its catalogue, and arguments for the places that are free there.
///
/// ```
/// use std::time::Duration;
/// use rustchat::command::Command;
///
/// let command = Command::new("log").arg("20").timeout(Duration::from_secs(5));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Command {
    name: Vec<u8>,
    args: Vec<Vec<u8>>,
    env: Vec<(Vec<u8>, Vec<u8>)>,
    timeout: Option<Duration>,
    output_limit: u64,
    flags: Flags,
    input: Vec<u8>,
    check: bool,
}

impl Command {
    /// The command of that name.
    pub fn new(name: impl AsRef<[u8]>) -> Command {
        Command { name: name.as_ref().to_vec(), ..Command::default() }
    }

    /// A program text for the server's shell, if it has one. Its arguments are `$1` and so on, which nothing in them can
    /// leave: whatever comes from elsewhere belongs there, and not into the text.
    pub fn shell(text: impl AsRef<[u8]>) -> Command {
        let mut command = Command::new(text);
        command.flags.shell = true;
        command
    }

    /// One more argument.
    pub fn arg(mut self, arg: impl AsRef<[u8]>) -> Command {
        self.args.push(arg.as_ref().to_vec());
        self
    }

    /// More arguments.
    pub fn args(mut self, args: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Command {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_vec()));
        self
    }

    /// A variable, if the server lets it be set.
    pub fn env(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Command {
        self.env.push((name.as_ref().to_vec(), value.as_ref().to_vec()));
        self
    }

    /// How long it may run: then the server ends it, whatever becomes of this client. Without it as long as the server gives.
    pub fn timeout(mut self, timeout: Duration) -> Command {
        self.timeout = Some(timeout);
        self
    }

    /// Bytes that it may write to both outputs together; then the server ends it. 0 is as many as the server allows.
    pub fn output_limit(mut self, bytes: u64) -> Command {
        self.output_limit = bytes;
        self
    }

    /// Its standard error goes where its standard output goes, in the order in which it is written.
    pub fn merge_stderr(mut self) -> Command {
        self.flags.merge = true;
        self
    }

    /// What it reads, for [`CommandClient::run`](super::CommandClient::run). Without it its input is empty.
    pub fn input(mut self, input: impl AsRef<[u8]>) -> Command {
        self.input = input.as_ref().to_vec();
        self.flags.stdin = true;
        self
    }

    /// Input is written while it runs: see [`Job::stdin`](super::Job::stdin).
    pub fn with_stdin(mut self) -> Command {
        self.flags.stdin = true;
        self
    }

    /// [`CommandClient::run`](super::CommandClient::run) fails with `CommandFailed` unless it succeeds.
    pub fn check(mut self) -> Command {
        self.check = true;
        self
    }

    pub(super) fn is_checked(&self) -> bool {
        self.check
    }

    pub(super) fn has_stdin(&self) -> bool {
        self.flags.stdin
    }

    pub(super) fn initial_input(&self) -> &[u8] {
        &self.input
    }

    /// What there is to name it by in an error.
    pub(super) fn label(&self) -> String {
        let name = String::from_utf8_lossy(&self.name);
        let short: String = name.chars().take(40).flat_map(char::escape_debug).collect();
        format!("command '{short}'")
    }

    /// The message that asks for it with these windows, if it can be said.
    pub(super) fn request(&self, windows: &[Window; 2], most_bytes: u32) -> Result<Run<'_>> {
        let slices = |texts: &[(Vec<u8>, Vec<u8>)]| texts.iter().map(|(a, b)| a.len() + b.len() + 4).sum::<usize>();
        let args = self.args.iter().map(|arg| arg.len() + 2).sum::<usize>();
        let total = self.name.len() + 2 + args + slices(&self.env);
        if total > most_bytes as usize {
            let text = format!("{} with its arguments has {total} bytes, the server takes {most_bytes}", self.label());
            return Err(Error::new(Status::MessageTooLong, text));
        }
        if self.env.len() > u8::MAX.into() {
            return Err(Error::new(Status::InvalidArgument, "a command has at most 255 variables"));
        }
        let timeout = match self.timeout {
            None => 0,
            Some(Duration::ZERO) => {
                return Err(Error::new(
                    Status::InvalidArgument,
                    "timeout is 0, expected more: no command takes no time",
                ));
            }
            // Rounded up, so that it is never none.
            Some(timeout) => u32::try_from(timeout.as_nanos().div_ceil(1_000_000)).unwrap_or(u32::MAX),
        };
        Ok(Run {
            flags: self.flags,
            timeout,
            credit: windows.each_ref().map(Window::size),
            limit: self.output_limit,
            name: &self.name,
            args: self.args.iter().map(Vec::as_slice).collect(),
            env: self.env.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect(),
        })
    }

    /// The windows that it begins with: of what nobody may ask for before the rest, there is room for more.
    pub(super) fn windows(&self, budget: &mut Budget, unread_errors: u32) -> [Window; 2] {
        let now = std::time::Instant::now();
        [Window::new(0, budget, now), Window::new(unread_errors, budget, now)]
    }
}
