//! libFuzzer's way to the target of that name.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| rustchat_fuzz::transfer::run(input));
