//! Servers of files and their clients.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use rustchat::auth::{ClientAuth, KeyRing, Profile, Secret, ServerAuth};
use rustchat::connection::{AcceptOptions, ConnectOptions, Connection, MessageListener, connect as connect_plain};
use rustchat::frame::Framing;
use rustchat::net::{Address, Endpoint};
use rustchat::transfer::{
    Download, FileClient, FileClientOptions, FileError, FileServer, FileServerOptions, Refusal, RemotePath,
    Transferred, Upload,
};

use super::PATIENCE;

pub(crate) const SECRET: &str = "sixteen bytes or more";
pub(crate) const BLOCK: usize = 1024 * 1024;

/// A folder that goes with its test.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Scratch {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("rustchat-test-{}-{count}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A server, its root, and a folder beside that.
pub(crate) struct Library {
    pub(crate) server: FileServer,
    scratch: Scratch,
}

/// Options of a server on a free port of this machine.
pub(crate) fn options(root: &Path) -> FileServerOptions {
    let mut options = FileServerOptions::new(Endpoint::tcp("127.0.0.1", 0));
    options.auth = Some(ServerAuth::new(Profile::Mutual, KeyRing::single(Secret::new(SECRET).unwrap())));
    options.root = Some(root.to_str().unwrap().to_owned());
    (options.workers, options.disk_reserve) = (2, 0);
    options
}

impl Library {
    pub(crate) fn open() -> Library {
        Library::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut FileServerOptions)) -> Library {
        let scratch = Scratch::new();
        fs::create_dir(scratch.path("root")).unwrap();
        fs::create_dir(scratch.path("local")).unwrap();
        fs::write(scratch.path("secret"), "outside").unwrap();
        let mut options = options(&scratch.path("root"));
        change(&mut options);
        Library { server: FileServer::start(options).unwrap(), scratch }
    }

    /// A path in the root.
    pub(crate) fn remote(&self, name: &str) -> PathBuf {
        self.scratch.path("root").join(name)
    }

    /// A path in a client's folder.
    pub(crate) fn local(&self, name: &str) -> PathBuf {
        self.scratch.path("local").join(name)
    }

    pub(crate) fn connect(&self) -> FileClient {
        FileClient::connect(&client_options(self.server.address()), PATIENCE).unwrap()
    }

    /// A local file of so many bytes, no two blocks of which are the same.
    pub(crate) fn make(&self, name: &str, size: usize) -> PathBuf {
        let path = self.local(name);
        fs::write(&path, content(size)).unwrap();
        path
    }

    /// What is waiting to be gone on with.
    pub(crate) fn parts(&self) -> Vec<PathBuf> {
        let parts = fs::read_dir(self.remote(".rustchat/partial")).unwrap();
        parts.map(|part| part.unwrap().path()).collect()
    }

    pub(crate) fn raw(&self) -> RawPeer {
        RawPeer::greet(self.server.address())
    }
}

pub(crate) fn client_options(address: &Address) -> FileClientOptions {
    let mut options = FileClientOptions::new(address);
    options.auth = Some(ClientAuth::new(Profile::Mutual, Secret::new(SECRET).unwrap()));
    options.timeout = PATIENCE;
    options
}

pub(crate) fn content(size: usize) -> Vec<u8> {
    let pattern: Vec<u8> = (0..BLOCK + 251).map(|at| (at % 251) as u8).collect();
    let mut bytes = Vec::with_capacity(size);
    for block in 0..size.div_ceil(BLOCK) {
        let begin = block * 31 % 251;
        bytes.extend_from_slice(&pattern[begin..begin + BLOCK.min(size - bytes.len())]);
    }
    bytes
}

pub(crate) fn path(text: &str) -> RemotePath {
    RemotePath::parse(text).unwrap()
}

pub(crate) fn put(client: &FileClient, from: &Path, to: &str) -> Result<Transferred, FileError> {
    client.upload(from, &path(to), Upload::new(), PATIENCE)
}

pub(crate) fn get(client: &FileClient, from: &str, to: &Path) -> Result<Transferred, FileError> {
    client.download(&path(from), to, Download::new(), PATIENCE)
}

/// The rule by which that was refused.
pub(crate) fn rule<T: std::fmt::Debug>(result: Result<T, FileError>) -> Refusal {
    let error = result.unwrap_err();
    error.refusal().unwrap_or_else(|| panic!("{error}"))
}

/// A client that says what it likes.
pub(crate) struct RawPeer {
    pub(crate) connection: Connection,
}

impl RawPeer {
    pub(crate) fn greet(address: &Address) -> RawPeer {
        let mut options = ConnectOptions::default();
        (options.framing, options.auth) = (Framing::U32Be, client_options(address).auth);
        let peer = RawPeer { connection: connect_plain(address, &options, PATIENCE).unwrap() };
        peer.send(b"\x01\0\0\0\0rfil\x01\0\0\0\0");
        assert_eq!(peer.recv()[0], 0x81);
        peer
    }

    pub(crate) fn send(&self, message: &[u8]) {
        self.connection.send(message, PATIENCE).unwrap();
    }

    pub(crate) fn recv(&self) -> Vec<u8> {
        self.connection.recv(PATIENCE).unwrap()
    }

    /// The number of the rule by which a request is refused.
    pub(crate) fn refused(&self) -> u16 {
        let message = self.recv();
        assert_eq!(message[0], 0x96, "{message:?}");
        u16::from_be_bytes([message[5], message[6]])
    }
}

/// A server that says what it likes, to one client.
pub(crate) fn pretend(talk: impl FnOnce(&Connection) + Send + 'static) -> (Address, JoinHandle<()>) {
    pretend_with([&[1, 0, 0, 0, 0, 0, 16, 0, 0, 0, 8][..], &[0; 8], &[0, 0]].concat(), talk)
}

/// The same with that in its HELLO.
pub(crate) fn pretend_with(
    hello: Vec<u8>,
    talk: impl FnOnce(&Connection) + Send + 'static,
) -> (Address, JoinHandle<()>) {
    let mut options = AcceptOptions::default();
    options.framing = Framing::U32Be;
    options.auth = Some(ServerAuth::new(Profile::Mutual, KeyRing::single(Secret::new(SECRET).unwrap())));
    let listener = MessageListener::bind(Endpoint::tcp("127.0.0.1", 0), options).unwrap();
    let address = listener.address().clone();
    let thread = std::thread::spawn(move || {
        let connection = listener.accept(PATIENCE).unwrap();
        assert_eq!(connection.recv(PATIENCE).unwrap()[0], 0x01);
        connection.send(&message(0x81, 0, &hello), PATIENCE).unwrap();
        talk(&connection);
        // It stays until the client goes.
        while connection.recv(PATIENCE).is_ok() {}
    });
    (address, thread)
}

pub(crate) fn message(kind: u8, id: u32, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &id.to_be_bytes(), body].concat()
}

/// A path of names that may be anything.
pub(crate) fn names(names: &[&[u8]]) -> Vec<u8> {
    let mut body = vec![names.len() as u8];
    for name in names {
        body.push(name.len() as u8);
        body.extend_from_slice(name);
    }
    body
}

/// PUT with these flags.
pub(crate) fn put_message(id: u32, flags: u8, size: u64, mode: u16, path: &[&[u8]]) -> Vec<u8> {
    let mut body = vec![flags];
    body.extend_from_slice(&size.to_be_bytes());
    body.extend_from_slice(&[0; 12]);
    body.extend_from_slice(&mode.to_be_bytes());
    body.extend_from_slice(&names(path));
    message(0x20, id, &body)
}

/// DATA with that hash.
pub(crate) fn data(id: u32, index: u32, hash: [u8; 32], bytes: &[u8]) -> Vec<u8> {
    message(0x30, id, &[&index.to_be_bytes()[..], &hash, bytes].concat())
}

/// FINISH.
pub(crate) fn finish(id: u32, size: u64, hash: [u8; 32]) -> Vec<u8> {
    message(0x23, id, &[&size.to_be_bytes()[..], &hash].concat())
}

/// What the block of that number hashes to.
pub(crate) fn block_hash(index: u32, bytes: &[u8]) -> [u8; 32] {
    use blake3::hazmat::HasherExt;
    blake3::Hasher::new().set_input_offset(u64::from(index) * BLOCK as u64).update(bytes).finalize_non_root()
}
