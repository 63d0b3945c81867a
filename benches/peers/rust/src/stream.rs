//! One-way messages over tokio-util's codec; the source fills the codec's buffer and lets it decide when to write.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};

use crate::Result;
use crate::framed::{cpu_seconds, framed, report};

/// Behind the last message; the sink answers with how many came before it.
const END: &[u8] = b"end";

pub(crate) async fn serve() -> Result {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let mut connection = framed(listener.accept().await?.0)?;
        let mut count = 0_u64;
        while let Some(Ok(message)) = connection.next().await {
            if message == END {
                connection.send(Bytes::from(count.to_string())).await?;
                break;
            }
            count += 1;
        }
    }
}

pub(crate) async fn call(address: &str, size: usize, seconds: f64) -> Result {
    let mut connection = framed(TcpStream::connect(address).await?)?;
    let message = Bytes::from(vec![b'x'; size]);
    let batch = ((64 << 10) / size).clamp(1, 1024);
    let (mut count, cpu, begin) = (0_u64, cpu_seconds(), Instant::now());
    while begin.elapsed() < Duration::from_secs_f64(seconds) {
        for _ in 0..batch {
            connection.feed(message.clone()).await?;
        }
        count += batch as u64;
    }
    connection.send(Bytes::from_static(END)).await?;
    let answer = connection.next().await.ok_or("the sink is gone")??;
    if answer != count.to_string().as_bytes() {
        return Err(format!("{count} messages sent, {answer:?} received").into());
    }
    report("messages", count, begin, cpu);
    Ok(())
}
