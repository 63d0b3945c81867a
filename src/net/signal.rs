//! A wake-up that a descriptor can wait for.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net::UnixStream;

use super::inherited::Note;
use crate::{Error, Result};

/// A level-triggered flag with a descriptor: readable from [`Signal::set`] until [`Signal::clear`].
///
/// Callers keep the descriptor's owner alive while they wait for it. Setting an already set signal is free of effect.
#[derive(Debug)]
pub(crate) struct Signal {
    _notes: [Note; 2],
    reader: UnixStream,
    writer: UnixStream,
}

impl Signal {
    pub(crate) fn new() -> Result<Signal> {
        let make = || -> io::Result<Signal> {
            let (reader, writer) = UnixStream::pair()?;
            reader.set_nonblocking(true)?;
            writer.set_nonblocking(true)?;
            let _notes = [&reader, &writer].map(|end| Note::private(end.as_raw_fd()));
            Ok(Signal { _notes, reader, writer })
        };
        make().map_err(|error| Error::from_io(&error, "make a wake-up descriptor"))
    }

    /// Makes the descriptor readable. A full pipe means that it is readable already.
    pub(crate) fn set(&self) {
        let _ = (&self.writer).write(&[1]);
    }

    /// Makes the descriptor unreadable.
    pub(crate) fn clear(&self) {
        let mut sink = [0; 64];
        while matches!((&self.reader).read(&mut sink), Ok(count) if count == sink.len()) {}
    }

    pub(crate) fn raw_fd(&self) -> RawFd {
        self.reader.as_raw_fd()
    }
}

impl AsFd for Signal {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}
