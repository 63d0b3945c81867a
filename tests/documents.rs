//! The Rust programs that README.md and docs/ show: compiled against this build and run. `tests/python/test_documents.py`
//! does the same for the other languages.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than anything takes on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The service that the house's own tests run; the documents show all of it.
const SERVICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/reactor/tests/echo.rs");

/// What the documents say; a free port takes its place.
const PORT: &str = "60000";

/// The fenced blocks of Rust in a document, with the words behind the language.
fn include_documents() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![root.join("README.md"), root.join("README.zh.md")];
    paths.extend(std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path()));
    let texts = paths.iter().filter(|path| path.extension().is_some_and(|end| end == "md"));
    texts.flat_map(|path| blocks_of(&std::fs::read_to_string(path).unwrap())).collect()
}

fn blocks_of(text: &str) -> Vec<(String, String)> {
    let mut lines = text.lines();
    let mut blocks = Vec::new();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let inside: String = lines
            .by_ref()
            .take_while(|line| !line.starts_with("```"))
            .fold(String::new(), |all, line| all + line + "\n");
        if let Some(kind) = info.strip_prefix("rust") {
            blocks.push((kind.trim().to_owned(), inside));
        }
    }
    blocks
}

/// The folder with the compiled library and what it is made of: the one this test runs from.
fn dependencies() -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().to_owned()
}

/// The newest build of the library; cargo has just made it for this test.
fn library() -> PathBuf {
    let entries = std::fs::read_dir(dependencies()).unwrap().map(|entry| entry.unwrap().path());
    let is_ours = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.ends_with(".rlib") && (name == "librustchat.rlib" || name.starts_with("librustchat-"))
    };
    let modified = |path: &PathBuf| path.metadata().unwrap().modified().unwrap();
    entries.filter(is_ours).max_by_key(modified).expect("cargo has built the library")
}

fn compile(source: &str, folder: &Path) -> PathBuf {
    let (input, program) = (folder.join("server.rs"), folder.join("server"));
    std::fs::write(&input, source).unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--edition", "2024", "-D", "warnings", "--crate-name", "server", "-o"])
        .args([&program, &input])
        .arg("--extern")
        .arg(format!("rustchat={}", library().display()))
        .arg("-L")
        .arg(format!("dependency={}", dependencies().display()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}\n{source}", String::from_utf8_lossy(&output.stderr));
    program
}

/// A child that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn dial(port: u16) -> BufReader<TcpStream> {
    let deadline = Instant::now() + PATIENCE;
    let stream = loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => break stream,
            Err(error) => assert!(Instant::now() < deadline, "nobody listens: {error}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    BufReader::new(stream)
}

fn hear(peer: &mut BufReader<TcpStream>) -> String {
    let mut lines = String::new();
    peer.read_line(&mut lines).unwrap();
    lines.clear();
    peer.read_line(&mut lines).unwrap();
    lines
}

/// A line chat that ends when Enter is pressed.
fn run_server(source: &str, folder: &Path) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let program = compile(&source.replace(PORT, &port.to_string()), folder);
    let child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut server = Running(child);
    let mut peer = dial(port);
    peer.get_ref().write_all(b"hello\n").unwrap();
    assert_eq!(hear(&mut peer), "hello\n");
    server.0.stdin.take().unwrap().write_all(b"\n").unwrap();
    assert_eq!(hear(&mut peer), "* server stopped\n");
    assert_eq!(peer.read(&mut [0]).unwrap(), 0);
    drop(peer);
    assert!(server.0.wait().unwrap().success());
}

#[test]
fn the_programs_in_the_documents_do_what_they_say() {
    let blocks = include_documents();
    assert!(!blocks.is_empty());
    for (number, (kind, source)) in blocks.iter().enumerate() {
        let folder = std::env::temp_dir().join(format!("rustchat-documents-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        match kind.as_str() {
            "server" => run_server(source, &folder),
            "run" => assert!(Command::new(compile(source, &folder)).status().unwrap().success()),
            "service" => assert_eq!(source, &std::fs::read_to_string(SERVICE).unwrap(), "{SERVICE} shows what is run"),
            other => panic!("nobody knows how to check a block of Rust that is {other:?}"),
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
