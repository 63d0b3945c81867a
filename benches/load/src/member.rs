//! One member of the room.

use std::io::{self, Write};
use std::net::TcpStream;

use crate::args::Args;
use crate::course::Course;
use crate::format::Format;
use crate::joining::Joining;
use crate::wire::{self, Wire};

/// A client in the room or on its way there.
pub(crate) struct Member {
    pub(crate) wire: Wire,
    pub(crate) course: Course,
    /// `None` once the checks have begun.
    pub(crate) joining: Option<Joining>,
    /// The place in the list of senders.
    pub(crate) sender: Option<usize>,
}

impl Member {
    /// A member that has connected.
    pub(crate) fn new(wire: Wire, course: Course, sender: Option<usize>) -> Member {
        Member { wire, course, joining: Some(Joining::default()), sender }
    }
}

/// Connections that will never read. They say what they have to say to be members.
pub(crate) fn connect_deaf(args: &Args, format: &dyn Format) -> io::Result<Vec<TcpStream>> {
    let mut hello = Vec::new();
    format.hello(&mut hello);
    let connect = |_| {
        let mut stream = wire::connect(args.address)?;
        stream.write_all(&hello).map(|()| stream)
    };
    (0..args.deaf).map(connect).collect()
}
