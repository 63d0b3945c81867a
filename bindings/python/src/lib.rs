//! The Python face of rustchat: the module `rustchat._rustchat`, which the package `rustchat` shows to its users.
//!
//! It calls the core's public Rust API and nothing below it. Three rules keep it free of deadlocks:
//! - a lock of this crate is taken by attached threads only and never held across a wait, so that nobody waits for
//!   the interpreter with a lock in hand, and `fork` (which needs the interpreter) never copies a taken one;
//! - a thread with the interpreter in hand only tries the core's locks (`wait.rs`), so that one with such a lock in hand
//!   may wait for the interpreter;
//! - a thread of the library's own never waits for the interpreter with one of the core's locks in hand: hooks are
//!   called with none, and log records go through a queue (`log.rs`).

mod address;
mod arguments;
mod backoff;
mod buffer;
mod challenge;
mod client;
mod command;
mod connection;
mod credentials;
mod decoder;
mod deferred;
mod error;
mod handshake;
mod held;
mod hook;
#[allow(unsafe_code)]
mod introduction;
#[allow(unsafe_code)]
mod kept;
mod keyring;
mod lifetime;
mod listener;
mod locks;
mod log;
mod options;
mod parking;
mod run;
mod server;
mod serving;
mod socket;
mod stats;
mod stream_listener;
mod testing;
mod time;
mod tls;
mod transfer;
mod turn;
#[allow(unsafe_code)]
mod unwind;
#[allow(unsafe_code)]
mod wait;

/// The compiled part of the package `rustchat`. Use the package: it has the same names and the documentation.
#[pyo3::pymodule(name = "_rustchat", gil_used = true)]
mod module {
    use pyo3::prelude::*;
    use pyo3::types::PyTuple;
    use rustchat::auth::Profile;
    use rustchat::frame::Framing;

    #[pymodule_export]
    use crate::backoff::Backoff;
    #[pymodule_export]
    use crate::challenge::{challenge, generate_key, respond, tutorial_respond, tutorial_verify, verify};
    #[pymodule_export]
    use crate::client::{ChatClient, ClientQuestion, Message, Sender};
    #[pymodule_export]
    use crate::command::{CommandClient, CommandExit, CommandJob, CommandServer, CompletedCommand, Slot, Template};
    #[pymodule_export]
    use crate::connection::{Connection, connect};
    #[pymodule_export]
    use crate::decoder::{Decoder, encode};
    #[pymodule_export]
    use crate::handshake::{ClientHandshake, ServerHandshake};
    #[pymodule_export]
    use crate::introduction::Introduction;
    #[pymodule_export]
    use crate::keyring::KeyRing;
    #[pymodule_export]
    use crate::listener::{Listener, listen};
    #[pymodule_export]
    use crate::options::server_options;
    #[pymodule_export]
    use crate::parking::ParkingLot;
    #[pymodule_export]
    use crate::server::{Ban, ChatServer, Client, ServerEvent};

    #[pymodule_export]
    use crate::socket::{Socket, close, dup, getdefaulttimeout, setdefaulttimeout, socketpair};

    #[pymodule_export]
    use crate::stats::{ClientStats, Histogram, ServerStats};
    #[pymodule_export]
    use crate::stream_listener::StreamListener;
    #[pymodule_export]
    use crate::testing::{Secured, World};
    #[pymodule_export]
    use crate::tls::Tls;
    #[pymodule_export]
    use crate::transfer::{FileClient, FileEntry, FileProgress, FileServer, TransferredFile, TransferredFolder};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("FRAMINGS", PyTuple::new(module.py(), Framing::ALL.map(Framing::name))?)?;
        module.add("PROFILES", PyTuple::new(module.py(), Profile::NAMES.map(|(name, _)| name))?)?;
        // They would be imported at the first use, in the midst of a call: a daemon thread may not survive that.
        for needed in ["datetime", "rustchat.errors"] {
            module.py().import(needed)?;
        }
        crate::log::install();
        crate::lifetime::register(module)
    }
}
