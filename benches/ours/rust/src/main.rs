//! rustchat's Rust face, measured in the same loops as its peers. A server prints `listening on …`.

mod chat;
mod commands;
mod echo;
mod files;
mod handshake;
mod report;
mod stream;

use std::error::Error;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: rustchat-bench-ours [--tls] [--no-polling] echo serve | echo call HOST PORT SIZE SECONDS
       | [--tls] [--no-polling] [--many] stream serve | stream call HOST PORT SIZE SECONDS
       | [--tls] handshake serve | handshake call HOST PORT SECONDS [AT ONCE]
       | [--tls] chat serve WORKERS FRAMING
       | [--tls] [--no-fsync] [--no-verify] files serve ROOT | files call HOST PORT put|get|put-all|get-all FROM TO
       | [--tls] commands serve | commands call HOST PORT rate SECONDS IN_FLIGHT
       | commands call HOST PORT output BYTES | commands call HOST PORT first|unread SECONDS
       | commands call HOST PORT many SECONDS AT_ONCE UNREAD";

/// How connections are used.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    no_polling: bool,
    many: bool,
    /// With TLS, and a secret in it.
    tls: bool,
    /// Without waiting for the disk.
    no_fsync: bool,
    /// Without hashes.
    no_verify: bool,
}

fn main() -> Result {
    let (options, words): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word.starts_with("--"));
    let mut way = Way::default();
    for option in &options {
        match option.as_str() {
            "--no-polling" => way.no_polling = true,
            "--many" => way.many = true,
            "--tls" => way.tls = true,
            "--no-verify" => way.no_verify = true,
            "--no-fsync" => way.no_fsync = true,
            _ => return Err(USAGE.into()),
        }
    }
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["echo", "serve"] => echo::serve(way),
        ["stream", "serve"] => stream::serve(way),
        ["chat", "serve", workers, framing] => chat::serve(way, workers.parse()?, framing),
        ["handshake", "serve"] => handshake::serve(way),
        ["handshake", "call", host, port, seconds] => {
            handshake::call(way, &format!("{host}:{port}"), seconds.parse()?, 1)
        }
        ["handshake", "call", host, port, seconds, at_once] => {
            handshake::call(way, &format!("{host}:{port}"), seconds.parse()?, at_once.parse()?)
        }
        ["echo", "call", host, port, size, seconds] => {
            echo::call(way, &format!("{host}:{port}"), size.parse()?, seconds.parse()?)
        }
        ["stream", "call", host, port, size, seconds] => {
            stream::call(way, &format!("{host}:{port}"), size.parse()?, seconds.parse()?)
        }
        ["files", "serve", root] => files::serve(way, root),
        ["files", "call", host, port, what, from, to] => {
            files::call(way, &format!("{host}:{port}"), what, from, to)
        }
        ["commands", "serve"] => commands::serve(way),
        ["commands", "call", host, port, rest @ ..] => call_commands(way, &format!("{host}:{port}"), rest),
        _ => Err(USAGE.into()),
    }
}

fn call_commands(way: Way, address: &str, words: &[&str]) -> Result {
    match words {
        ["rate", seconds, in_flight] => commands::rate(way, address, seconds.parse()?, in_flight.parse()?),
        ["output", bytes] => commands::output(way, address, bytes.parse()?),
        ["first", seconds] => commands::first(way, address, seconds.parse()?),
        ["unread", seconds] => commands::unread(way, address, seconds.parse()?),
        ["many", seconds, at_once, unread] => {
            commands::many(way, address, seconds.parse()?, at_once.parse()?, unread.parse()?)
        }
        _ => Err(USAGE.into()),
    }
}
