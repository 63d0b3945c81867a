//! The numbers of servers and clients.

use std::collections::BTreeMap;
use std::time::Duration;

use pyo3::prelude::*;

use crate::arguments::{Argument, Kind, named};

/// How much of a whole.
#[derive(FromPyObject)]
#[pyo3(transparent)]
struct Part(f64);

impl Kind<'_, '_> for Part {
    const EXPECTED: &'static str = "a number from 0 to 1";
    const BOUNDS: (&'static str, &'static str) = ("0 to 1", "0 to 1");
}

/// Times, counted by magnitude: each bucket reaches to twice as much as the one before it.
#[pyclass(frozen, eq, module = "rustchat")]
#[derive(Clone, PartialEq)]
pub(crate) struct Histogram(rustchat::chat::Histogram);

#[pymethods]
impl Histogram {
    /// A list of (bound, count): so many were below that bound, in seconds, and not below the one before it. The last bound is
    /// infinite.
    #[getter]
    fn buckets(&self) -> Vec<(f64, u64)> {
        let bound = |index| rustchat::chat::Histogram::bound(index).map_or(f64::INFINITY, |bound| bound.as_secs_f64());
        self.0.buckets.iter().enumerate().map(|(index, count)| (bound(index), *count)).collect()
    }

    /// How many times were taken.
    #[getter]
    fn count(&self) -> u64 {
        self.0.count()
    }

    /// All of them together, in seconds.
    #[getter]
    fn sum(&self) -> f64 {
        Duration::from_nanos(self.0.nanoseconds).as_secs_f64()
    }

    /// A bound in seconds that this part of all times stays below: 0.5 is the median's, within a factor of two. None when there are
    /// none, or when it is past the last bound.
    fn quantile(&self, part: Argument<'_, '_, Part>) -> PyResult<Option<f64>> {
        named!(part);
        Ok(self.0.quantile(part.0).map(|bound| bound.as_secs_f64()))
    }

    fn __repr__(&self) -> String {
        format!("<Histogram of {} in {:.6} s>", self.count(), self.sum())
    }
}

macro_rules! numbers {
    ($($(#[doc = $about:literal])* $name:ident { $($(#[doc = $doc:literal])* $number:ident)* } histograms {
        $($(#[doc = $times_doc:literal])* $times:ident)*
    })*) => {$(
        $(#[doc = $about])*
        #[pyclass(frozen, get_all, eq, module = "rustchat")]
        #[derive(PartialEq)]
        pub(crate) struct $name {
            $($(#[doc = $doc])* $number: u64,)*
            $($(#[doc = $times_doc])* $times: Histogram,)*
        }

        impl From<rustchat::chat::$name> for $name {
            fn from(core: rustchat::chat::$name) -> $name {
                $name { $($number: core.$number,)* $($times: Histogram(core.$times),)* }
            }
        }

        #[pymethods]
        impl $name {
            /// The numbers by name, without the histograms.
            fn as_dict(&self) -> BTreeMap<&'static str, u64> {
                [$((stringify!($number), self.$number)),*].into()
            }

            fn __repr__(&self) -> String {
                let numbers = [$(format!("{}={}", stringify!($number), self.$number)),*];
                format!("{}({})", stringify!($name), numbers.join(", "))
            }
        }
    )*};
}
rustchat::stats!(numbers);
