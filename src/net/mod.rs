//! Addresses, streams, listeners, deadlines and wake-up: the only part that talks to the operating system's sockets.
//!
//! Sockets here stay in blocking mode; the `try_` calls pass `MSG_DONTWAIT` for one call instead. One object thus
//! serves a blocking caller and a poller alike, and a descriptor handed over from elsewhere in non-blocking mode works too.

mod address;
mod address_text;
mod backoff;
mod cancel;
mod deadline;
mod inherited;
mod listener;
mod places;
mod polling;
mod queue;
mod resolver;
mod signal;
mod sockaddr;
pub mod socket;
mod socket_file;
mod stream;
#[allow(unsafe_code)]
mod sys;
mod thread;
mod waiting;

pub use address::{Address, Endpoint};
pub use backoff::Backoff;
pub(crate) use backoff::Waits;
pub use cancel::Cancel;
pub use deadline::Deadline;
pub(crate) use deadline::LOOK_UP;
pub(crate) use inherited::PrivateFd;
pub use inherited::after_fork;
pub use listener::{ListenOptions, Listener};
pub(crate) use places::Places;
pub(crate) use polling::AdaptivePolling;
pub(crate) use queue::Queue;
pub(crate) use signal::Signal;
pub use stream::Stream;
#[cfg(target_os = "linux")]
pub(crate) use sys::start_write_back;
pub(crate) use sys::{Place, forks, sharpen_timers};
pub(crate) use thread::Threads;
pub(crate) use thread::start;
pub use thread::{on_library_thread, spawn};
