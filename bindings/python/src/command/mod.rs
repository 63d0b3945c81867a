//! Remote commands.

mod catalogue;
mod client;
mod exit;
mod job;
mod server;
mod slot;

pub(crate) use client::CommandClient;
pub(crate) use exit::{CommandExit, CompletedCommand};
pub(crate) use job::CommandJob;
pub(crate) use server::CommandServer;
pub(crate) use slot::{Slot, Template};
