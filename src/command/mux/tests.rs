//! Any order of events at both ends of a connection.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::command::exit::{Exit, ExitKind};
use crate::command::wire::{Flags, MOST_CREDIT, Output, Report, Request, Run, Violation};

/// One command at the server.
#[derive(Default)]
struct Job {
    started: bool,
    /// What came of each output that has.
    ended: [Option<u64>; 2],
}

/// Two ends, and what is on its way between them.
#[derive(Default)]
struct Pair {
    client: ClientMux,
    server: ServerMux,
    up: VecDeque<Vec<u8>>,
    down: VecDeque<Vec<u8>>,
    jobs: BTreeMap<u32, Job>,
    /// What the client has heard last of each command.
    heard: BTreeMap<u32, Vec<&'static str>>,
}

impl Pair {
    fn new() -> Pair {
        let mut pair = Pair::default();
        pair.ask(&Request::Hello { features: 0 });
        pair.deliver_up();
        pair.answer(&Report::Hello(crate::command::wire::ServerHello {
            features: 0,
            channels: 256,
            argument_bytes: 60_000,
            timeout: 0,
            server_id: b"",
        }));
        pair
    }

    fn ask(&mut self, request: &Request<'_>) {
        self.up.push_back(request.encode());
    }

    fn answer(&mut self, report: &Report<'_>) {
        self.down.push_back(report.framed()[4..].to_vec());
    }

    fn deliver_up(&mut self) {
        let Some(message) = self.up.pop_front() else { return };
        let request = Request::decode(&message).unwrap();
        if let Some(Request::Run(channel, _)) = self.server.take(request).unwrap() {
            self.jobs.insert(channel, Job::default());
        }
    }

    fn deliver_down(&mut self) {
        let Some(message) = self.down.pop_front() else { return };
        let report = Report::decode(&message).unwrap();
        self.client.take(&report).unwrap();
        let (channel, what) = match report {
            Report::Started(channel, _) => (channel, "started"),
            Report::Output(channel, ..) => (channel, "output"),
            Report::End(channel, ..) => (channel, "end"),
            Report::Exit(channel, _) => (channel, "exit"),
            Report::Refused(channel, ..) => (channel, "refused"),
            _ => return,
        };
        self.heard.entry(channel).or_default().push(what);
    }

    fn step(&mut self, kind: u8, number: u32, amount: u32) {
        let output = Output::BOTH[number as usize % 2];
        let channel = self.jobs.keys().nth(number as usize % self.jobs.len().max(1)).copied().unwrap_or(0);
        match kind {
            0 => {
                let credit = [amount % 1000, number % 5000];
                let channel = self.client.begin(credit).unwrap();
                let run = Run { credit, flags: Flags { stdin: true, ..Flags::default() }, ..Run::default() };
                self.ask(&Request::Run(channel, run));
            }
            1 if amount > 0 => {
                // The client knows of what is over a little later.
                let channel = number % 8 + 1;
                if self.client.is_open(channel) && self.client.grant(channel, output, amount).is_ok() {
                    self.ask(&Request::Credit(channel, output, amount));
                }
            }
            2 => {
                let channel = number % 8 + 1;
                let count = (amount as usize).min(self.client.stdin_credit(channel) as usize).min(100);
                if self.client.is_open(channel) {
                    self.client.spend_stdin(channel, count).unwrap();
                    self.ask(&Request::Stdin(channel, &vec![0; count]));
                }
            }
            3..=5 => self.deliver_up(),
            6..=8 => self.deliver_down(),
            _ if self.jobs.contains_key(&channel) => self.work(channel, output, kind, amount),
            _ => {}
        }
    }

    fn work(&mut self, channel: u32, output: Output, kind: u8, amount: u32) {
        let job = self.jobs.get_mut(&channel).unwrap();
        let ended = job.ended[output.index()].is_some();
        if !job.started {
            if kind == 9 {
                self.jobs.remove(&channel);
                self.server.refused(channel).unwrap();
                return self.answer(&Report::Refused(channel, 8, "busy"));
            }
            job.started = true;
            self.server.started(channel).unwrap();
            self.answer(&Report::Started(channel, 1));
        } else if kind < 12 && !ended {
            let count = self.server.credit(channel, output).min(amount % 300) as usize;
            self.server.spend(channel, output, count).unwrap();
            self.answer(&Report::Output(channel, output, &vec![0; count]));
        } else if kind == 12 && !ended {
            let total = self.server.end(channel, output).unwrap();
            job.ended[output.index()] = Some(total);
            self.answer(&Report::End(channel, output, total, 0));
        } else if let (13, [Some(stdout), Some(stderr)]) = (kind, job.ended) {
            self.jobs.remove(&channel);
            self.server.exit(channel).unwrap();
            self.answer(&Report::Exit(channel, exit(stdout, stderr)));
        }
    }
}

fn exit(stdout_bytes: u64, stderr_bytes: u64) -> Exit {
    let none = Duration::ZERO;
    Exit {
        kind: ExitKind::Exited,
        raw_code: 0,
        signal: 0,
        core: false,
        survivors_killed: false,
        stdout_bytes,
        stderr_bytes,
        wall: none,
        user: none,
        system: none,
        max_rss: 0,
    }
}

proptest! {
    #[test]
    fn two_ends_understand_each_other_in_any_order_of_events(
        steps in vec((0..14_u8, any::<u32>(), 0..2000_u32), 0..400)
    ) {
        let mut pair = Pair::new();
        for (kind, number, amount) in steps {
            pair.step(kind, number, amount);
        }
        while !pair.down.is_empty() {
            pair.deliver_down();
        }
        for (channel, heard) in &pair.heard {
            let last = heard.iter().position(|what| ["exit", "refused"].contains(what));
            prop_assert!(last.is_none_or(|last| last + 1 == heard.len()), "{channel}: {heard:?}");
            prop_assert_eq!(pair.client.is_open(*channel), last.is_none());
            if heard.contains(&"exit") {
                prop_assert_eq!(heard.iter().filter(|what| **what == "end").count(), 2);
                prop_assert_eq!(heard[0], "started");
            }
        }
    }

    #[test]
    fn a_window_is_never_exceeded_and_never_stands_still(
        reads in vec((1..200_000_usize, 0..300_u64), 1..200), unread in prop_oneof![Just(0), Just(1 << 20)]
    ) {
        let (mut budget, mut now) = (Budget::default(), Instant::now());
        let whole = budget.left();
        let mut window = Window::new(unread, &mut budget, now);
        let mut outstanding = u64::from(window.size());
        for (count, pause) in reads {
            now += Duration::from_millis(pause);
            let count = (count as u64).min(outstanding);
            outstanding -= count;
            if let Some(more) = window.read(count as usize, &mut budget, now) {
                outstanding += u64::from(more);
            }
            prop_assert!(outstanding > 0 && outstanding <= u64::from(window.size()));
            prop_assert!(window.size() <= 1 << 20);
        }
        window.close(&mut budget);
        prop_assert_eq!(budget.left(), whole);
    }
}

/// A server that has greeted and to which these commands were begun.
fn server(runs: u32) -> ServerMux {
    let mut server = ServerMux::default();
    server.take(Request::Hello { features: 0 }).unwrap();
    for channel in 1..=runs {
        let flags = Flags { stdin: channel == 1, ..Flags::default() };
        server.take(Request::Run(channel, Run { credit: [10, 0], flags, ..Run::default() })).unwrap();
    }
    server
}

#[test]
fn a_client_that_breaks_a_rule_is_told_which() {
    let refused = |request| server(2).take(request).unwrap_err();
    let run = |channel| Request::Run(channel, Run::default());
    assert_eq!(ServerMux::default().take(run(1)).unwrap_err(), Violation::NotGreeted);
    assert_eq!(refused(Request::Hello { features: 0 }), Violation::GreetedTwice);
    assert_eq!(refused(run(2)), Violation::OutOfOrder { channel: 2, expected: 3 });
    assert_eq!(refused(run(4)), Violation::OutOfOrder { channel: 4, expected: 3 });
    assert_eq!(refused(Request::StdinEnd(3)), Violation::NeverBegun(3));
    assert_eq!(refused(Request::Stdin(2, b"x")), Violation::NoStdin);
    assert_eq!(refused(Request::Stdin(1, &[0; 65_537])), Violation::OverCredit);
    assert_eq!(refused(Request::Credit(1, Output::Stdout, 0)), Violation::NoCredit);
    assert_eq!(refused(Request::Credit(1, Output::Stdout, MOST_CREDIT)), Violation::CreditOverflow);
    let mut server = server(1);
    server.take(Request::StdinEnd(1)).unwrap();
    assert_eq!(server.take(Request::Stdin(1, b"")).unwrap_err(), Violation::StdinEnded);
    assert_eq!(server.take(Request::StdinEnd(1)).unwrap_err(), Violation::StdinEnded);
}

#[test]
fn what_is_late_is_passed_over() {
    let mut server = server(2);
    server.refused(1).unwrap();
    assert_eq!(server.take(Request::Stdin(1, b"late")), Ok(None));
    assert_eq!(server.take(Request::Signal(1, crate::command::wire::Signal::Kill)), Ok(None));
    assert_eq!(server.take(Request::Credit(1, Output::Stdout, 5)), Ok(None));
    assert_eq!((server.open(), server.last()), (1, 2));
}

#[test]
fn a_server_that_breaks_a_rule_is_found_out() {
    let client = || {
        let mut client = ClientMux::default();
        let hello = crate::command::wire::ServerHello {
            features: 0,
            channels: 1,
            argument_bytes: 1,
            timeout: 0,
            server_id: b"",
        };
        client.take(&Report::Hello(hello)).unwrap();
        assert_eq!(client.begin([5, 0]), Some(1));
        client
    };
    let said = |reports: &[Report<'_>]| {
        let mut client = client();
        let (last, before) = reports.split_last().unwrap();
        before.iter().for_each(|report| client.take(report).unwrap());
        client.take(last).unwrap_err()
    };
    let (out, err) = (Output::Stdout, Output::Stderr);
    let started = Report::Started(1, 1);
    assert_eq!(ClientMux::default().take(&Report::Ping).unwrap_err(), Violation::NotGreeted);
    assert_eq!(said(&[Report::Output(1, out, b"x")]), Violation::NotStarted);
    assert_eq!(said(&[Report::Started(2, 1)]), Violation::NeverBegun(2));
    assert_eq!(said(&[started.clone(), started.clone()]), Violation::StartedTwice);
    assert_eq!(said(&[started.clone(), Report::Refused(1, 1, "")]), Violation::StartedTwice);
    assert_eq!(said(&[started.clone(), Report::Output(1, out, b"123456")]), Violation::OverCredit);
    assert_eq!(said(&[started.clone(), Report::Output(1, err, b"1")]), Violation::OverCredit);
    assert_eq!(said(&[started.clone(), Report::End(1, out, 1, 0)]), Violation::Total);
    let end = Report::End(1, out, 0, 0);
    assert_eq!(said(&[started.clone(), end.clone(), end.clone()]), Violation::StreamEnded);
    assert_eq!(said(&[started.clone(), end.clone(), Report::Output(1, out, b"x")]), Violation::StreamEnded);
    assert_eq!(said(&[started.clone(), end.clone(), Report::Exit(1, exit(0, 0))]), Violation::EndMissing);
    let ends = [started.clone(), end.clone(), Report::End(1, err, 0, 0)];
    assert_eq!(said(&[&ends[..], &[Report::Exit(1, exit(1, 0))]].concat()), Violation::Total);
    let over = [&ends[..], &[Report::Exit(1, exit(0, 0)), Report::Output(1, out, b"")]].concat();
    assert_eq!(said(&over), Violation::Over(1));
}
