//! A file whose offsets do not fit into 32 bits, mostly holes, there and back, each way in two attempts.

mod support;

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use rustchat::transfer::{Download, Progress, Upload};

use rustchat::Status;
use support::eventually;
use support::files::{BLOCK, Library, path};

const SIZE: u64 = (5 << 30) + 7;

/// How far the first attempt comes: behind what 32 bits can say.
const MOST: u64 = (4 << 30) + BLOCK as u64;

/// Where the file has something to say.
const MARKS: [u64; 5] = [0, (1 << 31) - 1, (1 << 32) - 2, (9 << 29) + 1, SIZE - 4];

/// What it takes on a slow disk.
const PATIENCE: Duration = Duration::from_secs(1200);

fn make(path: &Path) {
    let file = File::create(path).unwrap();
    file.set_len(SIZE).unwrap();
    MARKS.iter().for_each(|at| file.write_all_at(b"mark", *at).unwrap());
}

fn check(path: &Path) {
    let file = File::open(path).unwrap();
    assert_eq!(file.metadata().unwrap().len(), SIZE);
    for at in MARKS {
        let mut mark = [0; 4];
        file.read_exact_at(&mut mark, at).unwrap();
        assert_eq!(&mark, b"mark", "at {at}");
    }
}

#[test]
#[ignore = "15 GiB of disk"]
fn a_file_of_5_gib_goes_there_and_back_in_two_attempts_each() {
    let library = Library::with(|options| options.durable = false);
    let client = library.connect();
    let (from, to) = (library.local("large"), library.local("back"));
    make(&from);
    let mut stop = |progress: &Progress| progress.done < MOST;
    let ended = client.upload(&from, &path("large"), Upload::new().on_progress(&mut stop), PATIENCE).unwrap_err();
    assert_eq!(ended.status(), Status::Interrupted);
    eventually("the transfer has ended", || library.server.stats().transfers == 0);
    let stored = client.upload(&from, &path("large"), Upload::new(), PATIENCE).unwrap();
    assert!(stored.resumed >= MOST - (64 * BLOCK) as u64 && stored.size == SIZE, "{stored:?}");
    check(&library.remote("large"));
    fs::remove_file(&from).unwrap();

    let mut stop = |progress: &Progress| progress.done < MOST;
    let download = Download::new().without_sync().on_progress(&mut stop);
    assert_eq!(client.download(&path("large"), &to, download, PATIENCE).unwrap_err().status(), Status::Interrupted);
    let fetched = client.download(&path("large"), &to, Download::new().without_sync(), PATIENCE).unwrap();
    assert!(fetched.resumed >= MOST && fetched.hash == stored.hash, "{fetched:?}");
    check(&to);
}
