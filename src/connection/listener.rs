//! Accepting connections of whole messages.

use std::os::fd::{AsRawFd, RawFd};

use super::reception::Reception;
use super::{AcceptOptions, Connection};
use crate::net::{Address, Deadline, Endpoint, Listener};
use crate::options::check;
use crate::reactor::Released;
use crate::tls::{Certificate, Pin, ServerTls};
use crate::{Error, Result, Status};

/// Listens for connections and hands out those that have passed the handshake.
///
/// With authentication or TLS, a thread of the listener's own shakes hands with all newcomers at once: one that is silent
/// holds up nobody, and is gone after the handshake timeout. Any number of threads may accept.
pub struct MessageListener {
    door: Door,
    options: AcceptOptions,
}

enum Door {
    /// Everybody gets in.
    Open(Listener),
    Guarded(Reception<Connection>),
}

impl MessageListener {
    /// Binds and listens. Beyond this machine it wants a secret, or `allow_anonymous`.
    pub fn bind(endpoint: impl Into<Endpoint>, options: AcceptOptions) -> Result<MessageListener> {
        let endpoint = endpoint.into();
        check(&options)?;
        let listening = options.listening();
        listening.check_exposure(&endpoint)?;
        let door = if listening.auth.is_none() && listening.tls.is_none() {
            Door::Open(Listener::bind(&endpoint, &listening.socket())?)
        } else {
            Door::Guarded(Reception::bind(&endpoint, &options)?)
        };
        Ok(MessageListener { door, options })
    }

    /// The bound address, with the port the system chose.
    pub fn address(&self) -> &Address {
        match &self.door {
            Door::Open(listener) => listener.address(),
            Door::Guarded(reception) => reception.address(),
        }
    }

    /// Waits for a connection, secured and authenticated if the options ask for it. `Closed` when the listener is closed; `Panicked` when
    /// its thread has failed, which is a bug of this library, and closes it.
    pub fn accept<'a>(&self, deadline: impl Into<Deadline<'a>>) -> Result<Connection> {
        let deadline = deadline.into();
        match &self.door {
            Door::Open(listener) => {
                let stream = listener.accept(deadline)?;
                Connection::accepted(Released { stream, machine: None, rest: Vec::new() }, None, &self.options)
            }
            Door::Guarded(reception) => {
                let connection = reception.accept(&deadline)?;
                connection.stream.share_with_children();
                Ok(connection)
            }
        }
    }

    /// Connections that come from here on get this certificate; those that there are keep theirs. For a certificate that is
    /// renewed while the listener runs.
    ///
    /// # Errors
    /// `BadState` for a listener without TLS.
    pub fn replace_certificate(&self, certificate: &Certificate) -> Result<()> {
        self.tls()?.replace_certificate(certificate)
    }

    /// The fingerprint of the public key that peers are shown, which they may be told to trust.
    ///
    /// # Errors
    /// `BadState` for a listener without TLS.
    pub fn pin(&self) -> Result<Pin> {
        self.tls().map(ServerTls::pin)
    }

    fn tls(&self) -> Result<&ServerTls> {
        match &self.door {
            Door::Open(_) => Err(Error::new(Status::BadState, "this listener has no TLS")),
            Door::Guarded(reception) => reception.tls(),
        }
    }

    /// A descriptor that is readable while [`MessageListener::accept`] would not wait. It belongs to the listener.
    pub fn poll_fd(&self) -> Result<RawFd> {
        match &self.door {
            Door::Open(listener) => Ok(listener.as_raw_fd()),
            Door::Guarded(reception) => reception.poll_fd(),
        }
    }

    /// Refuses further connections and wakes every thread that waits in [`MessageListener::accept`]. Never blocks.
    pub fn close(&self) {
        match &self.door {
            Door::Open(listener) => listener.close(),
            Door::Guarded(reception) => reception.close(),
        }
    }

    /// Whether [`MessageListener::close`] was called.
    pub fn is_closed(&self) -> bool {
        match &self.door {
            Door::Open(listener) => listener.is_closed(),
            Door::Guarded(reception) => reception.is_closed(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::time::Duration;

    use super::*;
    use crate::Status;
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
        let _aim = Aim::at(format!("rustchat-porter-0 {}", listener.address()));
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

    #[test]
    fn strangers_cost_no_more_descriptors_than_handshakes_and_refusals_may_have() {
        let keys = KeyRing::single(Secret::new("sixteen bytes or more").unwrap());
        let auth = Some(ServerAuth::new(Profile::Mutual, keys));
        let options = AcceptOptions { auth, handshake_limit: 8, ..AcceptOptions::default() };
        let listener = MessageListener::bind(Endpoint::tcp("127.0.0.1", 0), options).unwrap();
        let address = listener.address().to_string();
        let mut clients: Vec<_> = (0..400).map(|_| std::net::TcpStream::connect(&address).unwrap()).collect();
        // Whoever has been given up has been told so, and at the latest when others took its place its connection was closed.
        for client in &mut clients[..300] {
            client.set_read_timeout(Some(PATIENCE)).unwrap();
            let _ = client.read(&mut [0; 64]);
        }
        let held = descriptors_at(address.rsplit(':').next().unwrap().parse().unwrap());
        assert!(held <= 8 + 64 + 64 + 1, "{held} descriptors");
    }

    /// How many descriptors this process has of sockets that are bound to that port.
    fn descriptors_at(port: u16) -> usize {
        let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
        let rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let ours = rows.filter(|row| row[1].ends_with(&format!(":{port:04X}")));
        let names: Vec<_> = ours.map(|row| format!("socket:[{}]", row[9])).collect();
        let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        let links = open.filter_map(|entry| std::fs::read_link(entry.path()).ok());
        links.filter(|link| names.iter().any(|name| link.as_os_str() == name.as_str())).count()
    }
}
