//! rustchat's Rust face, measured in the same loops as its peers. A server prints `listening on …`.

mod echo;
mod handshake;
mod report;
mod stream;

use std::error::Error;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: rustchat-bench-ours [--no-polling] echo serve | echo call HOST PORT SIZE SECONDS
       | [--no-polling] [--many] stream serve | stream call HOST PORT SIZE SECONDS
       | handshake serve | handshake call HOST PORT SECONDS";

/// How connections are used.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    no_polling: bool,
    many: bool,
}

fn main() -> Result {
    let (options, words): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word.starts_with("--"));
    let mut way = Way::default();
    for option in &options {
        match option.as_str() {
            "--no-polling" => way.no_polling = true,
            "--many" => way.many = true,
            _ => return Err(USAGE.into()),
        }
    }
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["echo", "serve"] => echo::serve(way),
        ["stream", "serve"] => stream::serve(way),
        ["handshake", "serve"] => handshake::serve(),
        ["handshake", "call", host, port, seconds] => handshake::call(&format!("{host}:{port}"), seconds.parse()?),
        ["echo", "call", host, port, size, seconds] => {
            echo::call(way, &format!("{host}:{port}"), size.parse()?, seconds.parse()?)
        }
        ["stream", "call", host, port, size, seconds] => {
            stream::call(way, &format!("{host}:{port}"), size.parse()?, seconds.parse()?)
        }
        _ => Err(USAGE.into()),
    }
}
