//! The line chat with a tokio broadcast channel: a task for each client, which writes at once all that has come over the
//! channel while it was not looking.

use std::net::SocketAddr;

use bytes::Bytes;
use memchr::memchr_iter;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast::{self, Sender};

use crate::Result;
use crate::stamp::Stamp;

/// Messages that a member may be behind; past it, it is disconnected, since it has lost some.
const BACKLOG: usize = 64 << 10;
const MOST_AT_ONCE: usize = 256 << 10;

pub(crate) async fn serve() -> Result {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", listener.local_addr()?);
    let (room, _) = broadcast::channel(BACKLOG);
    loop {
        let (stream, peer) = listener.accept().await?;
        tokio::spawn(attend(stream, peer, room.clone()));
    }
}

async fn attend(mut stream: TcpStream, peer: SocketAddr, room: Sender<Bytes>) -> Result {
    stream.set_nodelay(true)?;
    let mut inbox = room.subscribe();
    let (mut reader, mut writer) = stream.split();
    let (mut stamp, mut input, mut output) = (Stamp::new(peer), Vec::new(), Vec::new());
    loop {
        tokio::select! {
            count = reader.read_buf(&mut input) => {
                if count? == 0 {
                    return Ok(());
                }
                let mut begin = 0;
                for end in memchr_iter(b'\n', &input) {
                    let mut delivery = Vec::with_capacity(48 + end - begin);
                    stamp.write(input[begin..end].trim_ascii_end(), &mut delivery);
                    let _ = room.send(delivery.into());
                    begin = end + 1;
                }
                input.drain(..begin);
            }
            message = inbox.recv() => {
                output.clear();
                output.extend_from_slice(&message?);
                while output.len() < MOST_AT_ONCE && let Ok(message) = inbox.try_recv() {
                    output.extend_from_slice(&message);
                }
                writer.write_all(&output).await?;
            }
        }
    }
}
