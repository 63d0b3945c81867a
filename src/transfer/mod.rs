//! File transfer.

mod audit;
mod begin;
mod blocks;
mod client;
mod commit;
mod count;
mod deed;
mod digest;
mod disk;
mod download;
mod fault;
mod ground;
mod hearing;
mod hub;
mod ledger;
mod listing;
mod metadata;
mod names;
mod options;
mod part;
mod partials;
mod publish;
mod purse;
mod root;
#[cfg(test)]
mod scratch;
mod script;
mod scripted;
mod server;
mod service;
mod session;
mod store;
mod task;
mod upload;
mod walk;
mod wire;

#[cfg(feature = "fuzzing")]
pub(crate) use ledger::Ledger;
#[cfg(feature = "fuzzing")]
pub(crate) use names::path as checked_path;
#[cfg(feature = "fuzzing")]
pub(crate) use wire::{Report, Request};

pub use client::{
    DirectoryEntry, Download, FileClient, FileClientOptions, FileError, Progress, Transferred, Tree, Upload,
};
pub use ground::Follow;
pub use names::RemotePath;
pub use options::FileServerOptions;
pub use server::{FileServer, FileStats};
pub use wire::{FileKind, FileTime, Metadata, Refusal, Violation};
