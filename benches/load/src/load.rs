//! The run: join, warm up, measure, drain, check.

use std::time::{Duration, Instant};

use crate::args::Args;
use crate::fault::{Fault, Kind};
use crate::probe::{self, Probe};
use crate::report::{Join, Latencies, Latency, Report, Window};
use crate::room::Room;

/// After the last message is complete, this long nothing more may arrive.
const QUIET: Duration = Duration::from_millis(50);
/// Nobody new in the room for this long: the sync is repeated. Long enough for a server to let in those whom it has accepted,
/// since each repetition is a broadcast to all.
const SYNC_PAUSE: Duration = Duration::from_millis(25);

/// Figures at one moment.
struct Snapshot {
    time: Instant,
    deliveries: u64,
    bytes: u64,
    messages: u64,
    complete: u64,
    server_cpu: Option<f64>,
    own_cpu: f64,
}

/// Runs the load that `args` ask for. An error means that it could not be run; what the server did wrong is in the report.
pub(crate) fn run(args: &Args) -> Result<Report, String> {
    let probe = args.server_pid.map(Probe::new).transpose()?;
    let mut report = Report::new(args);
    report.server_memory_kib.before = probe.as_ref().map(Probe::memory).unwrap_or_default();
    let started = (Instant::now(), probe.as_ref().map(Probe::cpu));
    let mut room = Room::connect(args).map_err(|error| format!("cannot connect to {}: {error}", args.address))?;
    report.join.connect_seconds = started.0.elapsed().as_secs_f64();
    if let Err(fault) = measure(&mut room, args, probe.as_ref(), started, &mut report) {
        report.faults.push(fault);
    }
    report.ok = report.is_faultless();
    report.messages_checked = room.log.complete();
    report.latency_us =
        Latencies { sender: Latency::from(&room.log.meter.to_sender), room: Latency::from(&room.log.meter.to_room) };
    Ok(report)
}

fn measure(
    room: &mut Room,
    args: &Args,
    probe: Option<&Probe>,
    (started, cpu): (Instant, Option<f64>),
    report: &mut Report,
) -> Result<(), Fault> {
    join(room)?;
    let seconds = started.elapsed().as_secs_f64();
    let cpu = probe.map(Probe::cpu).zip(cpu).map(|(after, before)| after - before);
    report.join = Join {
        seconds,
        members_per_s: args.members as f64 / seconds,
        server_cpu_us_per_member: cpu.map(|cpu| cpu * 1e6 / args.members as f64),
        ..report.join
    };
    report.server_memory_kib.joined = probe.map(Probe::memory).unwrap_or_default();
    progress(args, "joined");

    if !args.warm_up.is_zero() {
        room.start(None)?;
        room.run_for(args.warm_up)?;
    }
    progress(args, "measuring");
    let before = Snapshot::take(room, probe);
    room.log.meter.window = room.now()..u64::MAX;
    match args.messages {
        Some(count) => {
            room.start(Some(count))?;
            room.drain()?;
        }
        None => {
            room.start(None)?;
            room.run_for(args.duration)?;
        }
    }
    room.log.meter.window.end = room.now();
    report.window = window(&before, &Snapshot::take(room, probe));

    room.drain()?;
    room.run_for(QUIET)?;
    room.finish()?;
    report.server_memory_kib.after = probe.map(Probe::memory).unwrap_or_default();
    progress(args, "drained");
    Ok(())
}

/// Brings every member to the place in the stream from which all must see the same.
fn join(room: &mut Room) -> Result<(), Fault> {
    let (mut synced, mut moved) = (0, Instant::now());
    let mut last_sync: Option<Instant> = None;
    loop {
        let now = room.synced();
        if now > synced {
            (synced, moved) = (now, Instant::now());
        }
        if synced == room.members() {
            break;
        }
        if moved.elapsed() > room.patience() {
            let missing = room.members() - synced;
            return Err(Fault::new(Kind::Stalled, format!("{missing} members receive nothing after they connected")));
        }
        if room.may_publish() && last_sync.is_none_or(|last| moved.max(last).elapsed() > SYNC_PAUSE) {
            room.send_sync()?;
            last_sync = Some(Instant::now());
        }
        room.turn(SYNC_PAUSE)?;
    }
    room.send_begin()?;
    let begun = Instant::now();
    while room.joining() > 0 {
        if begun.elapsed() > room.patience() {
            return Err(Fault::new(Kind::Lost, format!("the first message, for {} members", room.joining())));
        }
        room.turn(SYNC_PAUSE)?;
    }
    Ok(())
}

fn window(before: &Snapshot, after: &Snapshot) -> Window {
    let seconds = (after.time - before.time).as_secs_f64();
    let deliveries = after.deliveries - before.deliveries;
    let cpu = after.server_cpu.zip(before.server_cpu).map(|(after, before)| after - before);
    Window {
        seconds,
        messages: after.complete - before.complete,
        deliveries,
        deliveries_per_s: deliveries as f64 / seconds,
        bytes_per_delivery: (after.bytes - before.bytes) as f64 / (after.messages - before.messages).max(1) as f64,
        server_cpu_seconds: cpu,
        server_cpu_share: cpu.map(|cpu| cpu / seconds),
        server_cpu_us_per_delivery: cpu.map(|cpu| cpu * 1e6 / deliveries.max(1) as f64),
        deliveries_per_server_cpu_s: cpu.map(|cpu| deliveries as f64 / cpu),
        load_cpu_share: (after.own_cpu - before.own_cpu) / seconds,
    }
}

impl Snapshot {
    fn take(room: &Room, probe: Option<&Probe>) -> Snapshot {
        Snapshot {
            time: Instant::now(),
            deliveries: room.log.deliveries(),
            bytes: room.log.end(),
            messages: room.log.messages(),
            complete: room.log.complete(),
            server_cpu: probe.map(Probe::cpu),
            own_cpu: probe::own_cpu(),
        }
    }
}

fn progress(args: &Args, what: &str) {
    if args.progress {
        eprintln!("{what}");
    }
}
