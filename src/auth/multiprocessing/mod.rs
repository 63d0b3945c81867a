//! The `multiprocessing` profile: what `multiprocessing.connection` of Python's standard library speaks, in
//! both of its generations.
//!
//! # The wire
//! Each message is a frame, whatever the framing of the session: its length as a signed 32-bit big-endian
//! number, from 1 to 256, then its bytes. Any other length is refused before a byte of the message is read.
//!
//! | | message | from | bytes |
//! |---|---|---|---|
//! | 1 | challenge | server | `#CHALLENGE#`, then what is to be answered |
//! | 2 | answer | client | see below |
//! | 3 | verdict | server | `#WELCOME#` or `#FAILURE#` |
//! | 4 | challenge | client | as 1 |
//! | 5 | answer | server | as 2 |
//! | 6 | verdict | client | as 3 |
//!
//! The session begins with the byte after message 5 in one direction, after message 6 in the other. Whoever
//! refuses sends `#FAILURE#` in the place of its next message and closes.
//!
//! | generation | what is to be answered | answer |
//! |---|---|---|
//! | Python 3.12 and newer | `{sha256}`, then 40 random bytes | `{sha256}`, then HMAC-SHA-256(secret, all that is to be answered) |
//! | Python 3.11 and older | 20 random bytes | HMAC-MD5(secret, those), 16 bytes and nothing else |
//!
//! An older peer takes a newer one's challenge as it is, prefix and all, and answers it in its own manner.
//! rustchat always asks in the newer manner. What the newer generation of Python would also take, other
//! digests by name, its own code never sends; it is refused.
//!
//! # What is accepted
//! * With `multiprocessing:sha256` the newer generation alone: a challenge of 20 bytes gets no answer, an
//!   answer of 16 bytes is wrong.
//! * With `multiprocessing:md5` both, but a peer is of one generation from its first message on: who has
//!   answered by SHA-256 is not answered by MD5.
//!
//! There are no key ids: the server tries every key of its ring, always all of them; of ids with the same
//! secret the first in order counts.
//!
//! # Answering oneself
//! Both roles answer by the same key, and a client answers first. So whoever plays the server to a client
//! twice could let the second connection answer what the first one asks. A client's challenge therefore
//! bears a mark, which looks random to everybody without the secret: the last 16 of its 40 bytes are the
//! first 16 of HMAC-SHA-256(secret, `rustchat multiprocessing client` || the other 24). A rustchat client
//! refuses challenges with that mark; others know nothing of it and answer. A server's challenge bears none,
//! since anybody may ask for one and would get something to try secrets on.
//!
//! # What it does not do
//! Nothing ties the answers to a role, a peer or a connection: who can stand between the two can relay them
//! and take the session over, and who plays the server to a client gets an answer to try secrets on. Prefer
//! [`super::mutual`] where both ends are rustchat.

mod client;
mod proof;
mod server;
mod wire;

pub(super) use client::Client;
pub(super) use server::Server;
