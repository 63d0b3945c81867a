//! Other file systems, and full ones. Where this user may mount nothing, there is nothing to be tried.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustchat::transfer::{FileClient, FileServer, Follow, Progress, Refusal, Upload};

use support::files::{BLOCK, Library, client_options, get, options, path, put, rule};
use support::{PATIENCE, eventually};

/// Something that is mounted, and goes with its test.
struct Mount(PathBuf);

impl Mount {
    fn new(target: &Path, words: &[&str]) -> Option<Mount> {
        fs::create_dir_all(target).unwrap();
        let mut mount = Command::new("mount");
        let done = mount.args(words).arg(target).stderr(Stdio::null()).status().ok()?;
        done.success().then(|| Mount(target.to_owned()))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn what_is_mounted_in_the_root_is_not_reached() {
    for follow in [Follow::No, Follow::Inside] {
        let library = Library::with(|options| options.follow = follow);
        let outside = library.local("outside");
        fs::create_dir_all(&outside).unwrap();
        fs::write(outside.join("file"), "outside").unwrap();
        let Some(_bound) = Mount::new(&library.remote("bound"), &["--bind", outside.to_str().unwrap()]) else { return };
        let Some(_other) = Mount::new(&library.remote("other"), &["-t", "tmpfs", "tmpfs"]) else { return };
        let client = library.connect();
        for folder in ["bound", "other"] {
            let inside = format!("{folder}/file");
            assert_eq!(rule(client.list(&path(folder), PATIENCE)), Refusal::OtherFileSystem);
            assert_eq!(rule(get(&client, &inside, &library.local("x"))), Refusal::OtherFileSystem);
            assert_eq!(rule(put(&client, &library.make("y", 1), &inside)), Refusal::OtherFileSystem);
            assert_eq!(rule(client.remove(&path(&inside), PATIENCE)), Refusal::OtherFileSystem);
        }
        assert_eq!(fs::read_to_string(outside.join("file")).unwrap(), "outside");
    }
}

#[test]
fn a_disk_that_fills_up_is_told_of_and_nothing_is_left() {
    let library = Library::open();
    let Some(mount) = Mount::new(&library.local("small"), &["-t", "tmpfs", "-o", "size=24m", "tmpfs"]) else { return };
    let server = FileServer::start(options(&mount.0)).unwrap();
    let client = FileClient::connect(&client_options(server.address()), PATIENCE).unwrap();
    let from = library.make("file", 20 * BLOCK);
    // What does not fit at all is refused before any of it comes.
    assert_eq!(rule(put(&client, &library.make("large", 30 * BLOCK), "large")), Refusal::Reserve);
    // And somebody else fills it in the middle.
    let filler = mount.0.join("filler");
    let mut fill = |_: &Progress| {
        if !filler.exists() {
            let _ = fs::write(&filler, vec![1; 22 * BLOCK]);
        }
        true
    };
    let ended = client.upload(&from, &path("file"), Upload::new().on_progress(&mut fill), PATIENCE);
    assert_eq!(rule(ended), Refusal::Reserve);
    assert_eq!(fs::read_dir(mount.0.join(".rustchat/partial")).unwrap().count(), 0);
    assert!(!mount.0.join("file").exists());
    // Others go on, and so does this one when there is room.
    put(&client, &library.make("empty", 0), "empty").unwrap();
    fs::remove_file(&filler).unwrap();
    put(&client, &from, "file").unwrap();
    // At a client it is the same.
    let full = Mount::new(&library.local("full"), &["-t", "tmpfs", "-o", "size=2m", "tmpfs"]).unwrap();
    let error = get(&client, "file", &full.0.join("file")).unwrap_err();
    assert_eq!(error.error().os_code(), Some(28), "{error}");
    assert!(!full.0.join("file").exists());
    eventually("nothing is under way", || server.stats().transfers == 0);
}
