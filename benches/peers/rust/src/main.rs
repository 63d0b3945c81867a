//! `rustchat-peers chat-threads | chat-tokio | echo … | stream …`: each prints `listening on …` when it serves.

mod chat_threads;
mod chat_tokio;
mod echo;
mod framed;
mod stamp;
mod stream;

use std::error::Error;

type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const USAGE: &str = "usage: rustchat-peers chat-threads | chat-tokio | echo serve | echo call HOST PORT SIZE SECONDS
       | stream serve | stream call HOST PORT SIZE SECONDS";

fn main() -> Result {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words == ["chat-threads"] {
        return chat_threads::serve();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match words.as_slice() {
        ["chat-tokio"] => runtime.block_on(chat_tokio::serve()),
        ["echo", "serve"] => runtime.block_on(echo::serve()),
        ["stream", "serve"] => runtime.block_on(stream::serve()),
        [what @ ("echo" | "stream"), "call", host, port, size, seconds] => {
            let (address, size, seconds) = (format!("{host}:{port}"), size.parse()?, seconds.parse()?);
            match *what {
                "echo" => runtime.block_on(echo::call(&address, size, seconds)),
                _ => runtime.block_on(stream::call(&address, size, seconds)),
            }
        }
        _ => Err(USAGE.into()),
    }
}
