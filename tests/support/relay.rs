//! Between the clients of message chat and the lives of their server: it sees which life has acknowledged what.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rustchat::frame::{Decoder, Framing};
use serde_json::Value;

/// Longer than any frame of a test.
const LIMIT: usize = 1024 * 1024;

/// Passes on whatever clients and the server of the day say. Each life of the server has a socket of its own, so that what
/// comes through a connection comes from the life that it was made with.
pub(crate) struct Relay {
    folder: PathBuf,
    life: AtomicUsize,
    acknowledged: Mutex<HashMap<String, Vec<usize>>>,
}

impl Relay {
    /// Listens in that folder; clients connect to [`Relay::path`].
    pub(crate) fn listen(folder: &Path) -> Arc<Relay> {
        let relay = Relay { folder: folder.to_owned(), life: AtomicUsize::new(0), acknowledged: Mutex::default() };
        let (relay, listener) = (Arc::new(relay), UnixListener::bind(folder.join("relay.sock")).unwrap());
        let serving = Arc::clone(&relay);
        // It ends with the test's process.
        thread::spawn(move || {
            for client in listener.incoming() {
                serving.serve(client.unwrap());
            }
        });
        relay
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join("relay.sock")
    }

    /// Where the server of that life is to listen.
    pub(crate) fn server_path(&self, life: usize) -> PathBuf {
        self.folder.join(format!("life-{life}.sock"))
    }

    /// Who connects from here on gets to the server of that life.
    pub(crate) fn begin(&self, life: usize) {
        self.life.store(life, Ordering::SeqCst);
    }

    /// The lives that have acknowledged each text, one entry for each acknowledgement.
    pub(crate) fn acknowledged(&self) -> HashMap<String, Vec<usize>> {
        self.acknowledged.lock().unwrap().clone()
    }

    /// A client whose server is not there sees the end of the stream.
    fn serve(self: &Arc<Relay>, client: UnixStream) {
        let life = self.life.load(Ordering::SeqCst);
        let Ok(server) = UnixStream::connect(self.server_path(life)) else { return };
        let said = Arc::new(Mutex::new(HashMap::new()));
        let up = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let noted = Arc::clone(&said);
        thread::spawn(move || {
            pass(up.0, up.1, |frame| {
                if let (Some("message"), Some(number)) = (frame["type"].as_str(), frame["ref"].as_u64()) {
                    noted.lock().unwrap().insert(number, frame["text"].as_str().unwrap().to_owned());
                }
            });
        });
        let relay = Arc::clone(self);
        thread::spawn(move || {
            pass(server, client, |frame| {
                if let (Some("ack"), Some(number)) = (frame["type"].as_str(), frame["ref"].as_u64()) {
                    let text = said.lock().unwrap().get(&number).expect("an answer to what was said").clone();
                    relay.acknowledged.lock().unwrap().entry(text).or_default().push(life);
                }
            });
        });
    }
}

/// Passes bytes on until either end is gone, and shows each whole frame before its last byte is passed on: what a client knows is
/// known here.
fn pass(mut from: UnixStream, mut to: UnixStream, mut see: impl FnMut(&Value)) {
    let (mut decoder, mut buffer) = (Decoder::new(Framing::U32Be, LIMIT), [0; 65536]);
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        decoder.push(&buffer[..count]).unwrap();
        while let Some(frame) = decoder.next().unwrap() {
            see(&serde_json::from_slice(frame).unwrap());
        }
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
