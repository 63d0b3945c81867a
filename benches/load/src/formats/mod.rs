//! The protocols the load generator speaks.

mod json;
mod line;
mod nats;
mod plain;
mod resp;
mod stamp2;
mod zmtp;

pub(crate) use json::Json;
pub(crate) use nats::Nats;
pub(crate) use plain::Plain;
pub(crate) use resp::Resp;
pub(crate) use stamp2::Stamp2;
pub(crate) use zmtp::Zmtp;
