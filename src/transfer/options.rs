//! How a file server behaves; every limit of what it stores, and of its memory and patience.

use super::ground::Follow;
use super::ledger::MOST_OPEN;
use super::wire::MESSAGE_LIMIT;
use crate::auth::{Profile, ServerAuth};
use crate::exposure::Guarded;
use crate::frame::Framing;
use crate::memory::Pool;
use crate::options::{self, options};
use crate::reactor::{HostOptions, Hosting, Listening, hosting, listening};
use crate::{Error, Result, Status};

options! {
    /// Options of a [`FileServer`](super::FileServer). Make them with [`FileServerOptions::new`], set `root`, `auth` and other
    /// fields, start. Here a member is a client, and its messages are what it asks for.
    pub struct FileServerOptions at "Where to listen.";
    rows {
        /// The folder that clients see, and nothing beside it. It has to be there, and to be no link.
        root: Text = None, not in Python;
        /// Beyond this machine, speak without TLS all the same: who is on the way reads and changes what is said.
        allow_plaintext: Flag = false;
        /// The upload client of the socket tutorials is served instead, which replaces files in a folder called like its user.
        /// It proves the secret in the profile tutorial; or nothing, with `allow_anonymous`.
        tutorial: Flag = false, not in Python;
    }
    shared listening;
    rows {
        /// Nothing is written: clients may list and fetch.
        read_only: Flag = false;
        /// Each key sees a folder of its own, which is called like the key and made when it first comes.
        folder_per_key: Flag = false;
        /// What becomes of symbolic links: none is followed, or those are that lead to something in the root by a relative way.
        follow: Choice(Follow) = Follow::No;
        /// Bytes of a file; a larger one is refused before any of it comes.
        file_limit: Count = 0, zero is "as many as the disk has";
        /// Bytes of all files in the root, with a folder for each key in that, and of parts of files. What is there is counted
        /// once, when a client first comes.
        quota: Count = 0, zero is "as many as the disk has";
        /// Bytes of the disk that are left free.
        disk_reserve: Count = 67_108_864;
        /// Transfers of all clients at a time; more are refused.
        transfer_limit: Count = 64, at least 1;
        /// Transfers of one client at a time; more are refused.
        client_transfer_limit: Count = 16, at least 1;
        /// A file that was stored is there after a power cut, too: the client is told so when the disk has it.
        durable: Flag = true;
        /// How long the part of a file is kept that did not come whole, for its client to go on with it.
        keep_partial: Seconds = 86_400.0, zero is "until the next start";
        /// How long a client may say nothing while a transfer waits for it before it is disconnected: its place, and the
        /// file that it stores, are somebody else's then.
        stall_timeout: Seconds = 30.0, more than 0, or else "nobody could store a file";
    }
    shared hosting;
}

/// How files are kept to those who may have them.
pub(super) const GUARDED: Guarded = Guarded {
    server: "a file server",
    client: "a client of files",
    deed: "whoever gets in may read and write files",
    goods: "files",
};

/// What is read from the disk before the client has taken what was.
pub(super) const READ_AHEAD: usize = 2 * 1024 * 1024;

/// What may wait for a client beside that and a block of each of its transfers, which are read at the same time: answers.
const ANSWERS: usize = 2 * 1024 * 1024;

impl FileServerOptions {
    /// What comes of blocks lies in pieces of that memory.
    pub(super) fn host(&self, blocks: &Pool) -> Result<HostOptions> {
        let listening = self.listening().host(&self.endpoint, Framing::U32Be, MESSAGE_LIMIT)?;
        let mut host = listening.keep(&self.hosting());
        host.rules.is_raw = self.tutorial;
        host.rules.long = Some(blocks.clone()).filter(|_| !self.tutorial);
        // Half of it may wait before the client is not heard any more.
        let blocks = self.client_transfer_limit.min(MOST_OPEN) * MESSAGE_LIMIT;
        host.rules.outbox_limit = host.rules.outbox_limit.max(READ_AHEAD + blocks + ANSWERS);
        Ok(host)
    }

    /// What can be said of the options before a socket is made.
    pub(super) fn check(&self) -> Result<()> {
        let is_plain = self.tls.is_none() && !self.allow_plaintext;
        if self.tutorial {
            self.check_tutorial(is_plain)?;
        } else {
            GUARDED.check_server(self.auth.as_ref(), self.allow_anonymous, is_plain, &self.endpoint)?;
        }
        options::check(self)?;
        let wrong = |text: String| Err(Error::new(Status::InvalidArgument, text));
        if self.root.is_none() {
            return wrong("root is missing: the folder that clients see".into());
        }
        let keys = self.auth.as_ref().map(|auth| auth.keys().ids()).unwrap_or_default();
        match keys.into_iter().find(|id| !super::names::may_be_home(id)).filter(|_| self.folder_per_key) {
            Some(id) => wrong(format!("folder_per_key: {id:?} cannot be the name of a folder")),
            None => Ok(()),
        }
    }

    /// The tutorials' client cannot prove itself as others do, and speaks no TLS.
    fn check_tutorial(&self, is_plain: bool) -> Result<()> {
        let wrong = |text: &str| Err(Error::new(Status::InvalidArgument, text.to_owned()));
        match self.auth.as_ref().map(ServerAuth::profile) {
            Some(Profile::Tutorial(_)) => {}
            Some(_) => return wrong("the tutorials' client proves a secret in the profile tutorial alone"),
            None if self.folder_per_key => return wrong("folder_per_key: without a secret there are no keys"),
            None if self.allow_anonymous => {}
            None => {
                return wrong(
                    "the tutorials' client without a secret may be anybody: allow_anonymous says that it may",
                );
            }
        }
        if self.tls.is_some() {
            return wrong("the tutorials' client speaks no TLS");
        }
        match self.endpoint.exposed()?.filter(|_| is_plain) {
            Some(address) => Err(GUARDED.plaintext(&address)),
            None => Ok(()),
        }
    }
}
