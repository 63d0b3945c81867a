//! The first line of a delivery.

use std::io::Write;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

/// Formats the local time once a second, the address once.
pub(crate) struct Stamp {
    second: u64,
    line: Vec<u8>,
    peer: SocketAddr,
}

impl Stamp {
    pub(crate) fn new(peer: SocketAddr) -> Stamp {
        Stamp { second: 0, line: Vec::new(), peer }
    }

    /// Appends stamp line and text line.
    pub(crate) fn write(&mut self, text: &[u8], out: &mut Vec<u8>) {
        let second = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        if second != self.second {
            self.second = second;
            self.line.clear();
            let time = jiff::Zoned::now();
            let _ = writeln!(self.line, "{} {}", time.strftime("%Y/%m/%d %H:%M:%S"), self.peer);
        }
        out.extend_from_slice(&self.line);
        out.extend_from_slice(text);
        out.push(b'\n');
    }
}
