//! What the header, Python and the documents say of options and numbers is what the core's tables say.

use rustchat::auth::Profile;
use rustchat::chat::{ClientOptions, ClientStats, ServerOptions, ServerStats};
use rustchat::command::{CommandClientOptions, CommandServerOptions};
use rustchat::connection::{AcceptOptions, ConnectOptions};
use rustchat::frame::Framing;
use rustchat::options::{Kind, Row, Table, Value};
use rustchat::transfer::{FileClientOptions, FileServerOptions};

use super::structures::{Structure, structures};
use super::{assert_file, read};

/// One keyword: its type in the stub, and its default.
struct Keyword {
    name: &'static str,
    kind: String,
    default: String,
}

fn keywords<O: Table>(row: &Row<O>) -> Vec<Keyword> {
    let types = match &row.kind {
        Kind::ServerAuth(_) => vec!["_Secret | None", "_Keys | None", "_Profile", "str"],
        Kind::ClientAuth(_) => vec!["_Secret | None", "str", "_Profile"],
        Kind::Tls(_) => vec!["bool | TLS | None"],
        Kind::Reconnect(_) => vec!["bool | Backoff"],
        Kind::Flag(_) => vec!["bool"],
        Kind::Count(_) | Kind::Number(_) => vec!["int"],
        Kind::Ceiling(_) | Kind::Mode(_) => vec!["int | None"],
        Kind::Seconds(_) => vec!["float"],
        Kind::Patience(_) => vec!["float | None"],
        Kind::Text(_) => vec!["str | None"],
        Kind::Group(_) => vec!["str | int | None"],
        Kind::Rate(_) => vec!["tuple[int, float] | None"],
        Kind::Framing(_) => vec!["_Framing"],
        Kind::Choice(choice) => {
            let (default, kind) = (python(&row.default()), format!("Literal[{}]", quoted(choice.names).join(", ")));
            return row
                .keywords()
                .iter()
                .map(|name| Keyword { name, kind: kind.clone(), default: default.clone() })
                .collect();
        }
    };
    let default = |name: &str| match name {
        "secret" | "keys" => "None".to_owned(),
        "profile" => "\"mutual\"".to_owned(),
        "server_id" | "key_id" => "\"\"".to_owned(),
        _ => python(&row.default()),
    };
    let named = row.keywords().iter().zip(types);
    named.map(|(name, kind)| Keyword { name, kind: kind.to_owned(), default: default(name) }).collect()
}

fn quoted(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("\"{name}\"")).collect()
}

/// A default as Python writes it.
fn python(value: &Value) -> String {
    match value {
        Value::None => "None".into(),
        Value::Flag(true) => "True".into(),
        Value::Flag(false) => "False".into(),
        Value::Integer(number) => number.to_string(),
        Value::Seconds(time) => format!("{:?}", time.as_secs_f64()),
        Value::Text(text) => format!("\"{text}\""),
    }
}

/// A function or class of Python that takes the options of a table.
struct Call {
    name: &'static str,
    /// The arguments before the keywords: name, type and default.
    first: &'static [(&'static str, &'static str, &'static str)],
    /// Where its signature begins in the stub, and how it ends.
    stub: [&'static str; 2],
    indent: &'static str,
}

const SERVER: Call = Call {
    name: "ChatServer",
    first: &[("ip", "_AddressLike", "\"127.0.0.1\""), ("port", "int", "60000")],
    stub: ["class ChatServer:\n    def __init__(\n        self,\n", "    ) -> None: ...\n"],
    indent: "        ",
};
const CLIENT: Call = Call {
    name: "ChatClient",
    stub: ["class ChatClient:\n    def __init__(\n        self,\n", SERVER.stub[1]],
    ..SERVER
};
const CONNECT: Call = Call {
    name: "connect",
    first: &[("address", "_AddressLike", "")],
    stub: ["def connect(\n", ") -> Connection: ...\n"],
    indent: "    ",
};
const LISTEN: Call = Call { name: "listen", stub: ["def listen(\n", ") -> Listener: ...\n"], ..CONNECT };

const COMMAND_SERVER: Call = Call {
    name: "CommandServer",
    first: &[
        ("address", "_AddressLike", ""),
        ("commands", "_Commands | None", "None"),
        ("shell", "str | None", "None"),
        ("variables", "dict[str, str] | None", "None"),
        ("settable", "list[str] | None", "None"),
    ],
    stub: ["class CommandServer:\n    def __init__(\n        self,\n", SERVER.stub[1]],
    ..SERVER
};
const COMMAND_CLIENT: Call = Call {
    name: "CommandClient",
    first: CONNECT.first,
    stub: ["class CommandClient:\n    def __new__(\n        cls,\n", "    ) -> Self: ...\n"],
    ..SERVER
};

const FILE_SERVER: Call = Call {
    name: "FileServer",
    first: &[("address", "_AddressLike", ""), ("root", "str | PathLike[str]", "")],
    stub: ["class FileServer:\n    def __init__(\n        self,\n", SERVER.stub[1]],
    ..SERVER
};
const FILE_CLIENT: Call = Call {
    name: "FileClient",
    stub: ["class FileClient:\n    def __new__(\n        cls,\n", "    ) -> Self: ...\n"],
    ..COMMAND_CLIENT
};

impl Call {
    fn check<O: Table>(&self, stub: &mut String) {
        let keywords: Vec<_> = O::ROWS.iter().flat_map(keywords).collect();
        let with_default = |name: &str, default: &str| match default {
            "" => name.to_owned(),
            default => format!("{name}={}", default.replace('"', "'")),
        };
        let mut words: Vec<_> = self.first.iter().map(|(name, _, default)| with_default(name, default)).collect();
        words.push("*".to_owned());
        words.extend(keywords.iter().map(|keyword| with_default(keyword.name, &keyword.default)));
        let signature = format!("{}({})\n--\n", self.name, words.join(", "));
        assert_file(&format!("bindings/python/src/texts/{}.signature.txt", self.name), &signature);
        let options: Vec<_> = O::ROWS.iter().flat_map(entries).map(|entry| wrapped(&entry)).collect();
        assert_file(&format!("bindings/python/src/texts/{}.options.txt", self.name), &options.join("\n"));
        self.write_stub(&keywords, stub);
    }

    fn write_stub(&self, keywords: &[Keyword], stub: &mut String) {
        let indent = self.indent;
        let line = |name: &str, kind: &str, default: &str| match default {
            "" => format!("{indent}{name}: {kind},\n"),
            default => format!("{indent}{name}: {kind} = {default},\n"),
        };
        let mut lines: String = self.first.iter().map(|(name, kind, default)| line(name, kind, default)).collect();
        lines += &format!("{indent}*,\n");
        lines.extend(keywords.iter().map(|keyword| line(keyword.name, &keyword.kind, &keyword.default)));
        replace_between(stub, self.stub, &lines);
    }
}

/// Puts `text` between the two places that `ends` name.
fn replace_between(stub: &mut String, [begin, end]: [&str; 2], text: &str) {
    let from = stub.find(begin).unwrap_or_else(|| panic!("the stub has no {begin:?}")) + begin.len();
    let length = stub[from..].find(end).unwrap_or_else(|| panic!("the stub has no {end:?} behind {begin:?}"));
    stub.replace_range(from..from + length, text);
}

/// What `help()` says of a row, one entry or more.
fn entries<O: Table>(row: &Row<O>) -> Vec<String> {
    let about = row.about();
    let about = about.trim_end_matches('.');
    let zero = row.zero.map_or(String::new(), |zero| format!(" 0 is {zero}."));
    let profile = "profile: How it is proved. \"mutual\" and \"multiprocessing\" (Python's multiprocessing.connection from 3.12 \
        on; \"multiprocessing:md5\" older ones, too) prove both ends, \"tutorial\" and \"tutorial:md5\" the client alone.";
    match &row.kind {
        _ if row.keyword.is_none() => vec![],
        Kind::ServerAuth(_) => vec![
            format!(
                "secret, keys: {about}: one secret for all, or a KeyRing or dict of secrets by id. {}",
                needed::<O>()
            ),
            profile.to_owned(),
            "server_id: Our name in the handshake.".to_owned(),
        ],
        Kind::ClientAuth(_) => {
            vec![format!("secret, key_id: {about}; which of the server's keys it is."), profile.to_owned()]
        }
        kind => {
            let what = match kind {
                Kind::Seconds(_) => " (seconds)".to_owned(),
                Kind::Patience(_) => " (seconds, None: for ever)".to_owned(),
                Kind::Tls(_) => " (True or a TLS)".to_owned(),
                Kind::Reconnect(_) => " (True or a Backoff)".to_owned(),
                Kind::Framing(_) => format!(" ({})", quoted(&Framing::ALL.map(Framing::name)).join(", ")),
                Kind::Choice(choice) => format!(" ({})", quoted(choice.names).join(" or ")),
                _ => String::new(),
            };
            row.keywords().iter().map(|name| format!("{name}{what}: {about}.{zero}")).collect()
        }
    }
}

/// Where a server does not do without a secret.
fn needed<O: Table>() -> &'static str {
    match O::ROWS.iter().any(|row| row.name == "allow_plaintext") {
        true => "One of them is needed, always.",
        false => "Beyond this machine one of them is needed, or allow_anonymous=True.",
    }
}

/// An entry in lines, all but the first indented.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 116;
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split(' ') {
        if !line.trim().is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::replace(&mut line, format!("    {word}")));
        } else {
            line += if line.is_empty() { "" } else { " " };
            line += word;
        }
    }
    lines.push(line);
    lines.join("\n")
}

/// The table of a struct of options.
fn table<O: Table>(title: &str, structure: &Structure) -> String {
    let mut table = format!("\n## {title}\n\n| Rust | Python | C | default | what |\n|---|---|---|---|---|\n");
    for row in O::ROWS {
        let code = |names: Vec<&str>| match &*names.join(", ") {
            "" => String::new(),
            names => format!("`{names}`"),
        };
        let (default, unit) = match row.default() {
            Value::Seconds(time) => (format!("{:?}", time.as_secs_f64()), " s"),
            value => (python(&value), ""),
        };
        let mut about = row.about();
        if let Some(zero) = row.zero {
            about += &format!(" 0 is {zero}.");
        }
        if row.at_least > 0 {
            about += &format!(" At least {}.", row.at_least);
        }
        if row.at_most < u64::MAX {
            about += &format!(" At most {}.", row.at_most);
        }
        if row.more_than_zero {
            about += " More than 0.";
        }
        let fields = structure.fields.iter().map(|(name, _)| &**name).filter(|field| reads(row, field)).collect();
        let python = code(row.keywords().to_vec());
        table += &format!("| `{}` | {python} | {} | {default}{unit} | {about} |\n", row.name, code(fields));
    }
    table
}

/// Whether C's field is that of the row.
fn reads<O>(row: &Row<O>, field: &str) -> bool {
    let names: &[&str] = match row.kind {
        Kind::Seconds(_) | Kind::Patience(_) => &["_ms", "_us"],
        Kind::Rate(_) => &["_burst", "_per_minute"],
        Kind::Reconnect(_) => &["", "_limit", "_first_ms", "_most_ms"],
        Kind::ServerAuth(_) => return ["secret", "key_id", "keys", "profile", "server_id"].contains(&field),
        Kind::ClientAuth(_) => return ["secret", "key_id", "profile"].contains(&field),
        _ => &[""],
    };
    field.strip_prefix(row.name).is_some_and(|unit| names.contains(&unit))
}

/// What C's conversion takes for a row.
fn types<O>(row: &Row<O>) -> &'static [&'static str] {
    match row.kind {
        Kind::Flag(_) | Kind::Framing(_) | Kind::Choice(_) => &["I32"],
        Kind::Count(_) => &["U32", "Usize"],
        Kind::Number(_) | Kind::Ceiling(_) | Kind::Mode(_) | Kind::Rate(_) => &["U32"],
        Kind::Seconds(_) | Kind::Patience(_) => &["I64"],
        Kind::Text(_) | Kind::Group(_) => &["Text"],
        Kind::ServerAuth(_) => &["I32", "Bytes", "Text", "Keys"],
        Kind::ClientAuth(_) => &["I32", "Bytes", "Text"],
        Kind::Tls(_) => &["Tls"],
        Kind::Reconnect(_) => &["I32", "U32", "I64"],
    }
}

/// Whether nothing of C's structure is read by nobody, and which rows have no field.
fn check_fields<O: Table>(structure: &str, without_field: &[&str]) {
    const OTHERS: [&str; 15] = [
        "struct_size",
        "address",
        "userdata",
        "on_event",
        "on_drop",
        "authorize",
        "filter",
        "asks",
        "commands",
        "command_count",
        "shell",
        "variables",
        "variable_count",
        "settable",
        "settable_count",
    ];
    let structures = structures();
    let structure = structures.iter().find(|known| known.name == structure).unwrap();
    for (field, kind) in &structure.fields {
        if *kind == "Reserved" || OTHERS.contains(&&**field) {
            continue;
        }
        let row = O::ROWS.iter().find(|row| reads(row, field)).unwrap_or_else(|| panic!("no row reads {field}"));
        assert!(types(row).contains(kind), "{field} is {kind}, expected one of {:?}", types(row));
    }
    let missing = O::ROWS.iter().filter(|row| !structure.fields.iter().any(|(field, _)| reads(row, field)));
    assert_eq!(missing.map(|row| row.name).collect::<Vec<_>>(), without_field);
}

#[test]
fn every_field_of_options_has_its_row_and_every_row_its_field() {
    check_fields::<ServerOptions>("rustchat_server_options", &["filter_failure"]);
    check_fields::<ClientOptions>("rustchat_client_options", &[]);
    check_fields::<ConnectOptions>("rustchat_connection_options", &[]);
    check_fields::<AcceptOptions>("rustchat_listener_options", &[]);
    check_fields::<CommandServerOptions>("rustchat_command_server_options", &[]);
    check_fields::<CommandClientOptions>("rustchat_command_client_options", &[]);
    check_fields::<FileServerOptions>("rustchat_file_server_options", &[]);
    check_fields::<FileClientOptions>("rustchat_file_client_options", &[]);
}

#[test]
fn choices_have_the_numbers_of_the_header() {
    let header = read("include/rustchat.h");
    let check = |prefix: &str, names: &[&str]| {
        for (index, name) in names.iter().enumerate() {
            let name = name.to_uppercase().replace(' ', "_");
            let line = format!("    RUSTCHAT_{prefix}_{name} = {},", index + 1);
            assert!(header.contains(&line), "the header lacks {line:?}");
        }
    };
    check("FRAMING", &Framing::ALL.map(Framing::name));
    for row in ServerOptions::rows() {
        match (&row.kind, row.name) {
            (Kind::Choice(choice), "events") => check("EVENTS", choice.names),
            (Kind::Choice(choice), "event_overflow") => check("OVERFLOW", choice.names),
            _ => {}
        }
    }
    for row in CommandServerOptions::rows() {
        if let Kind::Choice(choice) = &row.kind {
            check(&row.name.to_uppercase(), choice.names);
        }
    }
    for row in FileServerOptions::rows() {
        if let Kind::Choice(choice) = &row.kind {
            check(&row.name.to_uppercase(), choice.names);
        }
    }
}

#[test]
fn signatures_and_tables_are_what_the_rows_say() {
    let path = "python/rustchat/_rustchat.pyi";
    let mut stub = read(path);
    SERVER.check::<ServerOptions>(&mut stub);
    CLIENT.check::<ClientOptions>(&mut stub);
    CONNECT.check::<ConnectOptions>(&mut stub);
    LISTEN.check::<AcceptOptions>(&mut stub);
    COMMAND_SERVER.check::<CommandServerOptions>(&mut stub);
    COMMAND_CLIENT.check::<CommandClientOptions>(&mut stub);
    FILE_SERVER.check::<FileServerOptions>(&mut stub);
    FILE_CLIENT.check::<FileClientOptions>(&mut stub);
    let numbers =
        [("ServerStats", ServerStats::default().numbers()), ("ClientStats", ClientStats::default().numbers())];
    for (class, numbers) in numbers {
        let line = |(name, _)| format!("    @property\n    def {name}(self) -> int: ...\n");
        let lines: String = numbers.into_iter().map(line).collect();
        replace_between(&mut stub, [&format!("class {class}:\n"), "    def as_dict"], &lines);
    }
    for (alias, names) in
        [("_Framing", &Framing::ALL.map(Framing::name)[..]), ("_Profile", &Profile::NAMES.map(|(name, _)| name))]
    {
        let lines: String = quoted(names).iter().map(|name| format!("    {name},\n")).collect();
        replace_between(&mut stub, [&format!("{alias}: TypeAlias = Literal[\n"), "]\n"], &lines);
    }
    assert_file(path, &stub);

    let structures = structures();
    let of = |name: &str| structures.iter().find(|structure| structure.name == name).unwrap();
    let mut text = "# Options\n\nEvery option in each face. The test that writes the C header writes this file, too: \
        `RUSTCHAT_REGENERATE=1 cargo test --test header`.\n\nTimes are durations in Rust, seconds in Python; in C the field says \
        the unit, 0 and NULL are the default, and -1 is\nwhat 0 is for the others, where that means something of its own.\n"
        .to_owned();
    text += &table::<ServerOptions>(
        "`ServerOptions`, `ChatServer(ip, port, …)`, `rustchat_server_options`",
        of("rustchat_server_options"),
    );
    text += &table::<ClientOptions>(
        "`ClientOptions`, `ChatClient(ip, port, …)`, `rustchat_client_options`",
        of("rustchat_client_options"),
    );
    text += &table::<AcceptOptions>(
        "`AcceptOptions`, `listen(address, …)`, `rustchat_listener_options`",
        of("rustchat_listener_options"),
    );
    text += &table::<ConnectOptions>(
        "`ConnectOptions`, `connect(address, …)`, `rustchat_connection_options`",
        of("rustchat_connection_options"),
    );
    text += &table::<CommandServerOptions>(
        "`CommandServerOptions`, `CommandServer(address, …)`, `rustchat_command_server_options`",
        of("rustchat_command_server_options"),
    );
    text += &table::<CommandClientOptions>(
        "`CommandClientOptions`, `CommandClient(address, …)`, `rustchat_command_client_options`",
        of("rustchat_command_client_options"),
    );
    text += &table::<FileServerOptions>(
        "`FileServerOptions`, `FileServer(address, root, …)`, `rustchat_file_server_options`",
        of("rustchat_file_server_options"),
    );
    text += &table::<FileClientOptions>(
        "`FileClientOptions`, `FileClient(address, …)`, `rustchat_file_client_options`",
        of("rustchat_file_client_options"),
    );
    assert_file("docs/options.md", &text);
}
