//! Framed echo with authentication.
//!
//! `echo serve [HOST:PORT]` prints `listening on …` and echoes every message; `echo call HOST:PORT SIZE SECONDS`
//! measures round trips.

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use rustchat::auth::{ClientAuth, KeyRing, Profile, Secret, ServerAuth};
use rustchat::connection::{AcceptOptions, ConnectOptions, Connection, MessageListener, connect};
use rustchat::net::{Deadline, Endpoint};

const SECRET: &str = "a secret that both ends share";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve"] => serve("127.0.0.1:0".parse()?),
        ["serve", address] => serve(address.parse()?),
        ["call", address, size, seconds] => call(address.parse()?, size.parse()?, seconds.parse()?),
        _ => Err("usage: echo serve [HOST:PORT] | echo call HOST:PORT SIZE SECONDS".into()),
    }
}

fn serve(endpoint: Endpoint) -> Result<(), Box<dyn Error>> {
    let mut options = AcceptOptions::default();
    options.auth = Some(ServerAuth::new(Profile::Mutual, KeyRing::single(Secret::new(SECRET)?)));
    let listener = MessageListener::bind(endpoint, options)?;
    println!("listening on {}", listener.address());
    loop {
        let connection = listener.accept(Deadline::never())?;
        thread::spawn(move || echo(&connection));
    }
}

fn echo(connection: &Connection) {
    while let Ok(message) = connection.recv(Deadline::never()) {
        if connection.send(&message, Deadline::never()).is_err() {
            return;
        }
    }
}

fn call(endpoint: Endpoint, size: usize, seconds: f64) -> Result<(), Box<dyn Error>> {
    let mut options = ConnectOptions::default();
    options.auth = Some(ClientAuth::new(Profile::Mutual, Secret::new(SECRET)?));
    let connection = connect(endpoint, &options, Deadline::never())?;
    let (message, start) = (vec![b'm'; size], Instant::now());
    let mut round_trips = 0_u64;
    while start.elapsed() < Duration::from_secs_f64(seconds) {
        connection.send(&message, Deadline::never())?;
        if connection.recv_with(Deadline::never(), <[u8]>::len)? != size {
            return Err("the echo has another size".into());
        }
        round_trips += 1;
    }
    println!("{{\"round_trips\":{round_trips},\"seconds\":{}}}", start.elapsed().as_secs_f64());
    Ok(())
}
