//! The protocols the load generator speaks.

mod json;
mod plain;
mod stamp2;

pub(crate) use json::Json;
pub(crate) use plain::Plain;
pub(crate) use stamp2::Stamp2;
