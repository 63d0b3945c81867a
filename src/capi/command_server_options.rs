//! How a server of remote commands is to behave.

use std::ffi::c_char;

use super::bytes::{rustchat_bytes, string, texts};
use super::command_template::{path, rustchat_command_template, rustchat_command_variable, templates, variables};
use super::key_ring::rustchat_key_ring;
use super::rows;
use super::tls_options::rustchat_tls_options;
use crate::command::{Catalogue, CommandServerOptions};
use crate::error::utf8;
use crate::net::Endpoint;
use crate::{Error, Result, Status};

/// What becomes of processes of a command that outlive it.
#[repr(i32)]
#[allow(dead_code, reason = "some names are for the header alone")]
pub enum rustchat_survivors {
    /// Kill.
    RUSTCHAT_SURVIVORS_DEFAULT = 0,
    /// They are killed.
    RUSTCHAT_SURVIVORS_KILL = 1,
    /// They are left alone.
    RUSTCHAT_SURVIVORS_LEAVE = 2,
    /// They are waited for, as long as the command has time.
    RUSTCHAT_SURVIVORS_WAIT = 3,
}

/// What a command server runs, for whom, and how it is to behave. Begin with RUSTCHAT_COMMAND_SERVER_OPTIONS_INIT and set what
/// differs: 0 and NULL are the defaults. All of it is read during rustchat_command_server_start.
///
/// There is no server without a secret, on this machine neither, and beyond it none without tls unless allow_plaintext says
/// so. Both ends prove the secret in the profile mutual.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_command_server_options {
    /// sizeof(rustchat_command_server_options).
    pub struct_size: usize,
    /// Where to listen: "host:port", "[ipv6]:port" or the path of a Unix socket (has a "/", or ends in ".sock"),
    /// UTF-8; must not be NULL. Port 0 lets the system choose.
    pub address: *const c_char,
    /// What clients must prove to hold. Copied, and overwritten when the server ends.
    pub secret: rustchat_bytes,
    /// The id of the secret for clients that name one, at most 64 bytes; NULL for clients that do not.
    pub key_id: *const c_char,
    /// In the place of secret and key_id: a ring, of whose keys each will do; NULL for none. The server keeps what it is given.
    pub keys: *mut rustchat_key_ring,
    /// Our name in the handshake, at most 64 bytes; NULL is none.
    pub server_id: *const c_char,
    /// TLS, and by what the other end is trusted; NULL is plain: whoever is on the way can read and change what is sent.
    pub tls: *const rustchat_tls_options,
    /// What clients may run, and nothing beside it.
    pub commands: *const rustchat_command_template,
    /// How many commands there are.
    pub command_count: usize,
    /// The absolute path of a shell such as "/bin/sh", which runs any program text for clients that ask for it: they can then
    /// do all that this user can. NULL is none.
    pub shell: *const c_char,
    /// What commands find in their environment besides PATH: nothing of this process's own.
    pub variables: *const rustchat_command_variable,
    /// How many variables there are.
    pub variable_count: usize,
    /// Names of variables that clients may set, to whatever they like. Not one that has programs load or run something.
    pub settable: *const *const c_char,
    /// How many there are.
    pub settable_count: usize,
    /// A folder of the unified cgroup hierarchy that belongs to this user: each command gets a cgroup in it, so that no process
    /// escapes its end. NULL is none.
    pub cgroup: *const c_char,
    /// The group of a Unix socket's file, a name or a number in digits; NULL is as the system has it. Only with the path of a
    /// Unix socket.
    pub group: *const c_char,
    /// Who may connect to a Unix socket: the permissions of its file, such as 0660, whatever the process's mask. 0 is 0600,
    /// this user alone, or 0660 with a group. Only with the path of a Unix socket.
    pub mode: u32,
    /// What becomes of processes of a command that outlive it, a rustchat_survivors; 0 is that they are killed.
    pub survivors: i32,
    /// Not 0: beyond this machine, speak without TLS all the same.
    pub allow_plaintext: i32,
    /// Not 0 is RUSTCHAT_EINVAL: nobody gets in without a secret.
    pub allow_anonymous: i32,
    /// Commands of one client at a time, at most 65535; more are refused. 0 is 256.
    pub command_limit: u32,
    /// Commands of all clients at a time; more are refused. 0 is 1024.
    pub total_limit: u32,
    /// Connections that the system keeps until they are accepted; 0 is 4096.
    pub backlog: u32,
    /// Handshakes under way at a time; past it newcomers wait, and who keeps the server waiting for longest fails. 0 is 128.
    pub handshake_limit: u32,
    /// Threads for input and output, at most 1024; 0 is one for each core.
    pub workers: u32,
    /// Clients at a time; 0 is 10240.
    pub member_limit: u32,
    /// Clients for one IP address; 0 is 256 with clients on this machine exempt, UINT32_MAX is no limit.
    pub members_per_ip: u32,
    /// 0.
    pub reserved_limit: u32,
    /// Bytes that a command may write to both outputs together; then it is ended. 0 is as many as it likes.
    pub output_limit: usize,
    /// Bytes that may wait for a client that does not read, at least 262144; 0 is 1048576.
    pub outbox_limit: usize,
    /// How long a command may run that asks for no other time, in milliseconds; 0 is 3600000, -1 for ever.
    pub command_timeout_ms: i64,
    /// The longest time that may be asked for, in milliseconds; a command that asks for more is refused. 0 is 86400000, -1 any.
    pub longest_timeout_ms: i64,
    /// How long a command has that was asked to end before it is killed, in milliseconds; 0 is 2000, -1 is killed at once.
    pub kill_grace_ms: i64,
    /// For a whole handshake, in milliseconds; 0 is 5000.
    pub handshake_timeout_ms: i64,
    /// For a write to a client without any progress, in milliseconds; 0 is 10000.
    pub write_timeout_ms: i64,
    /// Time without a message after which a client is disconnected, in milliseconds; 0 and -1 are never.
    pub idle_timeout_ms: i64,
    /// Silence before a ping, in milliseconds; 0 is 25000, -1 never pings.
    pub ping_interval_ms: i64,
    /// For the answer to a ping, in milliseconds; 0 is 10000.
    pub ping_timeout_ms: i64,
    /// Microseconds that a worker may wait awake in a brisk dialogue, which saves its wake-ups; 0 is 100, more than 10000 counts
    /// as that, -1 always sleeps.
    pub polling_us: i64,
    /// 0.
    pub reserved: [u64; 6],
}

impl rustchat_command_server_options {
    /// The options of the core, and what may be run.
    ///
    /// # Safety
    /// The pointers are what the header asks for.
    pub(super) unsafe fn convert(&self) -> Result<(CommandServerOptions, Catalogue)> {
        // SAFETY: as promised by the caller.
        unsafe {
            let address = string("address", self.address)?;
            let address = address.ok_or_else(|| Error::new(Status::InvalidArgument, "address is NULL"))?;
            let mut options = CommandServerOptions::new(address.parse::<Endpoint>()?);
            rows::fill(&mut options, self)?;
            Ok((options, self.catalogue()?))
        }
    }

    /// # Safety
    /// As for `convert`.
    unsafe fn catalogue(&self) -> Result<Catalogue> {
        // SAFETY: as promised by the caller.
        let (commands, shell, variables, settable) = unsafe {
            (
                templates(self.commands, self.command_count)?,
                path(self.shell),
                variables("variables", self.variables, self.variable_count)?,
                texts("settable", self.settable, self.settable_count)?,
            )
        };
        let about = |error: Error| error.context("variables");
        let mut catalogue = Catalogue::new();
        for (name, template) in commands {
            catalogue = catalogue.command(name, template);
        }
        if let Some(shell) = shell {
            catalogue = catalogue.shell(shell);
        }
        for (name, value) in variables {
            catalogue = catalogue.variable(utf8(name).map_err(about)?, utf8(value).map_err(about)?);
        }
        Ok(settable.into_iter().fold(catalogue, Catalogue::settable))
    }
}
