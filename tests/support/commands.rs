//! Servers of remote commands and their clients.

use std::time::{Duration, Instant};

use rustchat::auth::{ClientAuth, KeyRing, Profile, Secret, ServerAuth};
use rustchat::command::{
    Catalogue, Command, CommandClient, CommandClientOptions, CommandServer, CommandServerOptions, Completed,
};
use rustchat::net::Endpoint;

use super::{PATIENCE, eventually};

pub(crate) const SECRET: &str = "sixteen bytes or more";

/// Options of a server on a free port of this machine.
pub(crate) fn options() -> CommandServerOptions {
    let mut options = CommandServerOptions::new(Endpoint::tcp("127.0.0.1", 0));
    options.auth = Some(ServerAuth::new(Profile::Mutual, KeyRing::single(Secret::new(SECRET).unwrap())));
    options.workers = 2;
    options
}

/// A server that runs whatever its clients have a shell do.
pub(crate) fn serve() -> CommandServer {
    serve_with(|_| {})
}

pub(crate) fn serve_with(change: impl FnOnce(&mut CommandServerOptions)) -> CommandServer {
    let mut options = options();
    change(&mut options);
    CommandServer::start(options, Catalogue::new().shell("/bin/sh")).unwrap()
}

pub(crate) fn client_options(server: &CommandServer) -> CommandClientOptions {
    let mut options = CommandClientOptions::new(server.address());
    options.auth = Some(ClientAuth::new(Profile::Mutual, Secret::new(SECRET).unwrap()));
    options.timeout = PATIENCE;
    options
}

pub(crate) fn connect(server: &CommandServer) -> CommandClient {
    CommandClient::connect(&client_options(server), PATIENCE).unwrap()
}

/// What becomes of a shell's program text.
pub(crate) fn sh(client: &CommandClient, text: &str) -> Completed {
    client.run(&Command::shell(text), PATIENCE).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The standard output of a shell's program text, as text.
pub(crate) fn output_of(client: &CommandClient, text: &str) -> String {
    String::from_utf8(sh(client, text).stdout).unwrap()
}

/// Whether there is such a process, and it has not ended.
pub(crate) fn is_alive(pid: &str) -> bool {
    assert!(!pid.trim().is_empty(), "it has not told its number");
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())) else { return false };
    !matches!(stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().next()), Some("Z" | "X") | None)
}

/// Waits until a process has ended; how long that took.
pub(crate) fn await_death(pid: &str) -> Duration {
    let begin = Instant::now();
    eventually(&format!("{pid} ends"), || !is_alive(pid));
    begin.elapsed()
}

/// Children of this process that have ended and that nobody has waited for.
pub(crate) fn zombies() -> usize {
    let own = std::process::id().to_string();
    let stats = std::fs::read_dir("/proc").unwrap().flatten();
    let stats = stats.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
    let fields = stats.map(|stat| stat.rsplit(')').next().unwrap().split_whitespace().map(str::to_owned).collect());
    fields.filter(|fields: &Vec<String>| fields.len() > 1 && fields[0] == "Z" && fields[1] == own).count()
}

/// How often something is done: more, where the environment asks for the full size.
pub(crate) fn rounds(few: u64) -> u64 {
    std::env::var("RUSTCHAT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(few)
}

/// A way to a server that is slow, or ends.
pub(crate) struct Proxy {
    address: std::net::SocketAddr,
}

impl Proxy {
    /// Bytes a second from the server.
    pub(crate) fn slow(server: &CommandServer, rate: usize) -> Proxy {
        Proxy::start(server, rate, usize::MAX)
    }

    fn start(server: &CommandServer, rate: usize, most: usize) -> Proxy {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, target) = (listener.local_addr().unwrap(), server.address().to_string());
        std::thread::spawn(move || {
            let (near, _) = listener.accept().unwrap();
            let far = std::net::TcpStream::connect(target).unwrap();
            let (up_from, up_to) = (near.try_clone().unwrap(), far.try_clone().unwrap());
            std::thread::spawn(move || forward(up_from, up_to, usize::MAX, usize::MAX));
            forward(far, near, rate, most);
        });
        Proxy { address }
    }
}

/// One that breaks after so many bytes from the server.
pub(crate) fn cut_proxy(server: &CommandServer, most: usize) -> Proxy {
    Proxy::start(server, usize::MAX, most)
}

pub(crate) fn connect_through(server: &CommandServer, proxy: &Proxy) -> CommandClient {
    let mut options = client_options(server);
    options.endpoint = Endpoint::tcp("127.0.0.1", proxy.address.port());
    CommandClient::connect(&options, PATIENCE).unwrap()
}

fn forward(mut from: std::net::TcpStream, mut to: std::net::TcpStream, rate: usize, most: usize) {
    use std::io::{Read, Write};
    let (mut buffer, mut total) = (vec![0; 16 * 1024], 0);
    while total < most {
        let Ok(count @ 1..) = from.read(&mut buffer) else { break };
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
        total += count;
        if rate < usize::MAX {
            std::thread::sleep(Duration::from_secs_f64(count as f64 / rate as f64));
        }
    }
    let _ = from.shutdown(std::net::Shutdown::Both);
    let _ = to.shutdown(std::net::Shutdown::Both);
}
