//! The result, as one JSON object.

use serde::Serialize;

use crate::args::Args;
use crate::course::Order;
use crate::fault::Fault;
use crate::histogram::Histogram;
use crate::probe::Memory;

/// All that was found out.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) format: String,
    pub(crate) members: usize,
    pub(crate) senders: usize,
    pub(crate) in_flight: usize,
    pub(crate) rate: Option<f64>,
    pub(crate) size: usize,
    pub(crate) deaf: usize,
    pub(crate) one_order: bool,
    pub(crate) join: Join,
    pub(crate) window: Window,
    pub(crate) latency_us: Latencies,
    pub(crate) server_memory_kib: ServerMemory,
    /// Whether every check passed; without that no figure here means anything.
    pub(crate) ok: bool,
    pub(crate) faults: Vec<Fault>,
    /// Messages of the whole run, warm-up included, that every member received in the one order.
    pub(crate) messages_checked: u64,
}

/// How long it took until every member was in the room.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Join {
    pub(crate) connect_seconds: f64,
    pub(crate) seconds: f64,
    pub(crate) members_per_s: f64,
    pub(crate) server_cpu_us_per_member: Option<f64>,
}

/// The measured window.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Window {
    pub(crate) seconds: f64,
    /// Messages that reached the whole room.
    pub(crate) messages: u64,
    pub(crate) deliveries: u64,
    pub(crate) deliveries_per_s: f64,
    pub(crate) bytes_per_delivery: f64,
    pub(crate) server_cpu_seconds: Option<f64>,
    pub(crate) server_cpu_share: Option<f64>,
    pub(crate) server_cpu_us_per_delivery: Option<f64>,
    pub(crate) deliveries_per_server_cpu_s: Option<f64>,
    /// Near 1 the load generator was the limit of the rate; the server's CPU per delivery still stands.
    pub(crate) load_cpu_share: f64,
}

/// From sending to the sender's own copy, and to the last member's.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Latencies {
    pub(crate) sender: Latency,
    pub(crate) room: Latency,
}

/// A distribution in microseconds.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Latency {
    pub(crate) count: u64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

/// The server's memory at four times.
#[derive(Debug, Default, Serialize)]
pub(crate) struct ServerMemory {
    pub(crate) before: Memory,
    pub(crate) joined: Memory,
    pub(crate) after: Memory,
}

impl Report {
    /// An empty report on a run with these arguments.
    pub(crate) fn new(args: &Args) -> Report {
        Report {
            format: args.format.clone(),
            members: args.members,
            senders: args.senders,
            in_flight: args.in_flight,
            rate: args.rate,
            size: args.size,
            deaf: args.deaf,
            one_order: args.order == Order::Room,
            ..Report::default()
        }
    }

    /// Whether every check passed.
    pub(crate) fn is_faultless(&self) -> bool {
        self.faults.is_empty()
    }

    /// One line of JSON.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl From<&Histogram> for Latency {
    fn from(histogram: &Histogram) -> Latency {
        let us = |nanoseconds: u64| nanoseconds as f64 / 1000.0;
        Latency {
            count: histogram.total(),
            p50: us(histogram.quantile(0.5)),
            p99: us(histogram.quantile(0.99)),
            max: us(histogram.max()),
        }
    }
}
