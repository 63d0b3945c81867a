//! All members on one epoll: who is ready is read, checked and, if a sender, sends on.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use mio::{Events, Poll};

use crate::args::Args;
use crate::arrival;
use crate::backlog::Backlog;
use crate::course::Course;
use crate::fault::{Fault, Kind};
use crate::format::{self, Format};
use crate::log::Log;
use crate::member::{self, Member};
use crate::pace::Pace;
use crate::publisher::Publisher;
use crate::secure::Keys;
use crate::sender::{Sender, Writer};
use crate::text::{self, Mark};
use crate::wire::Wire;

/// No turn waits longer, so that a clock is looked at now and then.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// So many members may be connected and have yet to prove a secret.
const UNPROVED: usize = 64;

/// The members, the senders among them, and what they agree upon.
pub(crate) struct Room {
    poll: Poll,
    events: Events,
    buffer: Vec<u8>,
    members: Vec<Member>,
    senders: Vec<Sender>,
    /// What the senders send over, where that is not a member's connection.
    publishers: Vec<Publisher>,
    publisher_format: Option<Box<dyn Format>>,
    /// They never read; kept open.
    _deaf: Vec<TcpStream>,
    writer: Writer,
    pub(crate) log: Log,
    epoch: Instant,
    patience: Duration,
    in_flight: usize,
    pace: Option<Pace>,
    awake: bool,
    arrivals: bool,
    rest: Duration,
    /// Whether the members are off the epoll, and all of them are read after each wait instead.
    unwatched: bool,
    /// Messages still to be sent.
    budget: u64,
    sent: u64,
    synced: usize,
    joining: usize,
    syncs: u64,
}

impl Room {
    /// Connects all members, one after the other; the senders are spread evenly among them.
    pub(crate) fn connect(args: &Args) -> io::Result<Room> {
        let poll = Poll::new()?;
        let format = format::by_name(&args.format).map_err(io::Error::other)?;
        let senders: Vec<Sender> =
            (0..args.senders).map(|number| Sender::new(number, number * args.members / args.senders)).collect();
        let mut room = Room {
            events: Events::with_capacity(1024),
            buffer: vec![0; 256 << 10],
            members: Vec::with_capacity(args.members),
            senders,
            publishers: Vec::new(),
            publisher_format: format.publisher(),
            _deaf: member::connect_deaf(args, format.as_ref())?,
            writer: Writer::new(format, args.size),
            log: Log::new(args.members, args.senders, args.size),
            epoch: Instant::now(),
            patience: args.patience,
            in_flight: args.in_flight,
            pace: args.rate.map(Pace::new),
            awake: args.awake,
            arrivals: args.arrivals,
            rest: args.rest,
            unwatched: false,
            budget: 0,
            sent: 0,
            synced: 0,
            joining: args.members,
            syncs: 0,
            poll,
        };
        let backlog = Backlog::of(args.address);
        for number in 0..args.members {
            backlog.wait_for_room(number);
            let sender = room.senders.iter().position(|sender| sender.member == number);
            let mut wire = Wire::connect(args.address, room.poll.registry(), number)?;
            if args.arrivals {
                wire.note_arrivals()?;
            }
            room.writer.format().hello(&mut wire.out);
            let course = Course::new(args.order, sender.map(|sender| sender as u32), args.senders);
            room.members.push(Member::new(wire, course, sender));
            if let Some(keys) = &args.keys {
                room.secure(number, keys).map_err(|fault| io::Error::other(fault.detail))?;
            }
        }
        backlog.wait_until_taken(args.patience);
        if let (Some(address), Some(format)) = (args.publish, &room.publisher_format) {
            for number in args.members..args.members + args.senders {
                let publisher = Publisher::connect(address, room.poll.registry(), number, format.as_ref())?;
                room.publishers.push(publisher);
            }
        }
        Ok(room)
    }

    /// A member's channel begins. Those before it go on meanwhile, and not too many are on their way at a time: a server
    /// has a limit to that.
    fn secure(&mut self, number: usize, keys: &Keys) -> Result<(), Fault> {
        self.members[number].wire.secure(keys)?;
        self.turn(Duration::ZERO)?;
        let begun = Instant::now();
        while self.members.iter().rev().take(2 * UNPROVED).filter(|member| !member.wire.is_open()).count() > UNPROVED {
            if begun.elapsed() > self.patience {
                return Err(Fault::new(Kind::Stalled, "members are not let in"));
            }
            self.turn(LONGEST_WAIT)?;
        }
        Ok(())
    }

    /// How many members there are.
    pub(crate) fn members(&self) -> usize {
        self.members.len()
    }

    /// How many of them are known to be in the room.
    pub(crate) fn synced(&self) -> usize {
        self.synced
    }

    /// Whether every sender may send.
    pub(crate) fn may_publish(&self) -> bool {
        self.publishers.iter().all(|publisher| publisher.is_ready)
    }

    /// How many have not seen the beginning yet.
    pub(crate) fn joining(&self) -> usize {
        self.joining
    }

    /// How long nothing may happen.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Nanoseconds since the room was made; with `--arrivals`, since 1970.
    pub(crate) fn now(&self) -> u64 {
        if self.arrivals { arrival::now() } else { self.epoch.elapsed().as_nanos() as u64 }
    }

    /// The first sender says something that shows who is in the room.
    pub(crate) fn send_sync(&mut self) -> Result<(), Fault> {
        self.syncs += 1;
        self.say(Mark { kind: text::Kind::Sync, sender: 0, counter: self.syncs })
    }

    /// The first sender says that the checked part begins.
    pub(crate) fn send_begin(&mut self) -> Result<(), Fault> {
        self.say(Mark { kind: text::Kind::Begin, sender: 0, counter: 0 })
    }

    fn say(&mut self, mark: Mark) -> Result<(), Fault> {
        let number = self.senders[0].member;
        let wire = match self.publishers.first_mut() {
            Some(publisher) => &mut publisher.wire,
            None => &mut self.members[number].wire,
        };
        self.writer.write(mark, &mut wire.out);
        wire.flush().map_err(|fault| fault.seen_by(number))
    }

    /// Lets the senders send, at most `budget` messages.
    pub(crate) fn start(&mut self, budget: Option<u64>) -> Result<(), Fault> {
        self.budget = budget.unwrap_or(u64::MAX);
        if !self.rest.is_zero() && !self.unwatched {
            self.unwatch()?;
        }
        if let Some(pace) = &mut self.pace {
            pace.restart();
            return Ok(());
        }
        (0..self.senders.len()).try_for_each(|sender| self.send(sender, self.in_flight))
    }

    /// Takes the members off the epoll: whoever rests needs no events. Each message would take the one lock of it, for which
    /// the server's threads would wait; members on machines of their own share none.
    fn unwatch(&mut self) -> Result<(), Fault> {
        self.unwatched = true;
        for member in &mut self.members {
            let done = member.wire.unwatch(self.poll.registry());
            done.map_err(|error| Fault::new(Kind::Stalled, error.to_string()))?;
        }
        Ok(())
    }

    /// Goes on for some time.
    pub(crate) fn run_for(&mut self, time: Duration) -> Result<(), Fault> {
        let end = Instant::now() + time;
        self.run_until(|_, now| now >= end, Some(end))
    }

    /// Sends what is left of a limited budget, or nothing more if it has no limit, until every member has everything.
    pub(crate) fn drain(&mut self) -> Result<(), Fault> {
        if self.budget > u64::MAX / 2 {
            self.budget = 0;
        }
        self.run_until(|room, _| room.budget == 0 && room.is_drained(), None)
    }

    /// Whether every member has everything that it should have in the end.
    pub(crate) fn finish(&self) -> Result<(), Fault> {
        let mut members = self.members.iter().enumerate();
        members.try_for_each(|(number, member)| member.course.finish(&self.log).map_err(|fault| fault.seen_by(number)))
    }

    fn is_drained(&self) -> bool {
        self.log.complete() == self.sent
    }

    fn run_until(&mut self, done: impl Fn(&Room, Instant) -> bool, end: Option<Instant>) -> Result<(), Fault> {
        let (mut deliveries, mut moved) = (self.log.deliveries(), Instant::now());
        loop {
            let now = Instant::now();
            if done(self, now) {
                return Ok(());
            }
            if self.log.deliveries() > deliveries || self.is_drained() {
                (deliveries, moved) = (self.log.deliveries(), now);
            } else if now - moved > self.patience {
                return Err(self.stalled());
            }
            let wait = end.map_or(LONGEST_WAIT, |end| end.saturating_duration_since(now).min(LONGEST_WAIT));
            let wait = self.keep_pace(now)?.map_or(wait, |due| due.min(wait));
            self.turn(wait)?;
            if self.log.is_long() {
                self.log.compact();
            }
        }
    }

    fn stalled(&self) -> Fault {
        match self.finish() {
            Err(fault) if self.log.messages() == self.sent => fault,
            _ => {
                let missing = self.sent - self.log.messages();
                let detail = format!("{missing} messages reached nobody within {:?}", self.patience);
                Fault::new(if missing > 0 { Kind::Lost } else { Kind::Stalled }, detail)
            }
        }
    }

    /// With a fixed rate: sends what is due, the senders in turn, and returns when to come back.
    fn keep_pace(&mut self, now: Instant) -> Result<Option<Duration>, Fault> {
        let Some(pace) = &mut self.pace else { return Ok(None) };
        let due = pace.due(now, self.budget);
        let rest = if due.is_empty() { Duration::ZERO } else { self.rest };
        for message in due {
            let sender = message % self.senders.len() as u64;
            self.send(sender as usize, usize::MAX)?;
        }
        std::thread::sleep(rest);
        Ok(self.pace.as_ref().filter(|_| self.budget > 0).map(Pace::wait))
    }

    /// One wait and all that it brings.
    pub(crate) fn turn(&mut self, wait: Duration) -> Result<(), Fault> {
        let mut events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        let wait = if self.awake { Duration::ZERO } else { wait };
        match self.poll.poll(&mut events, Some(wait)) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                return Err(Fault::new(Kind::Stalled, error.to_string()));
            }
            _ => {}
        }
        for event in &events {
            let number = event.token().0;
            if let (Some(at), Some(format)) = (number.checked_sub(self.members.len()), &self.publisher_format) {
                let attended = self.publishers[at].attend(format.as_ref(), &mut self.buffer);
                attended.map_err(|fault| fault.seen_by(self.senders[at].member))?;
                continue;
            }
            if event.is_writable() {
                self.members[number].wire.flush().map_err(|fault| fault.seen_by(number))?;
            }
            if event.is_readable() || event.is_read_closed() || event.is_error() {
                self.read(number).map_err(|fault| fault.seen_by(number))?;
            }
        }
        self.events = events;
        if self.unwatched { self.attend_all() } else { Ok(()) }
    }

    fn attend_all(&mut self) -> Result<(), Fault> {
        for number in 0..self.members.len() {
            let attended = self.members[number].wire.flush().and_then(|()| self.read(number));
            attended.map_err(|fault| fault.seen_by(number))?;
        }
        Ok(())
    }

    fn read(&mut self, number: usize) -> Result<(), Fault> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut own = 0;
        let result = loop {
            let wire = &mut self.members[number].wire;
            let read = if self.arrivals {
                wire.read_with_arrival(&mut buffer)
            } else {
                wire.read(&mut buffer).map(|length| length.map(|length| (length, self.now())))
            };
            match read {
                Ok(Some((length, now))) => match self.take(number, &buffer[..length], now) {
                    Ok(returned) if self.members[number].wire.is_drained() => break Ok(own + returned),
                    Ok(returned) => own += returned,
                    Err(fault) => break Err(fault),
                },
                Ok(None) => break Ok(own),
                Err(fault) => break Err(fault),
            }
        };
        self.buffer = buffer;
        let own = result?;
        match self.members[number].sender {
            Some(sender) if own > 0 => {
                self.senders[sender].returned(own);
                if self.pace.is_none() { self.send(sender, self.in_flight) } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }

    fn take(&mut self, number: usize, data: &[u8], now: u64) -> Result<u32, Fault> {
        let member = &mut self.members[number];
        let out = &mut member.wire.out;
        let replied = out.len();
        let format = self.writer.format();
        let own = match &mut member.joining {
            None => member.course.feed(&mut self.log, format, data, now, out)?,
            Some(joining) => {
                let was_synced = joining.is_synced();
                let rest = joining.feed(format, self.writer.size(), data, out)?;
                self.synced += usize::from(joining.is_synced() && !was_synced);
                match rest {
                    None => 0,
                    Some(rest) => {
                        member.joining = None;
                        self.joining -= 1;
                        member.course.feed(&mut self.log, format, &rest, now, out)?
                    }
                }
            }
        };
        if member.wire.out.len() > replied {
            member.wire.flush()?;
        }
        Ok(own)
    }

    /// Lets a sender send until it has `in_flight` messages on the way; with `usize::MAX`, one message.
    fn send(&mut self, number: usize, in_flight: usize) -> Result<(), Fault> {
        let now = self.now();
        let sender = &mut self.senders[number];
        let count = if in_flight == usize::MAX { 1 } else { in_flight.saturating_sub(sender.in_flight()) };
        let count = (count as u64).min(self.budget);
        if count == 0 {
            return Ok(());
        }
        let wire = match self.publishers.get_mut(number) {
            Some(publisher) => &mut publisher.wire,
            None => &mut self.members[sender.member].wire,
        };
        for _ in 0..count {
            sender.send(&mut self.writer, &mut self.log, now, &mut wire.out);
        }
        self.budget -= count;
        self.sent += count;
        wire.flush().map_err(|fault| fault.seen_by(sender.member))
    }
}
