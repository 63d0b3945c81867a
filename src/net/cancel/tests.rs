use std::thread;
use std::time::Duration;

use super::*;
use crate::net::{Deadline, Endpoint, Queue, Stream};

#[test]
fn it_ends_whatever_waits_with_it_and_what_begins_later() {
    let path = std::env::temp_dir().join(format!("rustchat-cancel-{}", std::process::id()));
    let silent = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let cancel = Cancel::new().unwrap();
    let endpoint = Endpoint::unix(&path);
    let stream = Stream::connect(&endpoint, Duration::from_secs(30)).unwrap();
    let queue = Queue::<()>::new();
    let receive = || stream.recv(&mut [0], &Deadline::after(Duration::from_secs(30)).with_cancel(&cancel)).map(drop);
    let forever = || Deadline::never().with_cancel(&cancel);
    thread::scope(|scope| {
        let calls = [
            scope.spawn(receive),
            scope.spawn(|| stream.recv(&mut [0], &forever()).map(drop)),
            scope.spawn(|| queue.wait(&forever(), "wait", |_| ())),
            scope.spawn(|| {
                let mut streams = Vec::new();
                loop {
                    // Sooner or later the backlog is full.
                    streams.push(Stream::connect(&endpoint, forever())?);
                }
            }),
        ];
        thread::sleep(Duration::from_millis(100));
        cancel.cancel();
        for call in calls {
            assert_eq!(call.join().unwrap().unwrap_err().status(), Status::Closed);
        }
    });
    assert_eq!(receive().unwrap_err().status(), Status::Closed);
    drop(silent);
    std::fs::remove_file(path).unwrap();
}
