//! Where the library's log goes: nowhere, until the program says so.

use std::cell::Cell;
use std::ffi::{CString, c_char, c_void};
use std::sync::{Arc, Once, PoisonError, RwLock};

use log::{Level, LevelFilter, Log, Metadata, Record};

use super::options;
use super::status::rustchat_status;
use super::{choices, guard};
use crate::{Error, Result, Status};

/// Receives one log record. target is the part of the library it comes from; both strings end with NUL and are gone
/// after the call. May be called from any thread, several at a time; must not throw or longjmp.
pub type rustchat_log_callback =
    Option<unsafe extern "C" fn(userdata: *mut c_void, level: i32, target: *const c_char, message: *const c_char)>;

/// Told once that its userdata is not used any more.
pub type rustchat_drop_callback = Option<unsafe extern "C" fn(userdata: *mut c_void)>;

/// Where the log goes. Begin with RUSTCHAT_LOG_OPTIONS_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_log_options {
    /// sizeof(rustchat_log_options).
    pub struct_size: usize,
    /// The least important records wanted, a rustchat_log_level; 0 is info.
    pub level: i32,
    /// 0.
    pub reserved_level: i32,
    /// Given to the callbacks as it is.
    pub userdata: *mut c_void,
    /// Receives the records; must not be NULL.
    pub on_record: rustchat_log_callback,
    /// Called once after the last record, when another logger takes over; may be NULL.
    pub on_drop: rustchat_drop_callback,
    /// 0.
    pub reserved: [u64; 4],
}

struct Sink {
    level: Level,
    userdata: *mut c_void,
    on_record: unsafe extern "C" fn(*mut c_void, i32, *const c_char, *const c_char),
    on_drop: rustchat_drop_callback,
}

// SAFETY: the library only hands `userdata` on; that the callbacks may be called from any thread, several at a time,
// is what the header says of them.
unsafe impl Send for Sink {}
// SAFETY: as above.
unsafe impl Sync for Sink {}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Some(on_drop) = self.on_drop {
            // SAFETY: a function of the caller's, called as the header says.
            unsafe { on_drop(self.userdata) };
        }
    }
}

/// Hands records to the sink of the moment. It is static, since the `log` crate never lets go of its logger.
struct Logger(RwLock<Option<Arc<Sink>>>);

static LOGGER: Logger = Logger(RwLock::new(None));

thread_local! {
    /// A callback that makes the library log must not be called for that again.
    static LOGGING: Cell<bool> = const { Cell::new(false) };
}

impl Logger {
    /// Without waiting: only a change of the sink is in the way, and a child process may have been forked during one.
    fn sink(&self) -> Option<Arc<Sink>> {
        self.0.try_read().ok()?.clone()
    }

    /// The former sink is let go of without the lock: its `on_drop` may call the library.
    fn replace(&self, sink: Option<Arc<Sink>>) {
        let filter = sink.as_ref().map_or(LevelFilter::Off, |sink| sink.level.to_level_filter());
        let mut place = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let former = std::mem::replace(&mut *place, sink);
        log::set_max_level(filter);
        drop(place);
        drop(former);
    }
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if LOGGING.try_with(|logging| logging.replace(true)).unwrap_or(true) {
            return;
        }
        if let Some(sink) = self.sink().filter(|sink| record.level() <= sink.level) {
            // A NUL in a text would be its end; the library's texts have none, since they are escaped.
            let text = |text: String| CString::new(text.replace('\0', "\\0")).unwrap_or_default();
            let (target, message) = (text(record.target().to_owned()), text(record.args().to_string()));
            // SAFETY: a function of the caller's, called as the header says; the strings live until it returns.
            unsafe { (sink.on_record)(sink.userdata, record.level() as i32, target.as_ptr(), message.as_ptr()) };
        }
        let _ = LOGGING.try_with(|logging| logging.set(false));
    }

    fn flush(&self) {}
}

/// Sends the library's log to a callback, or nowhere, which is how it begins.
///
/// The log belongs to the whole process. The former callback gets its on_drop when its last record is done.
///
/// @param options read during the call; userdata must live until on_drop; NULL for no log.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL for a wrong structure or level or a NULL on_record; RUSTCHAT_ESTATE when the
///   program that holds this library has a logger of its own.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_log_set(options: *const rustchat_log_options) -> rustchat_status {
    guard::call("rustchat_log_set", || {
        if options.is_null() {
            LOGGER.replace(None);
            return Ok(());
        }
        // SAFETY: not NULL, and what the header asks for.
        let options = unsafe { options::read(options) }?;
        let level = choices::log_level(options.level)?;
        let on_record = options
            .on_record
            .ok_or_else(|| Error::new(Status::InvalidArgument, "on_record is NULL, expected a function"))?;
        install()?;
        let (userdata, on_drop) = (options.userdata, options.on_drop);
        LOGGER.replace(Some(Arc::new(Sink { level, userdata, on_record, on_drop })));
        Ok(())
    })
}

fn install() -> Result<()> {
    static ONCE: Once = Once::new();
    let mut taken = false;
    ONCE.call_once(|| taken = log::set_logger(&LOGGER).is_err());
    // A second call finds the logger installed, or somebody else's in its place.
    if taken || !std::ptr::addr_eq(log::logger(), &LOGGER) {
        return Err(Error::new(Status::BadState, "the program has another logger already"));
    }
    Ok(())
}
