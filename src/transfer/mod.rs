//! File transfer.

mod digest;
mod fault;
mod ledger;
mod names;
mod root;
#[cfg(test)]
mod scratch;
mod walk;
mod wire;

pub use names::RemotePath;
pub use root::Follow;
pub use wire::{FileKind, FileTime, Metadata, Refusal, Violation};
