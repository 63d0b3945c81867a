//! The connecting side: a stream, and the handshake over it.

use std::cell::Cell;
use std::io::IoSlice;
use std::time::Instant;

use super::greeter::Greeter;
use super::patience::{Greeting, allowed_silence};
use super::{ConnectOptions, Connection};
use crate::auth::{Identity, MAX_HANDSHAKE_BYTES, Profile};
use crate::net::{AdaptivePolling, Address, Deadline, Endpoint, Stream};
use crate::tls::{ClientTls, Machine};
use crate::{Result, exposure};

thread_local! {
    /// How long this thread's last handshakes took to be answered: a connection of its own has no past to judge by.
    static WAITS: Cell<Option<AdaptivePolling>> = const { Cell::new(None) };
}

/// Connects to `endpoint`, secures the stream if the options say so, shakes hands if they hold a secret, and returns the
/// connection.
///
/// The options' timeout is for all of it: name, connect, TLS and handshake; `deadline` may end it earlier. With TLS or a secret, a
/// server that has not said a byte is given up before that (`TimedOut`), whatever the profile: after a second, twenty times what
/// connecting has taken or a tenth of the timeout, whichever is the longest. The log tells after a second of silence what
/// that may mean. A server that may be busy for longer, such as a `multiprocessing` listener of the standard library, which
/// is silent until its program accepts, takes a larger timeout.
pub fn connect<'a>(
    endpoint: impl Into<Endpoint>,
    options: &ConnectOptions,
    deadline: impl Into<Deadline<'a>>,
) -> Result<Connection> {
    connect_if(&endpoint.into(), options, deadline.into(), |_| Ok(()))
}

/// The same with a condition on where the server is, which is known before a byte is sent there.
pub(crate) fn connect_if(
    endpoint: &Endpoint,
    options: &ConnectOptions,
    deadline: Deadline<'_>,
    permit: impl FnOnce(&Address) -> Result<()>,
) -> Result<Connection> {
    let deadline = deadline.at_most(options.timeout);
    let tls = client_side(options)?;
    let begin = Instant::now();
    let stream = Stream::connect(endpoint, deadline)?;
    permit(stream.peer())?;
    exposure::warn_of_weak_secret(stream.peer(), options.auth.as_ref());
    let silence = allowed_silence(options, begin.elapsed());
    let host = match endpoint {
        Endpoint::Tcp { host, .. } => host.clone(),
        Endpoint::Unix(_) => String::new(),
    };
    let mut greeting = Greeting { deadline: &deadline, silence: Some(silence), waits: AdaptivePolling::default() };
    Connection::begin(stream, options, tls.as_ref().map(|tls| (tls, &*host)), &mut greeting)
}

/// What the options say of TLS.
pub(super) fn client_side(options: &ConnectOptions) -> Result<Option<ClientTls>> {
    let has_secret = options.auth.as_ref().is_some_and(|auth| auth.profile() == Profile::Mutual);
    options.tls.as_ref().map(|tls| tls.client(has_secret)).transpose()
}

impl Connection {
    /// Makes a connection of a stream that is already there, on the connecting side of TLS and of the handshake. Names are
    /// verified by the `server_name` of the options alone.
    pub fn over<'a>(stream: Stream, options: &ConnectOptions, deadline: impl Into<Deadline<'a>>) -> Result<Connection> {
        let (tls, deadline) = (client_side(options)?, deadline.into().at_most(options.timeout));
        // How fast the other end is nobody knows: it may be silent as long as all of it may take.
        let mut greeting = Greeting { deadline: &deadline, silence: None, waits: AdaptivePolling::default() };
        let host = stream.peer().ip().map_or(String::new(), |ip| ip.to_string());
        Connection::begin(stream, options, tls.as_ref().map(|tls| (tls, &*host)), &mut greeting)
    }

    fn begin(
        stream: Stream,
        options: &ConnectOptions,
        tls: Option<(&ClientTls, &str)>,
        greeting: &mut Greeting<'_>,
    ) -> Result<Connection> {
        if tls.is_none() && options.auth.is_none() {
            return Connection::established(stream, None, None, &[], options);
        }
        let machine = tls.map(|(tls, host)| tls.begin(host)).transpose()?;
        let mut greeter = Greeter::begin(options.auth.as_ref(), machine)?;
        greeting.waits = WAITS.take().unwrap_or_default().with_budget(options.polling);
        let result = greet(&stream, &mut greeter, greeting);
        WAITS.set(Some(std::mem::take(&mut greeting.waits)));
        result.map_err(|error| greeter.explain(stream.peer(), error))?;
        greeter.finish(stream, options)
    }

    /// Makes a connection of a stream on which the connecting side of TLS and of the handshake is done already, by `machine` and by
    /// whoever found out the peer's `identity`. `rest` is what the peer has sent behind that, decrypted; of the options the framing,
    /// its limit and `polling` count.
    ///
    /// # Errors
    /// Those of the first [`Connection::recv`], where `rest` shows that the peer speaks something else.
    pub fn established(
        stream: Stream,
        machine: Option<Machine>,
        identity: Option<Identity>,
        rest: &[u8],
        options: &ConnectOptions,
    ) -> Result<Connection> {
        let mut connection = Connection::new(stream, options.framing, options.frame_limit(), options.polling);
        connection.begun(machine, identity, rest)?;
        Ok(connection)
    }
}

fn greet(stream: &Stream, greeter: &mut Greeter, greeting: &mut Greeting<'_>) -> Result<()> {
    let mut buffer = [0; MAX_HANDSHAKE_BYTES];
    loop {
        send_all(stream, &greeter.output(), greeting.deadline)?;
        if greeter.is_complete() {
            return Ok(());
        }
        let (profile, has_heard) = (greeter.awaits(), greeter.has_heard());
        let count = greeting.hear(stream.peer(), profile, has_heard, |waits, deadline| {
            stream.recv_polling(&mut buffer, waits, deadline)
        })?;
        if let Err(error) = greeter.receive(&buffer[..count]) {
            // The peer is told that it is refused, if it can still be told.
            let _ = stream.try_send(&greeter.output());
            return Err(error);
        }
    }
}

fn send_all(stream: &Stream, mut bytes: &[u8], deadline: &Deadline<'_>) -> Result<()> {
    while !bytes.is_empty() {
        let count = stream.send_some(&[IoSlice::new(bytes)], deadline)?;
        bytes = &bytes[count..];
        if !bytes.is_empty() {
            deadline.interrupted()?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;
    use crate::auth::{ClientAuth, Secret};
    use crate::{Error, Status};

    #[test]
    fn a_server_that_is_not_permitted_is_sent_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let secret = Secret::new("sixteen bytes or more").unwrap();
        let auth = Some(ClientAuth::new(Profile::Mutual, secret));
        let options = ConnectOptions { auth, ..ConnectOptions::default() };
        let endpoint = Endpoint::from(&Address::Ip(listener.local_addr().unwrap()));
        let not_there = |_: &Address| Err(Error::new(Status::InvalidArgument, "not there"));
        let error = connect_if(&endpoint, &options, Deadline::after(Duration::from_secs(30)), not_there).unwrap_err();
        assert_eq!(error.message(), "not there");
        let mut sent = Vec::new();
        listener.accept().unwrap().0.read_to_end(&mut sent).unwrap();
        assert_eq!(sent, b"");
    }
}
