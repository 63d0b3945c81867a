//! The `mutual` profile: both sides prove that they hold the secret, in the shape of RFC 5802.
//!
//! # The wire
//! Each message is a frame, whatever the framing of the session: a length as an unsigned 32-bit
//! big-endian number, then that many bytes, the first of which is the type. All numbers are
//! big-endian, `u8` and `u32` are unsigned; a message that is longer than its fields is refused.
//!
//! | type | message | from | fields after the type |
//! |---|---|---|---|
//! | 1 | `ClientHello` | client | magic: the 8 bytes `rustchat`; version: `u8` = 1; number of suites: `u8`, at least 1; suite ids: `u8` each; features: `u32`; length of the key id: `u8`, at most 64; key id; nonce: 32 random bytes |
//! | 2 | `ServerHello` | server | version: `u8` = 1; suite: `u8`, one of those offered; features: `u32`; length of the server id: `u8`, at most 64; server id; kind of channel binding: `u8`, 0 = none; nonce: 32 random bytes |
//! | 3 | `ClientProof` | client | 32 bytes |
//! | 4 | `ServerProof` | server | 32 bytes |
//! | 5 | `Refused` | either | none |
//! | 6 | `Reminder` | server | text that begins with `rustchat`, for people |
//! | 7 | `NoSecret` | an end without a secret | text that begins with `rustchat`, for people |
//!
//! Messages 1 to 4 are sent in this order; the session begins with the byte after message 3 in one
//! direction, after message 4 in the other. A client sends nothing of the session before it has checked
//! message 4. A server may send `Reminder` once before message 2, to a peer that is silent or no client of this profile; a
//! client passes over it. `NoSecret` answers a `ClientHello` where no secret is set.
//! `Refused` takes the place of the next message of whoever refuses, who then closes.
//!
//! Suite 1, the only one: HMAC-SHA-256 (RFC 2104). Ids are UTF-8 without control characters.
//! A server ignores bits of `features` that it does not know and answers with the ones it agrees to; a client refuses an
//! answer with bits that it has not offered. Bits 0 and 1 are the kinds of channel binding 1 and 2, of which the
//! server agrees to the strongest that both can do.
//!
//! # The keys
//! `||` joins bytes, `len(x)` is the length of `x` in bytes as a `u32`, texts in quotes are ASCII.
//! A hello counts here with its type byte, as it was on the wire, so that `len(x) || x` is its frame.
//! ```text
//! T            = SHA-256("rustchat mutual v1 transcript"
//!                        || len(ClientHello) || ClientHello
//!                        || len(ServerHello) || ServerHello
//!                        || len(binding)     || binding)
//! PRK          = HKDF-Extract(salt = client nonce || server nonce, IKM = secret)        (RFC 5869)
//! client key   = HKDF-Expand(PRK, "rustchat mutual v1 client proof" || T, 32)
//! server key   = HKDF-Expand(PRK, "rustchat mutual v1 server proof" || T, 32)
//! session key  = HKDF-Expand(PRK, "rustchat mutual v1 session" || T, 32)
//! ClientProof  = HMAC-SHA-256(client key, T)
//! ServerProof  = HMAC-SHA-256(server key, T || ClientProof)
//! ```
//! `binding` is the channel binding value (RFC 5056), which never crosses the wire; it is empty when
//! the kind is 0. Kind 1 is `tls-exporter` (RFC 9266), kind 2 `tls-server-end-point` (RFC 5929); any other is for ends that
//! are set to it beforehand.
//!
//! # Why it holds
//! * Each role has a key of its own and both nonces are in both: a message sent back to its author, or
//!   taken from another session, proves nothing.
//! * Both hellos are in `T`: whoever changes an offer, an id or an answer on the way spoils the proofs.
//! * The value of the channel is in `T`: whoever relays the messages between two channels spoils the proofs of both ends.
//! * The client proves itself first, so that a stranger gets nothing to try secrets on; whoever
//!   watches a whole handshake can, hence secrets should be random.
//! * The key of an id is looked up when the proof is checked: a revoked one fails up to that moment, and
//!   an unknown id meets a random key there, so that it looks the same as a wrong secret.

mod binding;
mod channel;
mod client;
mod hello;
mod keys;
mod server;
mod wire;

pub use binding::ChannelBinding;
pub(super) use channel::Terms;
pub use channel::{Channel, Requirement};
pub(super) use client::Client;
pub(super) use server::Server;
pub(super) use wire::REMINDER;
