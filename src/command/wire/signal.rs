//! The signals that a client may send to a command.

use super::violation::Violation;
use crate::wire::numbered;

numbered! {
    /// A signal for all processes of a command. The numbers are Linux's, on every system.
    pub enum Signal: u8 {
        /// The terminal is gone; many daemons read their configuration again.
        Hangup = 1, "HUP";
        /// What Ctrl-C sends.
        Interrupt = 2, "INT";
        /// What Ctrl-\ sends.
        Quit = 3, "QUIT";
        /// Ends whatever it is, at once.
        Kill = 9, "KILL";
        /// For the program's own use.
        User1 = 10, "USR1";
        /// For the program's own use.
        User2 = 12, "USR2";
        /// Asks to end.
        Terminate = 15, "TERM";
        /// The terminal has another size.
        WindowChange = 28, "WINCH";
    }
}

impl Signal {
    /// Its number.
    pub fn number(self) -> u8 {
        self.code()
    }

    /// The signal of that number, if it can be sent.
    pub fn from_number(number: u8) -> Option<Signal> {
        Signal::from_code(number)
    }

    pub(super) fn from_wire(number: u8) -> Result<Signal, Violation> {
        Signal::from_code(number).ok_or(Violation::UnknownSignal(number))
    }
}
