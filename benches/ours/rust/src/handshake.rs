//! Mutually authenticated connections a second.

use rustchat::auth::{ClientAuth, KeyRing, Profile, Secret, ServerAuth};
use rustchat::connection::{AcceptOptions, ConnectOptions, connect};
use rustchat::net::{Deadline, Endpoint};

use crate::report::{Stopwatch, listen};
use crate::{Result, Way};

const SECRET: &str = "a key for the benchmark, 32 byte";

pub(crate) fn serve() -> Result {
    let mut options = AcceptOptions::default();
    options.auth = Some(ServerAuth::new(Profile::Mutual, KeyRing::single(Secret::new(SECRET)?)));
    let listener = listen(Way::default(), options)?;
    loop {
        listener.accept(Deadline::never())?;
    }
}

pub(crate) fn call(address: &str, seconds: f64) -> Result {
    let endpoint: Endpoint = address.parse()?;
    let mut options = ConnectOptions::default();
    options.auth = Some(ClientAuth::new(Profile::Mutual, Secret::new(SECRET)?));
    let (mut count, watch) = (0, Stopwatch::start());
    while watch.is_within(seconds) {
        connect(endpoint.clone(), &options, Deadline::never())?;
        count += 1;
    }
    watch.report("connections", count);
    Ok(())
}
