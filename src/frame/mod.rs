//! Framing: where one message ends and the next begins in a stream of bytes.
//!
//! Everything here is pure: no I/O, no clock, no thread. A [`Decoder`] is fed any split of the
//! bytes and gives whole messages; an [`Envelope`] is what the wire has around one message.
//!
//! ```
//! use rustchat::frame::{self, Decoder, Framing};
//!
//! let wire = frame::encode(Framing::U32Be, b"hello")?;
//! let mut decoder = Decoder::new(Framing::U32Be, 1024);
//! decoder.push(&wire[..3])?;
//! assert_eq!(decoder.next()?, None);
//! decoder.push(&wire[3..])?;
//! assert_eq!(decoder.next()?, Some(&b"hello"[..]));
//! # Ok::<(), rustchat::Error>(())
//! ```

mod buffer;
mod decoder;
mod envelope;
mod framing;
mod skip;
mod split;

pub use decoder::Decoder;
pub use envelope::{Envelope, encode};
pub use framing::Framing;
pub(crate) use skip::{Skip, Skipped};
pub use split::Split;
