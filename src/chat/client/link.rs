//! The connection of a client: one, or one after the other.

use std::ops::Deref;
use std::sync::Arc;

use super::ClientOptions;
use super::steady::Steady;
use crate::Result;
use crate::connection::Connection;

pub(super) enum Link {
    /// Its end is the client's.
    Fixed(Box<Connection>),
    Steady(Box<Steady>),
}

/// A connection in use.
pub(super) enum Held<'l> {
    Fixed(&'l Connection),
    Steady(Arc<Connection>),
}

impl Link {
    pub(super) fn new(connection: Connection, options: &ClientOptions) -> Result<Link> {
        Ok(match options.reconnect {
            None => Link::Fixed(Box::new(connection)),
            Some(_) => Link::Steady(Box::new(Steady::new(options, connection)?)),
        })
    }

    /// The one that stands, or the last.
    pub(super) fn connection(&self) -> Held<'_> {
        match self {
            Link::Fixed(connection) => Held::Fixed(connection),
            Link::Steady(steady) => Held::Steady(steady.connection()),
        }
    }
}

impl Deref for Held<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match self {
            Held::Fixed(connection) => connection,
            Held::Steady(connection) => connection,
        }
    }
}
