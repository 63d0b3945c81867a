//! Why a command is not run.

use crate::wire::numbered;

numbered! {
    /// The rule by which a server does not run a command, of which nothing was executed. The numbers are those of the wire.
    pub enum Refusal: u16 {
        /// No command has that name.
        UnknownCommand = 1, "unknown command";
        /// It takes more arguments, or fewer.
        ArgumentCount = 2, "wrong number of arguments";
        /// An argument is none of those that its place takes.
        ArgumentPattern = 3, "an argument does not match its pattern";
        /// An argument is too long.
        ArgumentTooLong = 4, "an argument is too long";
        /// An argument holds a zero byte.
        Nul = 5, "an argument holds a zero byte";
        /// There is no shell, or it was not asked for by name.
        Shell = 6, "no shell here";
        /// A variable that clients may not set.
        Environment = 7, "a variable may not be set";
        /// As many commands run as may.
        Busy = 8, "too many commands";
        /// The system could not start it.
        SpawnFailed = 9, "could not be started";
        /// The program is not there, or may not be executed.
        NotExecutable = 10, "not executable";
        /// The server stops.
        Stopping = 11, "the server stops";
        /// It takes no input.
        Stdin = 12, "takes no input";
        /// It is not sent that signal.
        Signal = 13, "is not sent that signal";
        /// It was to have more time than any command has.
        Timeout = 14, "more time than any command has";
        /// Another key may run it, but not this one.
        NotPermitted = 15, "not permitted for this key";
    }
}
