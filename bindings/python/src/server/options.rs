//! The server's options, from Python's keywords.

use std::time::Duration;

use pyo3::prelude::*;
use rustchat::chat::{FilterFailure, Rate, ServerOptions};

use crate::arguments::{self, Argument, Mode, Named, choice};
use crate::error::invalid;
use crate::{address, credentials, time};

/// Options in the making.
pub(super) struct Given<'py> {
    py: Python<'py>,
    options: ServerOptions,
}

impl<'py> Given<'py> {
    pub(super) fn new(
        py: Python<'py>,
        ip: Option<&Bound<'_, PyAny>>,
        port: Option<u16>,
        framing: &str,
    ) -> PyResult<Self> {
        let mut options = ServerOptions::new(address::host_and_port(py, ip, port)?);
        options.framing = choice(py, "framing", framing)?;
        Ok(Given { py, options })
    }

    pub(super) fn admission(
        &mut self,
        secret: Option<&Bound<'_, PyAny>>,
        keys: Option<&Bound<'_, PyAny>>,
        profile: &str,
        server_id: &str,
        allow_anonymous: bool,
    ) -> PyResult<()> {
        self.options.auth = credentials::server(self.py, secret, keys, profile, server_id)?;
        self.options.allow_anonymous = allow_anonymous;
        Ok(())
    }

    pub(super) fn announce(&mut self, announce: bool) {
        self.options.announce = announce;
    }

    pub(super) fn socket_file(&mut self, mode: Option<Mode>, group: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        self.options.mode = mode.map(|Mode(mode)| mode);
        self.options.group = arguments::group(group)?;
        Ok(())
    }

    pub(super) fn filter_failure(&mut self, on_error: &str) -> PyResult<()> {
        self.options.filter_failure = match on_error {
            "drop" => FilterFailure::Drop,
            "pass" => FilterFailure::Pass,
            _ => return Err(invalid(self.py, format!("on_error is {on_error:?}, expected \"drop\" or \"pass\""))),
        };
        Ok(())
    }

    pub(super) fn counts(&mut self, counts: [(&'static str, Argument<'_, '_, usize>); 6]) -> PyResult<()> {
        let options = &mut self.options;
        let places: [&mut usize; 6] = [
            &mut options.workers,
            &mut options.message_limit,
            &mut options.outbox_limit,
            &mut options.member_limit,
            &mut options.handshake_limit,
            &mut options.event_limit,
        ];
        for (place, (name, value)) in places.into_iter().zip(counts) {
            *place = value.called(name)?;
        }
        Ok(())
    }

    pub(super) fn peers(
        &mut self,
        backlog: u32,
        members_per_ip: Option<usize>,
        rate: Option<(u32, f64)>,
    ) -> PyResult<()> {
        self.options.backlog = backlog;
        self.options.members_per_ip = members_per_ip;
        self.options.rate = match rate {
            None => None,
            Some((burst, per_second)) if per_second.is_finite() && per_second >= 0.0 => {
                Some(Rate { burst, per_second })
            }
            Some((_, per_second)) => {
                return Err(invalid(self.py, format!("rate is {per_second} messages a second, expected 0 or more")));
            }
        };
        Ok(())
    }

    pub(super) fn times(&mut self, times: [(&'static str, Argument<'_, '_, f64>); 7]) -> PyResult<()> {
        let options = &mut self.options;
        let places: [&mut Duration; 7] = [
            &mut options.handshake_timeout,
            &mut options.write_timeout,
            &mut options.send_timeout,
            &mut options.ping_interval,
            &mut options.ping_timeout,
            &mut options.idle_timeout,
            &mut options.polling,
        ];
        for (place, (name, value)) in places.into_iter().zip(times) {
            *place = time::duration(self.py, name, value.called(name)?)?;
        }
        Ok(())
    }

    pub(super) fn done(self) -> ServerOptions {
        self.options
    }
}
