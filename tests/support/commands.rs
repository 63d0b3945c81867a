//! Servers of remote commands and their clients.

use std::time::{Duration, Instant};

use rustchat::auth::{ClientAuth, KeyRing, Profile, Secret, ServerAuth};
use rustchat::command::{
    Catalogue, Command, CommandClient, CommandClientOptions, CommandServer, CommandServerOptions, Completed,
};
use rustchat::net::Endpoint;

use super::PATIENCE;

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
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())) else { return false };
    !matches!(stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().next()), Some("Z" | "X") | None)
}

/// Waits until a process has ended; how long that took.
pub(crate) fn await_death(pid: &str) -> Duration {
    let begin = Instant::now();
    while is_alive(pid) {
        assert!(begin.elapsed() < PATIENCE, "{pid} lives on");
        std::thread::sleep(Duration::from_millis(2));
    }
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
