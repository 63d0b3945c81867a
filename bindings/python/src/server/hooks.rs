//! The server's hooks: called on its dispatcher thread.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use rustchat::chat::{Event, Events, Handler, Member, Message, Observer, ServerOptions, Verdict};
use rustchat::net::Address;
use rustchat::{Error, Status};

use super::ChatServer;
use super::clients::{Clients, Of};
use crate::hook::{Owner, Raised, done, is_overridden};
use crate::{deferred, lifetime};

/// The hooks that a subclass has overridden.
pub(super) struct Hooks {
    owner: Owner,
    joins: bool,
    messages: bool,
    privates: bool,
    renames: bool,
    leaves: bool,
    errors: bool,
    said: bool,
    admission: bool,
    silence: Silence,
    clients: Arc<Clients>,
}

impl Hooks {
    /// `None` when nothing is overridden: then no thread is needed to call anything.
    pub(super) fn of(server: &Bound<'_, ChatServer>) -> PyResult<Option<Hooks>> {
        let overridden = |hook| is_overridden::<ChatServer>(server, hook);
        let hooks = Hooks {
            owner: Owner::new(server, Arc::downgrade(&server.get().run) as _)?,
            joins: overridden("on_join")?,
            messages: overridden("on_message")?,
            privates: overridden("on_private")?,
            renames: overridden("on_rename")?,
            leaves: overridden("on_leave")?,
            errors: overridden("on_error")?,
            said: overridden("on_said")?,
            admission: overridden("authorize")?,
            silence: Silence::default(),
            clients: Arc::clone(&server.get().clients),
        };
        let any = hooks.filters() || hooks.is_told() || hooks.said || hooks.admission;
        Ok(any.then_some(hooks))
    }

    /// The options that bring about just the calls that are wanted.
    pub(super) fn wanted(&self, mut options: ServerOptions) -> ServerOptions {
        options.filter = self.filters();
        options.authorize = self.admission;
        options.events = if self.is_told() { Events::Membership } else { Events::None };
        options
    }

    fn filters(&self) -> bool {
        self.messages || self.privates
    }

    fn is_told(&self) -> bool {
        self.joins || self.renames || self.leaves || self.errors
    }

    /// Asks a hook that filters about what a member says.
    fn ask(
        &self,
        hook: &str,
        text: &str,
        arguments: impl for<'py> IntoPyObject<'py, Target = PyTuple, Output = Bound<'py, PyTuple>>,
    ) -> Verdict {
        let verdict = self.owner.call(hook, arguments, |answer| {
            if answer.is_none() {
                return Ok(Verdict::Drop);
            }
            deferred::refuse(answer)?;
            let new = answer.cast::<PyString>().map_err(|_| wrong_answer(hook, answer))?.to_cow()?;
            Ok(if *new == *text { Verdict::Deliver } else { Verdict::Replace(new.into_owned()) })
        });
        verdict.unwrap_or(Verdict::Failed)
    }

    fn joined(&self, member: &Arc<Member>) {
        self.owner.call("on_join", (Of(&self.clients, member),), done);
    }

    fn left(&self, member: &Arc<Member>, reason: &str) {
        if self.leaves {
            self.owner.call("on_leave", (Of(&self.clients, member), reason), done);
        }
        if let Some(client) = self.clients.let_go(member) {
            lifetime::attach(|_| drop(client));
        }
    }

    fn failed(&self, error: Error) {
        self.owner.call("on_error", (Raised(error),), done);
    }
}

impl Handler for Hooks {
    fn authorize(&mut self, member: &Arc<Member>) -> bool {
        let admitted = self.owner.call("authorize", (Of(&self.clients, member),), |answer| {
            deferred::refuse(answer)?;
            if answer.is_none() {
                ::log::warn!("authorize() returned None, which refuses the client: return True or False");
            }
            answer.is_truthy()
        });
        // Here a bug must not open the door.
        admitted.unwrap_or(false)
    }

    fn filter(&mut self, message: &Message) -> Verdict {
        let (client, text) = (Of(&self.clients, &message.from), &*message.text);
        if let Some(to) = message.to.as_ref().filter(|_| self.privates) {
            return self.ask("on_private", text, (client, Of(&self.clients, to), text));
        }
        if !self.messages {
            return Verdict::Deliver;
        }
        let verdict = self.ask("on_message", text, (client, text));
        self.silence.note(&verdict);
        verdict
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Joined(member) if self.joins => self.joined(&member),
            Event::Renamed(member, before) if self.renames => {
                self.owner.call("on_rename", (Of(&self.clients, &member), before.as_deref()), done);
            }
            Event::Left(member, reason) => self.left(&member, reason.as_str()),
            Event::Error(error) if self.errors => self.failed(error),
            Event::AuthenticationFailed(address) if self.errors => self.failed(failures(1, &address)),
            Event::AuthenticationsFailed(count, address) if self.errors => self.failed(failures(count, &address)),
            Event::Overflow(count) if self.errors => self.failed(losses(count)),
            _ => {}
        }
    }

    fn observer(&mut self) -> Option<Observer> {
        let (owner, clients) = (self.owner.clone(), Arc::clone(&self.clients));
        self.said.then(|| -> Observer {
            Box::new(move |message: Message| {
                owner.call("on_said", (Of(&clients, &message.from), &*message.text), done);
            })
        })
    }
}

/// What is said of handshakes that have failed.
pub(super) fn failures(count: u64, last: &Address) -> Error {
    let others = match count {
        1 => String::new(),
        _ => format!(", as it did for {} others within a second", count - 1),
    };
    Error::new(Status::AuthenticationFailed, format!("{last}: authentication failed{others}"))
}

/// What is said of events that nobody has taken in time.
pub(super) fn losses(count: u64) -> Error {
    Error::new(Status::Overflow, format!("{count} events were lost"))
}

fn wrong_answer(hook: &str, answer: &Bound<'_, PyAny>) -> PyErr {
    let name = answer.get_type().name().map_or_else(|_| "?".into(), |name| name.to_string());
    pyo3::exceptions::PyTypeError::new_err(format!("{hook}() must return str or None, not {name}"))
}

/// Watches for an on_message() that lacks its return statement.
#[derive(Default)]
struct Silence {
    asked: u32,
    dropped: u32,
}

impl Silence {
    /// How many messages are enough to tell.
    const ENOUGH: u32 = 10;

    fn note(&mut self, verdict: &Verdict) {
        if self.asked == Silence::ENOUGH {
            return;
        }
        self.asked += 1;
        self.dropped += u32::from(*verdict == Verdict::Drop);
        if self.dropped == Silence::ENOUGH {
            ::log::warn!(
                "on_message() has returned None for each of the first {} messages, so that nobody got any: return the text \
                 that the room is to get",
                Silence::ENOUGH
            );
        }
    }
}
