//! rustchat's Rust face, measured in the same loops as its peers. A server prints `listening on …`.

mod chat;
mod echo;
mod handshake;
mod report;
mod stream;

use std::error::Error;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: rustchat-bench-ours [--tls] [--no-polling] echo serve | echo call HOST PORT SIZE SECONDS
       | [--tls] [--no-polling] [--many] stream serve | stream call HOST PORT SIZE SECONDS
       | [--tls] handshake serve | handshake call HOST PORT SECONDS [AT ONCE]
       | [--tls] chat serve WORKERS FRAMING";

/// How connections are used.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    no_polling: bool,
    many: bool,
    /// With TLS, and a secret in it.
    tls: bool,
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
        _ => Err(USAGE.into()),
    }
}
