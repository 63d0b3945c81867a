//! The signals that a client may send to a command.

use super::violation::Violation;

/// A signal for all processes of a command. The numbers are Linux's, on every system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Signal {
    /// The terminal is gone; many daemons read their configuration again.
    Hangup = 1,
    /// What Ctrl-C sends.
    Interrupt = 2,
    /// What Ctrl-\ sends.
    Quit = 3,
    /// Ends whatever it is, at once.
    Kill = 9,
    /// For the program's own use.
    User1 = 10,
    /// For the program's own use.
    User2 = 12,
    /// Asks to end.
    Terminate = 15,
    /// The terminal has another size.
    WindowChange = 28,
}

impl Signal {
    /// All that can be sent.
    pub const ALL: [Signal; 8] = [
        Signal::Hangup,
        Signal::Interrupt,
        Signal::Quit,
        Signal::Kill,
        Signal::User1,
        Signal::User2,
        Signal::Terminate,
        Signal::WindowChange,
    ];

    /// Its number.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The signal of that number, if it can be sent.
    pub fn from_number(number: u8) -> Option<Signal> {
        Signal::ALL.into_iter().find(|signal| signal.number() == number)
    }

    pub(super) fn from_wire(number: u8) -> Result<Signal, Violation> {
        Signal::from_number(number).ok_or(Violation::UnknownSignal(number))
    }
}
