//! Mutually authenticated connections a second, one after the other or several at once.

use std::thread;

use rustchat::connection::{AcceptOptions, ConnectOptions, connect};
use rustchat::net::{Deadline, Endpoint};

use crate::report::{Stopwatch, client_auth, listen, server_auth};
use crate::{Result, Way};

pub(crate) fn serve(way: Way) -> Result {
    let mut options = AcceptOptions::default();
    options.auth = Some(server_auth()?);
    let listener = listen(way, options)?;
    loop {
        listener.accept(Deadline::never())?;
    }
}

pub(crate) fn call(way: Way, address: &str, seconds: f64, at_once: usize) -> Result {
    let endpoint: Endpoint = address.parse()?;
    let mut options = ConnectOptions::default();
    options.auth = Some(client_auth()?);
    options.tls = way.tls.then(Default::default);
    let watch = Stopwatch::start();
    let knock = || -> rustchat::Result<u64> {
        let mut count = 0;
        while watch.is_within(seconds) {
            connect(endpoint.clone(), &options, Deadline::never())?;
            count += 1;
        }
        Ok(count)
    };
    let counts: Vec<rustchat::Result<u64>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..at_once).map(|_| scope.spawn(knock)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(Ok(0))).collect()
    });
    watch.report("connections", counts.into_iter().sum::<rustchat::Result<u64>>()?);
    Ok(())
}
