//! The command line.

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use crate::course::Order;
use crate::secure::Keys;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
usage: rustchat-bench ADDRESS [options]

Joins a chat room with many members, lets some of them talk, checks every delivery, prints one JSON object.
Exit code 0: measured, all checks passed; 1: a check failed (the object says which); 2: could not run.

  --format NAME       how the server writes: stamp2 (stamp line, text line; default), plain (text line),
                      json (4-byte big-endian length, one JSON object), resp (redis pub/sub), nats,
                      zmtp (ZeroMQ; the senders publish at the address of --publish)
  --publish ADDRESS   senders send over a connection of their own to this address
  --order NAME        what all members must agree upon: room (one order for all; default) or sender (each
                      sender's order), for servers that promise no more
  --members N         connections that receive (default 100)
  --senders N         how many of them also send (default 1)
  --in-flight N       messages a sender has on the way before its own copy must be back (default 1)
  --rate N            instead of the closed loop: this many messages a second, from all senders in turn
  --deaf N            as many connections more, made first, that never read
  --tls SECRET        everything goes through TLS 1.3, and each connection proves this secret in it
  --knock N           with --tls and instead of a room: N connections at once which prove the secret and
                      go, and again, for the duration
  --awake             never sleep, so that the server pays for waking nobody, however quick this program is
  --arrivals          count latencies to the time at which the kernel received a message, not to its reading
  --rest SECONDS      with a fixed rate: after sending, leave the cores to the server for so long before reading
  --size N            bytes of text in a message, without line end or frame (default 64, at least 24)
  --warm-up SECONDS   load before the measured window (default 1)
  --duration SECONDS  the measured window (default 5)
  --messages N        measure exactly this many messages instead of a duration
  --patience SECONDS  a room in which nothing arrives for this long has failed (default 10)
  --server-pid PID    measure this process's CPU time and resident memory
  --progress          say `joined`, `measuring` and `drained` on standard error
";

/// The parsed command line.
#[derive(Debug, Clone)]
pub(crate) struct Args {
    pub(crate) address: SocketAddr,
    pub(crate) format: String,
    pub(crate) members: usize,
    pub(crate) senders: usize,
    pub(crate) in_flight: usize,
    pub(crate) rate: Option<f64>,
    pub(crate) publish: Option<SocketAddr>,
    pub(crate) order: Order,
    pub(crate) deaf: usize,
    pub(crate) keys: Option<Keys>,
    pub(crate) knock: Option<usize>,
    pub(crate) awake: bool,
    pub(crate) arrivals: bool,
    pub(crate) rest: Duration,
    pub(crate) size: usize,
    pub(crate) warm_up: Duration,
    pub(crate) duration: Duration,
    pub(crate) messages: Option<u64>,
    pub(crate) patience: Duration,
    pub(crate) server_pid: Option<i32>,
    pub(crate) progress: bool,
}

impl Args {
    /// `Ok(None)` when help was asked for.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Option<Args>, String> {
        let mut args = Args {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            format: "stamp2".into(),
            members: 100,
            senders: 1,
            in_flight: 1,
            rate: None,
            publish: None,
            order: Order::Room,
            deaf: 0,
            keys: None,
            knock: None,
            awake: false,
            arrivals: false,
            rest: Duration::ZERO,
            size: 64,
            warm_up: Duration::from_secs(1),
            duration: Duration::from_secs(5),
            messages: None,
            patience: Duration::from_secs(10),
            server_pid: None,
            progress: false,
        };
        while let Some(word) = words.next() {
            match word.as_str() {
                "-h" | "--help" => return Ok(None),
                "--progress" => args.progress = true,
                "--awake" => args.awake = true,
                "--arrivals" => args.arrivals = true,
                option if option.starts_with("--") => {
                    let value = words.next().ok_or(format!("{option} needs a value"))?;
                    args.set(option, &value)?;
                }
                address => args.address = resolve(address)?,
            }
        }
        args.check()?;
        Ok(Some(args))
    }

    fn set(&mut self, option: &str, value: &str) -> Result<(), String> {
        match option {
            "--format" => self.format = value.into(),
            "--members" => self.members = number(option, value)?,
            "--senders" => self.senders = number(option, value)?,
            "--in-flight" => self.in_flight = number(option, value)?,
            "--rate" => self.rate = Some(number(option, value)?),
            "--publish" => self.publish = Some(resolve(value)?),
            "--order" => self.order = order(value)?,
            "--deaf" => self.deaf = number(option, value)?,
            "--tls" => self.keys = Some(Keys::of(value).map_err(|error| format!("--tls: {error}"))?),
            "--knock" => self.knock = Some(number(option, value)?),
            "--rest" => self.rest = seconds(option, value)?,
            "--size" => self.size = number(option, value)?,
            "--warm-up" => self.warm_up = seconds(option, value)?,
            "--duration" => self.duration = seconds(option, value)?,
            "--messages" => self.messages = Some(number(option, value)?),
            "--patience" => self.patience = seconds(option, value)?,
            "--server-pid" => self.server_pid = Some(number(option, value)?),
            _ => return Err(format!("unknown option {option}")),
        }
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        if self.address.port() == 0 {
            return Err("the server's ADDRESS is missing".into());
        }
        if self.senders == 0 || self.senders > self.members || self.members > 99_999 {
            return Err(format!("{} senders among {} members cannot be", self.senders, self.members));
        }
        if self.in_flight == 0 || self.size < crate::text::MIN_SIZE {
            return Err(format!("--in-flight is at least 1, --size at least {}", crate::text::MIN_SIZE));
        }
        if self.rate.is_some_and(|rate| !(rate > 0.0 && rate <= 1e7)) {
            return Err("--rate is between 0 and ten million a second".into());
        }
        if !self.rest.is_zero() && self.rate.is_none() {
            return Err("--rest goes with --rate: in a closed loop the rest would only be waited for".into());
        }
        if self.knock == Some(0) || (self.knock.is_some() && self.keys.is_none()) {
            return Err("--knock is at least 1, and goes with --tls: without a secret there is nothing to prove".into());
        }
        let format = crate::format::by_name(&self.format)?;
        if self.publish.is_some() && format.publisher().is_none() {
            return Err(format!("--publish: the protocol {} has no publishers", self.format));
        }
        Ok(())
    }
}

fn order(value: &str) -> Result<Order, String> {
    match value {
        "room" => Ok(Order::Room),
        "sender" => Ok(Order::Sender),
        _ => Err(format!("--order: {value:?} is neither room nor sender")),
    }
}

fn resolve(address: &str) -> Result<SocketAddr, String> {
    let found = address.to_socket_addrs().map_err(|error| format!("{address}: {error}"))?.next();
    found.ok_or(format!("{address}: no such address"))
}

fn number<T: std::str::FromStr>(option: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{option}: {value:?} is not a number that fits"))
}

fn seconds(option: &str, value: &str) -> Result<Duration, String> {
    Duration::try_from_secs_f64(number(option, value)?).map_err(|_| format!("{option}: {value:?} is not a duration"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Args>, String> {
        Args::parse(line.split_whitespace().map(String::from))
    }

    #[test]
    fn reads_every_option() {
        let line = "127.0.0.1:9 --members 7 --senders 2 --in-flight 3 --size 32 --warm-up 0.5 --messages 9 --rate 10";
        let args = parse(line).unwrap().unwrap();
        assert_eq!((args.members, args.senders, args.in_flight, args.size), (7, 2, 3, 32));
        assert_eq!((args.warm_up, args.messages, args.rate), (Duration::from_millis(500), Some(9), Some(10.0)));
    }

    #[test]
    fn refuses_what_cannot_be() {
        for line in [
            "",
            "127.0.0.1:9 --members 2 --senders 3",
            "127.0.0.1:9 --size 3",
            "127.0.0.1:9 --format x",
            "127.0.0.1:9 --order any",
            "127.0.0.1:9 --rest 0.1",
            "127.0.0.1:9 --knock 5",
            "127.0.0.1:9 --publish 127.0.0.1:8",
            "127.0.0.1:9 --duration -1",
            "127.0.0.1:9 --wat 1",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
        assert!(parse("--help").unwrap().is_none());
    }
}
