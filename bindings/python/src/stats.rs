//! The numbers of servers and clients.

use std::collections::BTreeMap;

use pyo3::prelude::*;

macro_rules! numbers {
    ($($(#[doc = $about:literal])* $name:ident { $($(#[doc = $doc:literal])* $number:ident)* })*) => {$(
        $(#[doc = $about])*
        #[pyclass(frozen, get_all, eq, module = "rustchat")]
        #[derive(PartialEq)]
        pub(crate) struct $name {
            $($(#[doc = $doc])* $number: u64,)*
        }

        impl From<rustchat::chat::$name> for $name {
            fn from(core: rustchat::chat::$name) -> $name {
                $name { $($number: core.$number,)* }
            }
        }

        #[pymethods]
        impl $name {
            /// The numbers by name.
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
