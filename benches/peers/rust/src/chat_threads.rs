//! The line chat with a thread for each client and one lock: what the Rust tutorials arrive at. A buffered reader, and one
//! write for each line and member.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::Result;
use crate::stamp::Stamp;

type Members = Mutex<HashMap<SocketAddr, TcpStream>>;

pub(crate) fn serve() -> Result {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on {}", listener.local_addr()?);
    let members = Arc::new(Members::default());
    loop {
        let (stream, peer) = listener.accept()?;
        let members = members.clone();
        thread::Builder::new().stack_size(128 << 10).spawn(move || {
            let _ = attend(stream, peer, &members);
            members.lock().unwrap_or_else(PoisonError::into_inner).remove(&peer);
        })?;
    }
}

fn attend(stream: TcpStream, peer: SocketAddr, members: &Members) -> Result {
    stream.set_nodelay(true)?;
    members.lock().unwrap_or_else(PoisonError::into_inner).insert(peer, stream.try_clone()?);
    let (mut reader, mut stamp) = (BufReader::new(stream), Stamp::new(peer));
    let (mut line, mut delivery) = (Vec::new(), Vec::new());
    while reader.read_until(b'\n', &mut line)? > 0 {
        delivery.clear();
        stamp.write(line.trim_ascii_end(), &mut delivery);
        line.clear();
        let mut members = members.lock().unwrap_or_else(PoisonError::into_inner);
        members.retain(|_, member| member.write_all(&delivery).is_ok());
    }
    Ok(())
}
