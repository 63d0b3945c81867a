//! The connecting side: a stream, and the handshake over it.

use std::cell::Cell;
use std::io::IoSlice;
use std::time::Instant;

use super::patience::{Greeting, allowed_silence};
use super::secure::{End, Secure};
use super::{ConnectOptions, Connection};
use crate::auth::{ChannelBinding, ClientAuth, Handshake, MAX_HANDSHAKE_BYTES, Profile};
use crate::net::{AdaptivePolling, Address, Deadline, Endpoint, Stream};
use crate::tls::{ClientTls, Machine};
use crate::{Error, Result, Status, exposure};

/// What is said of a server that ends the stream while it is to be secured, without a record of TLS and with some.
const NO_TLS: &str = "the server closed the connection, though one that speaks TLS answers; it may not speak TLS";
const TURNED_AWAY: &str = "the server ended it before the channel was secured: it is busy or full";

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
fn client_side(options: &ConnectOptions) -> Result<Option<ClientTls>> {
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
        let mut connection = Connection::new(stream, options.framing, options.frame_limit(), options.polling);
        if tls.is_none() && options.auth.is_none() {
            return Ok(connection);
        }
        greeting.waits = WAITS.take().unwrap_or_default().with_budget(options.polling);
        let result = connection.greet(options.auth.as_ref(), tls, greeting);
        WAITS.set(Some(std::mem::take(&mut greeting.waits)));
        result.map(|()| connection)
    }

    fn greet(
        &mut self,
        auth: Option<&ClientAuth>,
        tls: Option<(&ClientTls, &str)>,
        greeting: &mut Greeting<'_>,
    ) -> Result<()> {
        let mut early = Vec::new();
        if let Some((tls, host)) = tls {
            let secured = self.secure(tls.begin(host)?, &mut early, greeting);
            secured.map_err(|error| error.context(format_args!("TLS with {}", self.stream.peer())))?;
        }
        match auth {
            Some(auth) => self.shake_hands(auth, &mut early, greeting)?,
            // The last words of TLS are still to be sent.
            None => self.send_first(&[], greeting.deadline).map_err(|error| error.context(self.stream.peer()))?,
        }
        self.note_end();
        self.begin_with(&early)
    }

    /// Shakes hands of TLS over a stream that nothing was sent on. What has come behind goes to `early`.
    fn secure(&mut self, mut machine: Machine, early: &mut Vec<u8>, greeting: &mut Greeting<'_>) -> Result<()> {
        let (mut buffer, mut records) = ([0; MAX_HANDSHAKE_BYTES], Vec::new());
        let (mut heard, mut speaks_tls) = (false, false);
        while !machine.is_secured() {
            machine.owed(&mut records);
            self.send_plain(&mut [IoSlice::new(&records)], greeting.deadline)?;
            records.clear();
            let count = greeting.hear(self.stream.peer(), None, &mut heard, |waits, deadline| {
                self.stream.recv_polling(&mut buffer, waits, deadline)
            })?;
            if count == 0 {
                let sentence = if speaks_tls { TURNED_AWAY } else { NO_TLS };
                return Err(Error::new(Status::ConnectionReset, sentence));
            }
            if let Err(error) = machine.receive(&buffer[..count], early) {
                // The peer is told, if it can still be told.
                machine.owed(&mut records);
                let _ = self.stream.try_send(&records);
                return Err(error);
            }
            speaks_tls = true;
        }
        self.secure = Some(Box::new(Secure::new(machine)));
        Ok(())
    }

    /// Shakes hands over a stream, plain or secured, that nothing else was sent on, and remembers whom the peer has shown to
    /// be. What has come behind TLS is in `early`, and so is afterwards what has come behind this handshake, too.
    fn shake_hands(&mut self, auth: &ClientAuth, early: &mut Vec<u8>, greeting: &mut Greeting<'_>) -> Result<()> {
        let mut handshake = match &self.secure {
            None => auth.begin(&ChannelBinding::NONE)?,
            Some(secure) => auth.begin_bound(&secure.machine.lock().channel()?)?,
        };
        self.exchange(&mut handshake, auth.profile(), early, greeting).map_err(|error| {
            // The peer is told that it is refused, if it can still be told.
            self.mention(&handshake.output());
            error.context(format_args!("handshake with {}", self.stream.peer()))
        })?;
        self.identity = handshake.identity().cloned();
        Ok(())
    }

    fn exchange(
        &mut self,
        handshake: &mut Handshake,
        profile: Profile,
        early: &mut Vec<u8>,
        greeting: &mut Greeting<'_>,
    ) -> Result<()> {
        let (mut buffer, mut heard) = ([0; MAX_HANDSHAKE_BYTES], false);
        loop {
            self.send_first(&handshake.output(), greeting.deadline)?;
            if handshake.is_complete() {
                return Ok(());
            }
            let count = greeting.hear(self.stream.peer(), Some(profile), &mut heard, |waits, deadline| {
                self.receive_first(&mut buffer, early, waits, deadline)
            })?;
            if count == 0 {
                return Err(Error::new(
                    Status::AuthenticationFailed,
                    "authentication failed: the peer closed the connection",
                ));
            }
            let used = handshake.receive(&buffer[..count])?;
            early.splice(..0, buffer[used..count].iter().copied());
        }
    }

    /// Sends before anybody else can; of nothing, what TLS owes.
    fn send_first(&mut self, bytes: &[u8], deadline: &Deadline<'_>) -> Result<()> {
        let mut sealed = std::mem::take(&mut self.sender.get_mut().sealed);
        let result = self.send_all(&mut [IoSlice::new(bytes)], &mut sealed, deadline);
        self.sender.get_mut().sealed = sealed;
        result
    }

    /// Receives before anybody else can, what is in `early` first; 0 is the end.
    fn receive_first(
        &self,
        buffer: &mut [u8],
        early: &mut Vec<u8>,
        waits: &mut AdaptivePolling,
        deadline: &Deadline<'_>,
    ) -> Result<usize> {
        let Some(secure) = &self.secure else { return self.stream.recv_polling(buffer, waits, deadline) };
        while early.is_empty() {
            let count = self.stream.recv_polling(buffer, waits, deadline)?;
            match self.unseal(secure, &buffer[..count], early) {
                Some(End::Failed(error)) if early.is_empty() => return Err(error),
                Some(End::Closed) if early.is_empty() => return Ok(0),
                _ if count == 0 => return Ok(0),
                _ => {}
            }
        }
        let count = early.len().min(buffer.len());
        buffer[..count].copy_from_slice(&early[..count]);
        early.drain(..count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;
    use crate::auth::Secret;

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
