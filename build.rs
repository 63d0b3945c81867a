//! Gives the C library its SONAME and tells dependent build scripts where the header is. Writes nothing into the source tree.

use std::env;

/// Bumped only when the ABI baseline test says that the ABI broke.
const SONAME: &str = "librustchat.so.0";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    println!("cargo::metadata=include={root}/include");
    match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("linux" | "android" | "freebsd" | "netbsd" | "openbsd") => {
            // Not as a `cdylib-link-arg`, which cargo hands on to the libraries of other packages: a process that has loaded
            // one of those would take it for the C library. That examples and tests have it, too, matters to nobody.
            println!("cargo::rustc-link-arg=-Wl,-soname,{SONAME}");
        }
        Ok("macos" | "ios") => {
            println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/librustchat.0.dylib");
        }
        _ => {}
    }
}
