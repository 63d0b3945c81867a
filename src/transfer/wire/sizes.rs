//! How much goes into what.

/// What is hashed, sent and resumed as one: each but the last block of a file has so many bytes.
pub(crate) const BLOCK: usize = 1024 * 1024;

/// A whole message, at most.
pub(crate) const MESSAGE_LIMIT: usize = BLOCK + 64;

/// Blocks that a client may have sent and not heard of.
pub(crate) const WINDOW: u16 = 8;

/// Bytes of hashes or entries in one message, at most.
pub(crate) const PAGE: usize = 32 * 1024;
