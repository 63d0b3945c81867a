//! Remote commands.

mod audit;
mod begin;
mod catalogue;
mod cgroup;
mod client;
mod errand;
mod exit;
mod finish;
mod hub;
mod input;
mod job;
mod life;
mod mux;
mod options;
mod outputs;
mod process;
mod server;
mod service;
mod session;
mod slot;
mod spawner;
#[allow(unsafe_code)]
mod sys;
mod template;
mod wire;

#[cfg(feature = "fuzzing")]
pub(crate) use mux::{ClientMux, ServerMux};
#[cfg(feature = "fuzzing")]
pub(crate) use wire::{Report, Request};

pub use catalogue::Catalogue;
pub use client::{Command, CommandClient, CommandClientOptions, CommandError, Completed, Job, JobInput, JobOutput};
pub use exit::{Exit, ExitKind};
pub use life::Survivors;
pub use options::CommandServerOptions;
pub use server::{CommandServer, CommandStats};
pub use slot::Slot;
pub use template::Template;
pub use wire::{Output, Refusal, Signal, Violation};
