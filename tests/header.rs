//! The C header is what the source says, complete in its documents, and keeps to its baseline.
//!
//! `RUSTCHAT_REGENERATE=1 cargo test --test header` writes the header, the baseline and the lists of fields anew, and what
//! Python and the documents say of options.

#[path = "support/rows.rs"]
mod rows;
#[path = "support/signatures.rs"]
mod signatures;
#[path = "support/structures.rs"]
mod structures;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of `src/capi` with types and functions for C, in the order of the header.
const SOURCES: [&str; 50] = [
    "status",
    "choices",
    "bytes",
    "error",
    "library",
    "log",
    "content",
    "message",
    "event",
    "tls_options",
    "key_ring",
    "peer_info",
    "member_listing",
    "server_options",
    "server",
    "server_room",
    "server_data",
    "server_bans",
    "server_names",
    "client_options",
    "client",
    "client_receive",
    "client_asking",
    "stats",
    "listener",
    "connection_options",
    "connection",
    "connection_many",
    "tls",
    "command_template",
    "command_server_options",
    "command_server",
    "command_client_options",
    "command_exit",
    "command_options",
    "command_result",
    "command_client",
    "command",
    "file_server_options",
    "file_server",
    "file_client_options",
    "file_entry",
    "file_client",
    "file_names",
    "file_transfer_options",
    "file_transfer",
    "service_tls",
    "decoder",
    "auth",
    "handshake",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The part of the header that the crate's metadata decides.
fn prologue() -> String {
    read("src/capi/header/prologue.h")
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@MAJOR@", env!("CARGO_PKG_VERSION_MAJOR"))
        .replace("@MINOR@", env!("CARGO_PKG_VERSION_MINOR"))
        .replace("@PATCH@", env!("CARGO_PKG_VERSION_PATCH"))
}

fn generate() -> String {
    let mut config = cbindgen::Config::from_file(root().join("cbindgen.toml")).expect("cbindgen.toml is right");
    config.after_includes = Some(format!("\n{}", prologue().trim_end()));
    config.trailer =
        Some(read("src/capi/header/epilogue.h").trim_end().replace("@INIT@", structures::initialisers().trim_end()));
    let builder = SOURCES.iter().fold(cbindgen::Builder::new().with_config(config), |builder, name| {
        builder.with_src(root().join(format!("src/capi/{name}.rs")))
    });
    let mut out = Vec::new();
    builder.generate().expect("the sources are right").write(&mut out);
    String::from_utf8(out).unwrap()
}

/// Writes `expected` when asked to, else compares.
fn assert_file(path: &str, expected: &str) {
    if std::env::var_os("RUSTCHAT_REGENERATE").is_some() {
        fs::write(root().join(path), expected).unwrap();
    }
    let difference = read(path).lines().zip(expected.lines()).position(|(is, should)| is != should);
    assert!(
        read(path) == expected,
        "{path} differs from the source (line {difference:?}); RUSTCHAT_REGENERATE=1 cargo test --test header writes it"
    );
}

/// The document and the prototype of every function in a header.
fn functions(header: &str) -> BTreeMap<String, (String, String)> {
    let mut found = BTreeMap::new();
    let (mut document, mut prototype) = (String::new(), String::new());
    for line in header.lines() {
        if line == "/**" {
            document.clear();
        }
        if line.starts_with(" *") {
            document.push_str(line.trim_start_matches(" *").trim());
            document.push('\n');
        } else if line.starts_with("RUSTCHAT_API") || !prototype.is_empty() {
            prototype.push_str(line.trim());
            prototype.push(' ');
            if line.ends_with(';') {
                let name = prototype.split('(').next().unwrap().rsplit([' ', '*']).next().unwrap().to_owned();
                found.insert(name, (std::mem::take(&mut document), std::mem::take(&mut prototype)));
            }
        }
    }
    found
}

/// What is missing in the document of a function.
fn faults(document: &str, prototype: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let brief = document.lines().next().unwrap_or("");
    if brief.len() < 10 || brief.starts_with('@') {
        faults.push("a brief".to_owned());
    }
    let parameters = prototype.split_once('(').unwrap().1.rsplit_once(')').unwrap().0;
    for parameter in parameters.split(',').filter(|parameter| parameter.trim() != "void") {
        let name = parameter.trim().trim_end_matches(']').trim_end_matches(char::is_numeric).trim_end_matches('[');
        let name = name.rsplit([' ', '*']).next().unwrap();
        if !document.contains(&format!("@param {name} ")) {
            faults.push(format!("@param {name}"));
        }
    }
    let returns_status = prototype.contains("rustchat_status rustchat_");
    if !prototype.contains("void rustchat_") && !document.contains("@return ") {
        faults.push("@return".to_owned());
    }
    if returns_status && !document.contains("@return RUSTCHAT_OK") {
        faults.push("the statuses".to_owned());
    }
    let takes_handle = [
        "server *server",
        "client *client",
        "listener *listener",
        "connection *connection",
        "ring *ring",
        "command *command",
    ];
    if returns_status && takes_handle.iter().any(|handle| prototype.contains(handle)) {
        let words = ["RUSTCHAT_EHANDLE", "RUSTCHAT_EFORK"];
        faults.extend(words.iter().filter(|word| !document.contains(**word)).map(|word| (*word).to_owned()));
    }
    let safety = ["Thread-safety: MT-Safe.", "Thread-safety: MT-Unsafe:object."];
    if !safety.iter().any(|word| document.contains(word)) {
        faults.push("the thread-safety word".to_owned());
    }
    faults.extend(
        ["Blocking: ", "@since "].iter().filter(|word| !document.contains(**word)).map(|word| (*word).to_owned()),
    );
    faults
}

#[test]
fn every_function_is_documented_in_full() {
    let functions = functions(&generate());
    assert!(functions.len() >= 55, "only {} functions were found", functions.len());
    for (name, (document, prototype)) in functions {
        let faults = faults(&document, &prototype);
        assert!(faults.is_empty(), "{name} lacks {}", faults.join(", "));
    }
}

#[test]
fn a_document_with_a_gap_is_found() {
    let prototype = "rustchat_status rustchat_server_x(struct rustchat_server *server, uint8_t out[32]);";
    let faults = faults("Does something.\n@param server it.\n@return RUSTCHAT_OK.\nBlocking: no.\n", prototype);
    assert_eq!(faults, ["@param out", "RUSTCHAT_EHANDLE", "RUSTCHAT_EFORK", "the thread-safety word", "@since "]);
}

#[test]
fn the_header_speaks_no_rust() {
    let header = generate();
    for word in
        ["Arc<", "Option<", "Vec<", "&str", "usize", "u64 ", "panic", "borrow", "SAFETY", "unsafe", "trait", "crate"]
    {
        assert!(!header.contains(word), "the header says {word:?}");
    }
}

#[test]
fn the_header_is_what_the_source_says() {
    assert_file("include/rustchat.h", &generate());
}

#[test]
fn the_symbols_are_those_of_the_baseline() {
    let names: String = functions(&generate()).into_keys().map(|name| name + "\n").collect();
    assert_file("include/symbols.txt", &names);
}
