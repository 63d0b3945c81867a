//! Options as tables: what each is called, takes and means is written once, as a row.
//!
//! A table gives the struct that Rust programs fill in, its defaults and the check of its bounds; the other faces, their
//! signatures and the lists in the documents read its [`Row`]s. Rows are looked at when something starts, never later.

mod table;

use std::time::Duration;

use crate::auth::{ClientAuth, ServerAuth};
use crate::frame::Framing;
use crate::net::Backoff;
use crate::peer::Rate;
use crate::tls::Tls;
use crate::{Error, Result, Status};

pub(crate) use table::options;

/// A struct of options that was written as a table.
pub trait Table: Sized + 'static {
    /// Its options, but for the endpoint, in the order in which signatures and documents have them.
    const ROWS: &'static [Row<Self>];

    /// All defaults, at `127.0.0.1:60000` if there is an endpoint.
    fn initial() -> Self;
}

/// One option of the struct `O`.
#[derive(Debug)]
pub struct Row<O: 'static> {
    /// The field, which is the C structure's, too, with the unit behind it.
    pub name: &'static str,
    /// The keyword in Python; `None` for what Python settles in another way.
    pub keyword: Option<&'static str>,
    /// What it takes, and where that goes.
    pub kind: Kind<O>,
    /// The smallest number that it takes.
    pub at_least: u64,
    /// The largest.
    pub at_most: u64,
    /// Of a time: it must be more than none.
    pub more_than_zero: bool,
    /// What would be wrong with none.
    pub or_else: &'static str,
    /// What 0 means, where it is no number like others.
    pub zero: Option<&'static str>,
    text: &'static str,
}

/// What an option takes, and its [`Place`]. A face has an arm for each, so that a new option of a known kind needs none.
#[derive(Debug)]
pub enum Kind<O: 'static> {
    /// On or off.
    Flag(Place<O, bool>),
    /// On or off; `None` leaves the choice to the library.
    Switch(Place<O, Option<bool>>),
    /// A size or a number of things.
    Count(Place<O, usize>),
    /// The same where the system has 32 bits for it.
    Number(Place<O, u32>),
    /// A number of things; `None` leaves the choice to the library.
    Ceiling(Place<O, Option<usize>>),
    /// A time.
    Seconds(Place<O, Duration>),
    /// How long to wait; `Duration::MAX` is for ever.
    Patience(Place<O, Duration>),
    /// A word or more.
    Text(Place<O, Option<String>>),
    /// A group of users, by name or number.
    Group(Place<O, Option<String>>),
    /// The permissions of a file.
    Mode(Place<O, Option<u32>>),
    /// Messages at once, and messages a second.
    Rate(Place<O, Option<Rate>>),
    /// How messages are told apart.
    Framing(Place<O, Framing>),
    /// One of a few names.
    Choice(Choice<O>),
    /// What peers must prove.
    ServerAuth(Place<O, Option<ServerAuth>>),
    /// What proves us.
    ClientAuth(Place<O, Option<ClientAuth>>),
    /// TLS, and by what the other end is trusted.
    Tls(Place<O, Option<Tls>>),
    /// Whether a client comes back, and when.
    Reconnect(Place<O, Option<Backoff>>),
}

/// Where the value of an option is, to be read and set.
pub type Place<O, T> = fn(&mut O) -> &mut T;

/// An option that is one of a few names.
#[derive(Debug)]
pub struct Choice<O: 'static> {
    /// All of them, in the order of their numbers in C, which begin with 1.
    pub names: &'static [&'static str],
    pub(crate) get: fn(&O) -> usize,
    pub(crate) set: fn(&mut O, usize),
}

impl<O> Choice<O> {
    /// Chooses by index in `names`, which is less than their number.
    pub fn set(&self, options: &mut O, index: usize) {
        (self.set)(options, index);
    }
}

/// A type whose values have names.
pub(crate) trait Named: Copy + PartialEq + 'static {
    const NAMES: &'static [&'static str];
    /// The values in the same order.
    const VALUES: &'static [Self];

    fn index(self) -> usize {
        Self::VALUES.iter().position(|value| *value == self).unwrap_or(0)
    }
}

/// A default, as signatures and documents show it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing in particular.
    None,
    /// On or off.
    Flag(bool),
    /// A number.
    Integer(u64),
    /// A time.
    Seconds(Duration),
    /// One of a few names, or a text.
    Text(String),
}

impl<O> Row<O> {
    pub(crate) const fn new(name: &'static str, kind: Kind<O>, text: &'static str) -> Row<O> {
        let (at_least, at_most, more_than_zero, or_else) = (0, u64::MAX, false, "");
        Row { name, keyword: Some(name), kind, at_least, at_most, more_than_zero, or_else, zero: None, text }
    }

    /// The keywords in Python: one, none, or those of which a proof is made.
    pub fn keywords(&self) -> &[&'static str] {
        match self.kind {
            Kind::ServerAuth(_) => &["secret", "keys", "profile", "server_id"],
            Kind::ClientAuth(_) => &["secret", "key_id", "profile"],
            _ => self.keyword.as_slice(),
        }
    }

    /// What it is for, as a sentence or a few; in every face the same.
    pub fn about(&self) -> String {
        let lines: Vec<_> = self.text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
        lines.join(" ")
    }

    /// The value that it has where nobody sets it.
    pub fn default(&self) -> Value
    where
        O: Table,
    {
        self.value(&mut O::initial())
    }

    fn value(&self, options: &mut O) -> Value {
        let integer = |number: usize| Value::Integer(number as u64);
        let text = |text: &Option<String>| text.clone().map_or(Value::None, Value::Text);
        match &self.kind {
            Kind::Flag(place) => Value::Flag(*place(options)),
            Kind::Switch(place) => place(options).map_or(Value::None, Value::Flag),
            Kind::Count(place) => integer(*place(options)),
            Kind::Number(place) => Value::Integer((*place(options)).into()),
            Kind::Ceiling(place) => place(options).map_or(Value::None, integer),
            Kind::Seconds(place) | Kind::Patience(place) => Value::Seconds(*place(options)),
            Kind::Text(place) | Kind::Group(place) => text(place(options)),
            Kind::Mode(place) => place(options).map_or(Value::None, |mode| Value::Integer(mode.into())),
            Kind::Framing(place) => Value::Text(place(options).to_string()),
            Kind::Choice(choice) => Value::Text(choice.names[(choice.get)(options)].to_owned()),
            Kind::Reconnect(place) => Value::Flag(place(options).is_some()),
            Kind::Rate(_) | Kind::ServerAuth(_) | Kind::ClientAuth(_) | Kind::Tls(_) => Value::None,
        }
    }

    fn check(&self, options: &mut O) -> Result<()> {
        let Row { name, at_least, at_most, or_else, .. } = self;
        let wrong = |text: String| Err(Error::new(Status::InvalidArgument, text));
        match self.value(options) {
            Value::Seconds(Duration::ZERO) if self.more_than_zero => {
                wrong(format!("{name} is 0, expected more: {or_else}"))
            }
            Value::Integer(number) if number < *at_least => {
                wrong(format!("{name} is {number}, expected at least {at_least}"))
            }
            Value::Integer(number) if number > *at_most => {
                let zero = self.zero.map_or(String::new(), |zero| format!(" ({zero})"));
                wrong(format!("{name} is {number}, expected {at_least}{zero} to {at_most}"))
            }
            _ => Ok(()),
        }
    }
}

/// Whether all options are within their bounds; the error is about the first that is not.
pub(crate) fn check<O: Table + Clone>(options: &O) -> Result<()> {
    let mut options = options.clone();
    O::ROWS.iter().try_for_each(|row| row.check(&mut options))
}
