//! The codec, and the clocks.

use std::time::Instant;

use tokio::net::TcpStream;
use tokio_util::codec::{Framed, LengthDelimitedCodec};

use crate::Result;

/// A 4-byte big-endian length before each message, as rustchat's default.
pub(crate) type Connection = Framed<TcpStream, LengthDelimitedCodec>;

/// Wraps a stream.
pub(crate) fn framed(stream: TcpStream) -> Result<Connection> {
    stream.set_nodelay(true)?;
    let mut codec = LengthDelimitedCodec::new();
    codec.set_max_frame_length(16 << 20);
    let mut framed = Framed::with_capacity(stream, codec, 256 << 10);
    // The default of 8 KiB makes a write of each 8 KiB.
    framed.set_backpressure_boundary(64 << 10);
    Ok(framed)
}

/// CPU time of this process, from the kernel's account.
pub(crate) fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|field| field.parse::<f64>().ok()).map_or(0.0, |value| value / 1e9)
}

/// What a caller prints.
pub(crate) fn report(what: &str, count: u64, begin: Instant, cpu: f64) {
    let (seconds, cpu) = (begin.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    println!("{{\"{what}\": {count}, \"seconds\": {seconds}, \"cpu_seconds\": {cpu}}}");
}
