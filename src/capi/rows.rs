//! The options of the core, from the fields of the caller's structure: a row's field has its name, and its unit behind that.

use std::ffi::c_char;
use std::ptr;
use std::time::Duration;

use super::bytes::{rustchat_bytes, string};
use super::choices;
use super::credentials::Credentials;
use super::key_ring::rustchat_key_ring;
use super::structures::rowed;
use super::tls_options::{self, rustchat_tls_options};
use crate::auth::ServerAuth;
use crate::chat::Rate;
use crate::net::Backoff;
use crate::options::{Kind, Row, Table};
use crate::{Error, Result, Status};

/// The value of a field.
#[derive(Clone, Copy)]
pub(super) enum Field {
    I32(i32),
    U32(u32),
    I64(i64),
    Usize(usize),
    Text(*const c_char),
    Bytes(rustchat_bytes),
    Tls(*const rustchat_tls_options),
    Keys(*mut rustchat_key_ring),
    /// What rows know nothing of, such as a callback.
    Other,
}

/// A structure whose fields can be looked up.
pub(super) trait Fields {
    fn field(&self, name: &str) -> Option<Field>;
}

macro_rules! readable {
    ($($file:ident $type:ident { $($field:ident: $kind:ident)* })*) => {$(
        impl Fields for super::$file::$type {
            fn field(&self, name: &str) -> Option<Field> {
                match name {
                    $(stringify!($field) => Some(readable!(@ $kind self.$field)),)*
                    _ => None,
                }
            }
        }
    )*};
    (@ Other $value:expr) => { Field::Other };
    (@ Reserved $value:expr) => { Field::Other };
    (@ $kind:ident $value:expr) => { Field::$kind($value) };
}
rowed!(readable);

/// Sets the options for which there are fields; a field that is 0 or NULL leaves its option as it is.
///
/// # Safety
/// The pointers are what the header asks for.
pub(super) unsafe fn fill<O: Table>(options: &mut O, given: &impl Fields) -> Result<()> {
    // SAFETY: as promised by the caller.
    O::ROWS.iter().try_for_each(|row| unsafe { set(row, options, given) })
}

unsafe fn set<O: Table>(row: &Row<O>, options: &mut O, given: &impl Fields) -> Result<()> {
    let (name, field) = (row.name, given.field(row.name));
    match (&row.kind, field) {
        (Kind::Flag(place), Some(Field::I32(value))) if value != 0 => {
            // One that is on by default is turned off by -1.
            let flag = place(options);
            *flag = !*flag || value != -1;
        }
        (Kind::Switch(place), Some(Field::I32(value))) if value != 0 => *place(options) = Some(value != -1),
        (Kind::Count(place), Some(Field::U32(count))) if count != 0 => *place(options) = count as usize,
        (Kind::Count(place), Some(Field::Usize(count))) if count != 0 => *place(options) = count,
        (Kind::Number(place), Some(Field::U32(number))) if number != 0 => *place(options) = number,
        (Kind::Mode(place), Some(Field::U32(mode))) if mode != 0 => *place(options) = Some(mode),
        (Kind::Ceiling(place), Some(Field::U32(u32::MAX))) => *place(options) = Some(0),
        (Kind::Ceiling(place), Some(Field::U32(count))) if count != 0 => *place(options) = Some(count as usize),
        (Kind::Text(place) | Kind::Group(place), Some(Field::Text(text))) => {
            // SAFETY: as promised by the caller.
            *place(options) = unsafe { string(name, text) }?.map(str::to_owned);
        }
        (Kind::Framing(place), Some(Field::I32(value))) => {
            let framing = place(options);
            *framing = choices::framing(value, *framing)?;
        }
        (Kind::Choice(choice), Some(Field::I32(value))) => {
            if let Some(index) = choices::index(name, value, choice.names.len())? {
                choice.set(options, index);
            }
        }
        (Kind::Seconds(place) | Kind::Patience(place), _) => {
            if let Some(time) = time(row, given)? {
                *place(options) = time;
            }
        }
        (Kind::Reconnect(place), Some(Field::I32(value))) => *place(options) = backoff(value, name, given)?,
        (Kind::Rate(place), _) => *place(options) = rate(name, given),
        (Kind::Tls(place), Some(Field::Tls(tls))) => {
            // SAFETY: as promised by the caller.
            *place(options) = unsafe { tls_options::read(tls) }?;
        }
        (Kind::ServerAuth(place), _) => {
            // SAFETY: as promised by the caller.
            *place(options) = unsafe { server_auth(given) }?;
        }
        (Kind::ClientAuth(place), _) => {
            // SAFETY: as promised by the caller.
            let credentials = unsafe { credentials(given) }?;
            *place(options) = credentials.map(Credentials::into_client).transpose()?;
        }
        _ => {}
    }
    Ok(())
}

/// A time for which 0 is the default; -1 is none where none has a meaning.
fn time<O>(row: &Row<O>, given: &impl Fields) -> Result<Option<Duration>> {
    let (in_ms, in_us) = (format!("{}_ms", row.name), format!("{}_us", row.name));
    let (name, value, of_number) = match (given.field(&in_ms), given.field(&in_us)) {
        (Some(Field::I64(value)), _) => (in_ms, value, Duration::from_millis as fn(u64) -> Duration),
        (_, Some(Field::I64(value))) => (in_us, value, Duration::from_micros as fn(u64) -> Duration),
        _ => return Ok(None),
    };
    match u64::try_from(value) {
        Ok(0) => Ok(None),
        Ok(number) => Ok(Some(of_number(number))),
        Err(_) if value == -1 && row.zero.is_some() => Ok(Some(Duration::ZERO)),
        Err(_) => {
            let what = format!("{name} is {value}, expected 0 (the default) or more");
            Err(Error::new(Status::InvalidArgument, what))
        }
    }
}

fn rate(name: &str, given: &impl Fields) -> Option<Rate> {
    let burst = match given.field(&format!("{name}_burst")) {
        Some(Field::U32(burst)) if burst != 0 => burst,
        _ => Rate::STRANGERS.burst,
    };
    match given.field(&format!("{name}_per_minute")) {
        Some(Field::U32(u32::MAX)) => Some(Rate::UNLIMITED),
        Some(Field::U32(count)) if count != 0 => Some(Rate { burst, per_second: f64::from(count) / 60.0 }),
        _ => None,
    }
}

/// Whether a client comes back, and when.
fn backoff(value: i32, name: &str, given: &impl Fields) -> Result<Option<Backoff>> {
    let wrong = |what: String| Error::new(Status::InvalidArgument, what);
    match value {
        0 => return Ok(None),
        1 => {}
        other => return Err(wrong(format!("{name} is {other}, expected 0 or 1"))),
    }
    let mut backoff = Backoff::default();
    let set = |unit: &str, time: &mut Duration| -> Result<()> {
        match given.field(&format!("{name}_{unit}_ms")) {
            Some(Field::I64(0)) | None => Ok(()),
            Some(Field::I64(ms)) => {
                let negative = |_| wrong(format!("{name}_{unit}_ms is {ms}, expected 0 (the default) or more"));
                *time = Duration::from_millis(u64::try_from(ms).map_err(negative)?);
                Ok(())
            }
            Some(_) => Ok(()),
        }
    };
    set("first", &mut backoff.first)?;
    set("most", &mut backoff.most)?;
    if let Some(Field::U32(limit)) = given.field(&format!("{name}_limit")) {
        backoff.limit = limit;
    }
    if let Some(Field::U32(percent @ 1..)) = given.field(&format!("{name}_factor_percent")) {
        backoff.factor = f64::from(percent) / 100.0;
    }
    match given.field(&format!("{name}_jitter_percent")) {
        Some(Field::I32(0)) | None => {}
        Some(Field::I32(-1)) => backoff.jitter = 0.0,
        Some(Field::I32(percent @ 1..=100)) => backoff.jitter = f64::from(percent) / 100.0,
        Some(Field::I32(percent)) => {
            let text = format!("{name}_jitter_percent is {percent}, expected 0 (the default), -1 (none) or 1 to 100");
            return Err(wrong(text));
        }
        Some(_) => {}
    }
    // The one that was not given follows the other.
    if given_nothing(given, &format!("{name}_most_ms")) {
        backoff.most = backoff.most.max(backoff.first);
    } else if given_nothing(given, &format!("{name}_first_ms")) {
        backoff.first = backoff.first.min(backoff.most);
    }
    Ok(Some(backoff))
}

fn given_nothing(given: &impl Fields, field: &str) -> bool {
    matches!(given.field(field), Some(Field::I64(0)) | None)
}

/// The profile that is asked for; where there is but one that works, there is no field.
fn profile(given: &impl Fields) -> i32 {
    match given.field("profile") {
        Some(Field::I32(profile)) => profile,
        _ => 0,
    }
}

unsafe fn credentials(given: &impl Fields) -> Result<Option<Credentials>> {
    match (given.field("secret"), given.field("key_id")) {
        (Some(Field::Bytes(secret)), Some(Field::Text(key_id))) => {
            // SAFETY: as promised by the caller of `fill`.
            unsafe { Credentials::read(profile(given), secret, key_id) }
        }
        _ => Ok(None),
    }
}

unsafe fn server_auth(given: &impl Fields) -> Result<Option<ServerAuth>> {
    // SAFETY: as promised by the caller of `fill`.
    let one = unsafe { credentials(given) }?;
    let keys = match given.field("keys") {
        Some(Field::Keys(keys)) => keys,
        _ => ptr::null_mut(),
    };
    let auth = Credentials::server(one, profile(given), keys)?;
    let Some(Field::Text(id)) = given.field("server_id") else { return Ok(auth) };
    // SAFETY: as promised by the caller of `fill`.
    match (auth, unsafe { string("server_id", id) }?) {
        (Some(auth), Some(id)) => auth.with_server_id(id).map(Some),
        (auth, _) => Ok(auth),
    }
}

#[cfg(test)]
mod tests {
    use super::super::client_options::rustchat_client_options;
    use super::*;

    /// What becomes of a factor and a jitter in percent.
    fn plan(factor: u32, jitter: i32) -> Result<Backoff> {
        // SAFETY: every pattern of bits is a value, all zeros, too.
        let mut options: rustchat_client_options = unsafe { std::mem::zeroed() };
        (options.reconnect, options.reconnect_factor_percent, options.reconnect_jitter_percent) = (1, factor, jitter);
        backoff(1, "reconnect", &options).map(Option::unwrap_or_default)
    }

    #[test]
    fn a_backoff_is_told_in_percent_and_by_default_it_doubles_with_all_of_it_random() {
        let told = |factor, jitter| plan(factor, jitter).map(|plan| (plan.factor, plan.jitter)).unwrap();
        assert_eq!(plan(0, 0).unwrap(), Backoff::default());
        assert_eq!([told(150, 25), told(100, -1), told(1000, 100)], [(1.5, 0.25), (1.0, 0.0), (10.0, 1.0)]);
        for jitter in [-2, 101, i32::MIN, i32::MAX] {
            assert_eq!(plan(0, jitter).unwrap_err().status(), Status::InvalidArgument);
        }
        assert_eq!(plan(99, 0).unwrap().check().unwrap_err().status(), Status::InvalidArgument);
    }
}
