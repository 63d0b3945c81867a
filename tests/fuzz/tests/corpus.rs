//! Every target on every input that is kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use rustchat_fuzz::{TARGETS, Target};

/// More than the repository is to carry.
const MOST_FILES: usize = 480;
const MOST_BYTES: u64 = 300 << 10;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// The inputs kept for a target, by name.
fn inputs(target: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(corpus().join(target)).expect("each target has a corpus");
    let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    files
}

fn replay(name: &str) {
    let run: Target = TARGETS.iter().find(|(known, _)| *known == name).expect("a target of that name").1;
    run(b"");
    for path in inputs(name) {
        let bytes = fs::read(&path).expect("a file that can be read");
        // The name tells which one it was.
        let fails = thread::Builder::new().name(path.display().to_string()).spawn(move || run(&bytes));
        assert!(fails.expect("a thread").join().is_ok(), "{}", path.display());
    }
}

#[test]
fn capi() {
    replay("capi");
}

#[test]
fn client() {
    replay("client");
}

#[test]
fn command() {
    replay("command");
}

#[test]
fn frame() {
    replay("frame");
}

#[test]
fn handshake() {
    replay("handshake");
}

#[test]
fn opening() {
    replay("opening");
}

#[test]
fn peer() {
    replay("peer");
}

#[test]
fn server() {
    replay("server");
}

#[test]
fn tls() {
    replay("tls");
}

#[test]
fn transfer() {
    replay("transfer");
}

#[test]
fn every_target_has_a_binary_a_corpus_and_a_test_and_the_corpus_is_small() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = fs::read_to_string(here.join("tests/corpus.rs")).expect("this file");
    let names: Vec<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut files: Vec<PathBuf> = Vec::new();
    for name in &names {
        assert!(here.join(format!("targets/{name}.rs")).exists(), "targets/{name}.rs");
        assert!(tests.contains(&format!("replay(\"{name}\")")), "nobody replays {name}");
        files.extend(inputs(name));
    }
    let bytes: u64 = files.iter().map(|path| fs::metadata(path).expect("a file").len()).sum();
    assert!(files.len() <= MOST_FILES && bytes <= MOST_BYTES, "{} files, {bytes} bytes", files.len());
    let folders = fs::read_dir(corpus()).expect("a folder").map(|entry| entry.expect("a folder").file_name());
    let unknown: Vec<_> = folders.filter(|name| !names.iter().any(|known| **known == **name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
