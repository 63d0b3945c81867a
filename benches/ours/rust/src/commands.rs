//! Remote commands: how many a second, how soon, and how much of their output.

use std::io::Read;
use std::thread;
use std::time::Duration;

use rustchat::command::{
    Catalogue, Command, CommandClient, CommandClientOptions, CommandServer, CommandServerOptions, Slot, Template,
};
use rustchat::net::{Deadline, Endpoint};

use crate::report::{Stopwatch, client_auth, server_auth};
use crate::{Result, Way};

/// More than anybody reads of a command's output.
const ENDLESS: i64 = 1 << 40;

pub(crate) fn serve(way: Way) -> Result {
    let mut options = CommandServerOptions::new("127.0.0.1:0".parse::<Endpoint>()?);
    options.auth = Some(server_auth()?);
    options.tls = way.tls.then(Default::default);
    let zeros = Template::new("/usr/bin/head").arg("-c").slot(Slot::int(0, ENDLESS)).arg("/dev/zero");
    let catalogue = Catalogue::new()
        .command("true", Template::new("/bin/true"))
        .command("echo", Template::new("/bin/echo").arg("x"))
        .command("zeros", zeros);
    let server = CommandServer::start(options, catalogue)?;
    println!("listening on {}", server.address());
    server.join(Deadline::never())?;
    Ok(())
}

fn connect(way: Way, address: &str) -> Result<CommandClient> {
    let mut options = CommandClientOptions::new(address.parse::<Endpoint>()?);
    options.auth = Some(client_auth()?);
    options.tls = way.tls.then(Default::default);
    if way.no_polling {
        options.polling = Duration::ZERO;
    }
    Ok(CommandClient::connect(&options, Deadline::never())?)
}

fn zeros(bytes: i64) -> Command {
    Command::new("zeros").arg(bytes.to_string())
}

/// `true` again and again, so many at a time.
pub(crate) fn rate(way: Way, address: &str, seconds: f64, in_flight: usize) -> Result {
    let client = connect(way, address)?;
    let watch = Stopwatch::start();
    let work = || -> std::result::Result<u64, rustchat::command::CommandError> {
        let (command, mut count) = (Command::new("true").check(), 0);
        while watch.is_within(seconds) {
            client.run(&command, Deadline::never())?;
            count += 1;
        }
        Ok(count)
    };
    let counts: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..in_flight).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(Ok(0))).collect()
    });
    watch.report("commands", counts.into_iter().sum::<std::result::Result<u64, _>>()?);
    Ok(())
}

/// All output of one command.
pub(crate) fn output(way: Way, address: &str, bytes: i64) -> Result {
    let client = connect(way, address)?;
    let watch = Stopwatch::start();
    let job = client.spawn(&zeros(bytes), Deadline::never())?;
    let (mut buffer, mut came) = (vec![0; 256 * 1024], 0);
    let mut output = job.stdout();
    loop {
        match output.read(&mut buffer)? {
            0 => break,
            count => came += count as u64,
        }
    }
    job.wait(Deadline::never())?;
    if came != bytes as u64 {
        return Err(format!("{came} of {bytes} bytes came").into());
    }
    watch.report("bytes", came);
    Ok(())
}

/// From the request to the first byte of the output.
pub(crate) fn first(way: Way, address: &str, seconds: f64) -> Result {
    let client = connect(way, address)?;
    let watch = Stopwatch::start();
    let (mut count, mut waited) = (0_u64, Duration::ZERO);
    while watch.is_within(seconds) {
        let begin = std::time::Instant::now();
        let job = client.spawn(&Command::new("echo"), Deadline::never())?;
        job.stdout().read_exact(&mut [0])?;
        waited += begin.elapsed();
        job.wait(Deadline::never())?;
        count += 1;
    }
    watch.report_seconds("commands", count, waited.as_secs_f64());
    Ok(())
}

/// Nobody reads the output of a command; its client says when it has begun, and waits.
pub(crate) fn unread(way: Way, address: &str, seconds: f64) -> Result {
    let client = connect(way, address)?;
    let watch = Stopwatch::start();
    let job = client.spawn(&zeros(10 << 30), Deadline::never())?;
    thread::sleep(Duration::from_secs_f64(seconds));
    if job.is_over() {
        return Err("it has ended, though nobody has read its output".into());
    }
    watch.report("commands", 1);
    Ok(())
}

/// Many at once, again and again, and if asked for one among them whose output nobody reads.
pub(crate) fn many(way: Way, address: &str, seconds: f64, at_once: usize, unread: usize) -> Result {
    const BYTES: usize = 64 * 1024;
    let client = connect(way, address)?;
    let stuck: Vec<_> =
        (0..unread).map(|_| client.spawn(&zeros(ENDLESS), Deadline::never())).collect::<std::result::Result<_, _>>()?;
    let watch = Stopwatch::start();
    let mut count = 0;
    while watch.is_within(seconds) {
        let one = |_| client.spawn(&zeros(BYTES as i64), Deadline::never());
        let jobs: Vec<_> = (stuck.len()..at_once).map(one).collect::<std::result::Result<_, _>>()?;
        for job in &jobs {
            let mut bytes = Vec::with_capacity(BYTES);
            job.stdout().read_to_end(&mut bytes)?;
            job.wait(Deadline::never())?;
            if bytes.len() != BYTES {
                return Err("output is missing".into());
            }
        }
        count += jobs.len() as u64;
    }
    watch.report("commands", count);
    Ok(())
}
