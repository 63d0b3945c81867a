//! File transfer.

mod client;
mod entry;
mod server;

pub(crate) use client::FileClient;
pub(crate) use entry::{FileEntry, FileProgress, TransferredFile, TransferredFolder};
pub(crate) use server::FileServer;
