//! Framed echo over tokio-util's codec.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};

use crate::Result;
use crate::framed::{Connection, cpu_seconds, framed, report};

pub(crate) async fn serve() -> Result {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let mut connection = framed(listener.accept().await?.0)?;
        while let Some(Ok(message)) = connection.next().await {
            connection.send(message.freeze()).await?;
        }
    }
}

pub(crate) async fn call(address: &str, size: usize, seconds: f64) -> Result {
    let mut connection = framed(TcpStream::connect(address).await?)?;
    let message = Bytes::from(vec![b'x'; size]);
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs_f64(seconds / 10.0) {
        round_trip(&mut connection, &message).await?;
    }
    let (mut count, cpu, begin) = (0, cpu_seconds(), Instant::now());
    while begin.elapsed() < Duration::from_secs_f64(seconds) {
        round_trip(&mut connection, &message).await?;
        count += 1;
    }
    report("round_trips", count, begin, cpu);
    Ok(())
}

async fn round_trip(connection: &mut Connection, message: &Bytes) -> Result {
    connection.send(message.clone()).await?;
    let answer = connection.next().await.ok_or("the server is gone")??;
    if answer.len() == message.len() { Ok(()) } else { Err("the echo differs from what was sent".into()) }
}
