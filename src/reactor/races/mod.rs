//! See [`crate::races`].

mod ending;
mod inbox;
