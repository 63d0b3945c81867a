//! Accepting connections of whole messages.

use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use mio::Waker;

use super::porter::Porter;
use super::{AcceptOptions, Connection};
use crate::net::{Address, Deadline, Endpoint, ListenOptions, Listener, Queue, Service};
use crate::sync::Mutex;
use crate::{Error, Result, Status, exposure};

/// Listens for connections and hands out those that have passed the handshake.
///
/// With authentication, a thread of the listener's own shakes hands with all newcomers at once: one that is silent
/// holds up nobody, and is gone after the handshake timeout. Any number of threads may accept.
pub struct MessageListener {
    listener: Arc<Listener>,
    options: AcceptOptions,
    porter: Option<PorterHandle>,
}

struct PorterHandle {
    ready: Arc<Queue<Connection>>,
    /// What its thread has failed with.
    failure: Arc<OnceLock<Error>>,
    waker: Arc<Waker>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl MessageListener {
    /// Binds and listens. Beyond this machine it wants a secret, or `allow_anonymous`.
    pub fn bind(endpoint: impl Into<Endpoint>, options: AcceptOptions) -> Result<MessageListener> {
        let endpoint = endpoint.into();
        if options.handshake_limit == 0 || options.handshake_timeout.is_zero() {
            return Err(Error::new(
                Status::InvalidArgument,
                "handshake_limit and handshake_timeout must be more than 0: nobody could get in",
            ));
        }
        endpoint.check_exposure(options.auth.is_some() || options.allow_anonymous)?;
        let (backlog, mode, group) = (options.backlog, options.mode, options.group.clone());
        let listening = ListenOptions { backlog, mode, group, ..ListenOptions::default() };
        let listener = Arc::new(Listener::bind(&endpoint, &listening)?);
        exposure::warn_of_weak_keys(listener.address(), options.auth.as_ref());
        let porter = match &options.auth {
            None => None,
            Some(auth) => {
                let (ready, failure) = (Arc::new(Queue::new()), Arc::new(OnceLock::new()));
                let (places, why) = (Arc::clone(&ready), Arc::clone(&failure));
                let porter = Porter::new(Arc::clone(&listener), auth.clone(), options.clone(), places, why)?;
                let waker = porter.waker();
                let thread = Service::new().spawn("rustchat-porter", move || porter.run())?;
                Some(PorterHandle { ready, failure, waker, thread: Mutex::new(Some(thread)) })
            }
        };
        Ok(MessageListener { listener, options, porter })
    }

    /// The bound address, with the port the system chose.
    pub fn address(&self) -> &Address {
        self.listener.address()
    }

    /// Waits for a connection, authenticated if the options ask for it. `Closed` when the listener is closed; `Panicked` when
    /// its thread has failed, which is a bug of this library, and closes it.
    pub fn accept<'a>(&self, deadline: impl Into<Deadline<'a>>) -> Result<Connection> {
        let deadline = deadline.into();
        let Some(porter) = &self.porter else {
            return Connection::accepted(self.listener.accept(deadline)?, &self.options, None, &[]);
        };
        let taken = porter.ready.wait(&deadline, "accept", |items| {
            let was_full = items.len() >= self.options.backlog as usize;
            (items.pop_front(), was_full)
        });
        let (connection, was_full) = taken.map_err(|error| match porter.failure.get() {
            Some(failure) if error.status() == Status::Closed => failure.clone(),
            _ => error,
        })?;
        if was_full {
            // The porter stops accepting while nobody takes what it has.
            let _ = porter.waker.wake();
        }
        let connection = connection.ok_or(Status::WouldBlock)?;
        connection.stream.share_with_children();
        Ok(connection)
    }

    /// A descriptor that is readable while [`MessageListener::accept`] would not wait. It belongs to the listener.
    pub fn poll_fd(&self) -> Result<RawFd> {
        match &self.porter {
            None => Ok(self.listener.as_raw_fd()),
            Some(porter) => porter.ready.poll_fd(),
        }
    }

    /// Refuses further connections and wakes every thread that waits in [`MessageListener::accept`]. Never blocks.
    pub fn close(&self) {
        self.listener.close();
        if let Some(porter) = &self.porter {
            porter.ready.close();
            let _ = porter.waker.wake();
        }
    }

    /// Whether [`MessageListener::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.listener.is_closed()
    }
}

impl Drop for MessageListener {
    fn drop(&mut self) {
        self.close();
        if let Some(thread) = self.porter.as_ref().and_then(|porter| porter.thread.lock().take()) {
            // It never waits for anything but its poller, which was just woken.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::auth::{KeyRing, Profile, Secret, ServerAuth};
    use crate::connection::{ConnectOptions, connect};
    use crate::inject::Aim;

    const PATIENCE: Duration = Duration::from_secs(30);

    #[test]
    fn a_porter_that_fails_closes_the_listener_and_says_so_to_who_accepts() {
        let keys = KeyRing::single(Secret::new("sixteen bytes or more").unwrap());
        let auth = Some(ServerAuth::new(Profile::Mutual, keys));
        let options = AcceptOptions { auth, ..AcceptOptions::default() };
        let listener = MessageListener::bind(Endpoint::tcp("127.0.0.1", 0), options).unwrap();
        let _aim = Aim::at(format!("rustchat-porter {}", listener.address()));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| listener.accept(PATIENCE).unwrap_err());
            let knocking = Endpoint::from(listener.address());
            let _ = connect(knocking, &ConnectOptions::default(), PATIENCE);
            let error = waiting.join().unwrap();
            assert_eq!(error.status(), Status::Panicked, "{error}");
            assert!(error.message().contains("injected"), "{error}");
        });
        assert!(listener.is_closed());
    }
}
