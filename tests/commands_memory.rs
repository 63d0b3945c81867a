//! What a server keeps of output that nobody reads. Alone in its program, whose memory it measures.

mod support;

use rustchat::command::{Command, Output};

use support::commands::{connect, serve};
use support::{PATIENCE, eventually};

fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

/// Whether a process sleeps in a write that does not end, as /proc tells of its time.
fn stands_still(pid: &str, before: &mut String) -> bool {
    std::thread::sleep(std::time::Duration::from_millis(20));
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap();
    let still = stat == *before && stat.contains(") S ");
    *before = stat;
    still
}

/// Ten gigabytes are as many as the command would like to write.
#[test]
fn endless_output_to_a_reader_that_has_stopped_costs_next_to_nothing() {
    let server = serve();
    let client = connect(&server);
    let command = Command::shell("echo $$; exec head -c 10000000000 /dev/zero");
    let mut buffer = vec![0; 1 << 16];
    // What the windows, the heap and the threads need is there after this one.
    let warm = client.spawn(&command, PATIENCE).unwrap();
    let mut total = 0;
    while total < 50_000_000 {
        total += warm.read(Output::Stdout, &mut buffer, PATIENCE).unwrap();
    }
    drop(warm);
    let before = resident();
    let job = client.spawn(&command, PATIENCE).unwrap();
    let count = job.read(Output::Stdout, &mut buffer, PATIENCE).unwrap();
    let pid = str::from_utf8(&buffer[..count]).unwrap().lines().next().unwrap().to_owned();
    let mut stat = String::new();
    eventually("the command waits", || stands_still(&pid, &mut stat));
    let grown = resident().saturating_sub(before);
    // Server and client are both here.
    assert!(grown <= 1 << 20, "{grown} bytes");
    assert!(job.read(Output::Stdout, &mut buffer, PATIENCE).unwrap() > 0);
}
