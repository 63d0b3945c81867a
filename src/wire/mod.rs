//! What the binary protocols of services have in common: how a message is taken apart and put together, and last words.
//!
//! A message is a type of one byte, a number of four that tells what it is about (0 is the connection), and a body, in a
//! frame of four bytes of length.

mod farewell;
mod fields;
mod numbered;

pub(crate) use farewell::{Farewell, shown};
pub(crate) use fields::{Broken, FRAME, Fields, framed, framed_in, put_counted, put_head, split};
pub(crate) use numbered::numbered;
