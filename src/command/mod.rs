//! Remote commands.

mod exit;
mod mux;
#[allow(unsafe_code)]
mod sys;
mod wire;

#[cfg(feature = "fuzzing")]
pub(crate) use mux::{ClientMux, ServerMux};
#[cfg(feature = "fuzzing")]
pub(crate) use wire::{Report, Request};

pub use exit::{Exit, ExitKind};
pub use wire::{Output, Refusal, Signal, Violation};
