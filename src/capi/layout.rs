//! The structures that C sees lie in memory as `tests/c/layout.txt` says, which `tests/c/layout.c` prints.
//!
//! `RUSTCHAT_REGENERATE=1 cargo test --lib capi::layout` writes that file anew.

use std::fmt::Write;
use std::mem::offset_of;

use super::structures::{plain, rowed, sized};

fn size_of_field<T, F>(_: fn(&T) -> &F) -> usize {
    size_of::<F>()
}

macro_rules! describe {
    ($($file:ident $type:ident { $($field:ident: $kind:ident)* })*) => {{
        let mut out = String::new();
        $(
            writeln!(out, "{} {}", stringify!($type), size_of::<super::$file::$type>()).unwrap();
            $(
                let (size, offset) = (size_of_field(|value: &super::$file::$type| &value.$field), offset_of!(super::$file::$type, $field));
                writeln!(out, "{}.{} {offset} {size}", stringify!($type), stringify!($field)).unwrap();
            )*
            writeln!(out, "{}.end {} 0", stringify!($type), size_of::<super::$file::$type>()).unwrap();
        )*
        out
    }};
}

#[test]
fn structures_lie_in_memory_as_c_lays_them_out() {
    let out = plain!(describe) + &sized!(describe) + &rowed!(describe);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/c/layout.txt");
    if std::env::var_os("RUSTCHAT_REGENERATE").is_some() {
        std::fs::write(path, &out).unwrap();
    }
    assert_eq!(out, std::fs::read_to_string(path).unwrap());
}
