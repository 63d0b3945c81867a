//! Systems that can less, or fail: what they answer is put in the place of the kernel's answer by `strace`, without which
//! there is nothing to be tried.

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustchat::net::Address;
use rustchat::transfer::{Download, FileClient, FileServer, Refusal, Upload};

use support::PATIENCE;
use support::files::{BLOCK, Scratch, client_options, content, get, options, path, put, rule};

const ROOT: &str = "RUSTCHAT_TEST_ROOT";

/// A server in a process of its own, which ends with its input.
#[test]
#[ignore = "run by another test, in a process of its own"]
fn serve_a_folder() {
    let Ok(root) = std::env::var(ROOT) else { return };
    let server = FileServer::start(options(Path::new(&root))).unwrap();
    println!("\nserving at {}", server.address());
    let _ = std::io::stdin().read(&mut [0]);
}

/// A server whose system calls are watched, and some of them answered.
struct Watched {
    child: Child,
    scratch: Scratch,
    client: FileClient,
}

impl Watched {
    /// With these words for `strace`; `None` where there is none.
    fn serve(words: &[&str]) -> Option<Watched> {
        if Command::new("strace").arg("-V").output().is_err() {
            println!("there is no strace here");
            return None;
        }
        let scratch = Scratch::new();
        fs::create_dir(scratch.path("root")).unwrap();
        let mut command = Command::new("strace");
        command.args(["-f", "-y", "-o"]).arg(scratch.path("log")).args(words).arg(std::env::current_exe().unwrap());
        command.args(["serve_a_folder", "--ignored", "--exact", "--nocapture"]).env(ROOT, scratch.path("root"));
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = piped.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| line.unwrap().strip_prefix("serving at ").map(str::to_owned)).unwrap();
        // What it says later is nobody's.
        std::thread::spawn(move || lines.for_each(drop));
        let address = Address::Ip(address.parse().unwrap());
        let client = FileClient::connect(&client_options(&address), PATIENCE).unwrap();
        Some(Watched { child, scratch, client })
    }

    /// The same with an answer for each of those calls.
    fn inject(call: &str, answer: &str) -> Option<Watched> {
        Watched::serve(&["-e", &format!("trace={call}"), "-e", &format!("inject={call}:{answer}")])
    }

    fn remote(&self, name: &str) -> PathBuf {
        self.scratch.path("root").join(name)
    }

    fn make(&self, name: &str, size: usize) -> PathBuf {
        let path = self.scratch.path(name);
        fs::write(&path, content(size)).unwrap();
        path
    }

    fn parts(&self) -> usize {
        fs::read_dir(self.remote(".rustchat/partial")).unwrap().count()
    }

    /// Ends it; what it has called.
    fn log(mut self) -> String {
        self.child.stdin.take();
        self.child.wait().unwrap();
        fs::read_to_string(self.scratch.path("log")).unwrap()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.child.stdin.take();
        let _ = self.child.wait();
    }
}

#[test]
fn a_file_is_on_the_disk_before_its_name_and_then_its_folder() {
    let Some(server) = Watched::serve(&["-e", "trace=fsync,rename,renameat,renameat2"]) else { return };
    put(&server.client, &server.make("file", 1), "file").unwrap();
    let root = format!("{}>)", server.scratch.path("root").display());
    let text = fs::read_to_string(server.scratch.path("log")).unwrap();
    drop(server);
    let at = |what: &str| text.lines().position(|line| line.contains(what)).unwrap_or_else(|| panic!("{what}: {text}"));
    let order = [at(".rustchat/partial/"), at("renameat2("), at(&root)];
    assert!(order.is_sorted(), "{text}");
    let is_sync = |place: usize| text.lines().nth(place).unwrap().contains("fsync(");
    assert!(is_sync(order[0]) && is_sync(order[2]), "{text}");
}

/// Old kernels do not know `openat2`, and sandboxes do not allow it: names are looked up one by one, by the same rules.
#[test]
fn without_openat2_the_same_holds() {
    for answer in ["error=EPERM", "error=ENOSYS"] {
        let Some(server) = Watched::inject("openat2", answer) else { return };
        let client = &server.client;
        fs::write(server.scratch.path("secret"), "outside").unwrap();
        symlink(server.scratch.path(""), server.remote("out")).unwrap();
        symlink("/", server.remote("top")).unwrap();
        let from = server.make("file", 2 * BLOCK + 1);
        client.upload(&from, &path("a/b/file"), Upload::new().parents(), PATIENCE).unwrap();
        get(client, "a/b/file", &server.scratch.path("back")).unwrap();
        assert!(fs::read(server.scratch.path("back")).unwrap() == content(2 * BLOCK + 1));
        assert_eq!(client.list(&path("a/b"), PATIENCE).unwrap().len(), 1);
        for name in ["out/secret", "top/etc/passwd", "out"] {
            assert_eq!(rule(get(client, name, &server.scratch.path("x"))), Refusal::Symlink, "{name}");
        }
        assert_eq!(rule(put(client, &from, "out/new")), Refusal::Symlink);
        assert_eq!(rule(client.mkdir(&path("top/new"), true, true, PATIENCE)), Refusal::Symlink);
        assert!(!server.scratch.path("new").exists());
        assert!(server.log().contains("openat2"), "it was asked for");
    }
}

/// Any rename on the system may disturb a look-up.
#[test]
fn what_is_disturbed_is_tried_again() {
    let Some(server) = Watched::inject("openat2", "error=EAGAIN:when=2+2") else { return };
    for number in 0..5 {
        put(&server.client, &server.make("file", 3), &format!("file{number}")).unwrap();
    }
    assert_eq!(server.client.list(&path(""), PATIENCE).unwrap().len(), 5);
}

/// Some file systems have no word for a rename that replaces nothing.
#[test]
fn without_a_rename_that_replaces_nothing_nothing_is_replaced() {
    let Some(server) = Watched::inject("renameat2", "error=EINVAL") else { return };
    let (client, from) = (&server.client, server.make("file", 5));
    put(client, &from, "file").unwrap();
    assert_eq!(fs::metadata(server.remote("file")).unwrap().nlink(), 1);
    assert_eq!(server.parts(), 0);
    assert_eq!(rule(put(client, &server.make("other", 6), "file")), Refusal::Exists);
    client.mkdir(&path("folder/inner"), true, false, PATIENCE).unwrap();
    client.mkdir(&path("empty"), false, false, PATIENCE).unwrap();
    assert_eq!(rule(client.rename(&path("folder"), &path("empty"), PATIENCE)), Refusal::Exists);
    assert_eq!(rule(client.rename(&path("file"), &path("empty"), PATIENCE)), Refusal::Exists);
    client.rename(&path("folder"), &path("moved"), PATIENCE).unwrap();
    client.rename(&path("file"), &path("moved/inner/file"), PATIENCE).unwrap();
    let to = server.scratch.path("back");
    client.download(&path("moved/inner/file"), to, Download::new(), PATIENCE).unwrap();
}

/// The disk is full when the file is to be synchronised, or to appear.
#[test]
fn a_disk_that_fails_at_the_end_is_told_of_and_nothing_is_left() {
    for call in ["fsync", "renameat2"] {
        let Some(server) = Watched::inject(call, "error=ENOSPC") else { return };
        assert_eq!(rule(put(&server.client, &server.make("file", 2 * BLOCK), "file")), Refusal::Reserve, "{call}");
        assert!(!server.remote("file").exists() && server.parts() == 0, "{call}");
        // Others go on.
        fs::write(server.remote("there"), "x").unwrap();
        get(&server.client, "there", &server.scratch.path("back")).unwrap();
    }
}
