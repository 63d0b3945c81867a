//! Who may say what when: many commands over one connection, as state machines without I/O, clock or thread.
//!
//! For each command that a client begins there is exactly one REFUSED, or STARTED, output, the ends of both outputs and
//! EXIT in this order, and nothing behind it. No output is ever sent that there was no credit for, and each output of each
//! command has its own: none waits for another. There is none for a whole connection.

mod client;
mod flow;
mod server;
#[cfg(test)]
mod tests;
mod window;

pub(crate) use client::ClientMux;
pub(crate) use server::ServerMux;
pub(crate) use window::{Budget, Window};
