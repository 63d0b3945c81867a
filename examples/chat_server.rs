//! A chat server: `cargo run --release --example chat_server -- 127.0.0.1:60000 [--workers N] [--framing NAME]`.

use std::error::Error;

use rustchat::chat::{ChatServer, ServerOptions};
use rustchat::net::{Deadline, Endpoint};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let endpoint: Endpoint = arguments.next().as_deref().unwrap_or("127.0.0.1:60000").parse()?;
    let mut options = ServerOptions::new(endpoint);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or("every option takes a value")?;
        match name.as_str() {
            "--workers" => options.workers = value.parse()?,
            "--framing" => options.framing = value.parse()?,
            other => return Err(format!("unknown option {other}").into()),
        }
    }
    let server = ChatServer::start(options)?;
    println!("listening on {}", server.address());
    server.join(Deadline::never())?;
    Ok(())
}
