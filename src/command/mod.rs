//! Remote commands.

mod catalogue;
mod exit;
mod mux;
mod slot;
#[allow(unsafe_code)]
mod sys;
mod template;
mod wire;

#[cfg(feature = "fuzzing")]
pub(crate) use mux::{ClientMux, ServerMux};
#[cfg(feature = "fuzzing")]
pub(crate) use wire::{Report, Request};

pub use catalogue::Catalogue;
pub use exit::{Exit, ExitKind};
pub use slot::Slot;
pub use template::Template;
pub use wire::{Output, Refusal, Signal, Violation};
