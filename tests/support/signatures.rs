//! How Python writes the options of a table: signatures, `help()`, the stub.

use rustchat::frame::Framing;
use rustchat::options::{Kind, Row, Table, Value};

use super::assert_file;

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
        Kind::Switch(_) => vec!["bool | None"],
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

pub(super) fn quoted(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("\"{name}\"")).collect()
}

/// A default as Python writes it.
pub(super) fn python(value: &Value) -> String {
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
pub(super) struct Call {
    name: &'static str,
    /// The arguments before the keywords: name, type and default.
    first: &'static [(&'static str, &'static str, &'static str)],
    /// Where its signature begins in the stub, and how it ends.
    stub: [&'static str; 2],
    indent: &'static str,
    /// The class of its keywords in the stub, if anybody hands them on.
    options: Option<&'static str>,
}

pub(super) const SERVER: Call = Call {
    name: "ChatServer",
    first: &[("ip", "_AddressLike", "\"127.0.0.1\""), ("port", "int", "60000")],
    stub: ["class ChatServer:\n    def __init__(\n        self,\n", "    ) -> None: ...\n"],
    indent: "        ",
    options: Some("_ChatServerOptions"),
};
pub(super) const CLIENT: Call = Call {
    name: "ChatClient",
    stub: ["class ChatClient:\n    def __init__(\n        self,\n", SERVER.stub[1]],
    options: Some("_ChatClientOptions"),
    ..SERVER
};
pub(super) const CONNECT: Call = Call {
    name: "connect",
    first: &[("address", "_AddressLike", "")],
    stub: ["def connect(\n", ") -> Connection: ...\n"],
    indent: "    ",
    options: Some("_ConnectOptions"),
};
pub(super) const LISTEN: Call = Call {
    name: "listen",
    stub: ["def listen(\n", ") -> Listener: ...\n"],
    options: Some("_ListenOptions"),
    ..CONNECT
};

pub(super) const COMMAND_SERVER: Call = Call {
    name: "CommandServer",
    first: &[
        ("address", "_AddressLike", ""),
        ("commands", "_Commands | None", "None"),
        ("shell", "str | None", "None"),
        ("variables", "dict[str, str] | None", "None"),
        ("settable", "list[str] | None", "None"),
    ],
    stub: ["class CommandServer:\n    def __init__(\n        self,\n", SERVER.stub[1]],
    options: None,
    ..SERVER
};
pub(super) const COMMAND_CLIENT: Call = Call {
    name: "CommandClient",
    first: CONNECT.first,
    stub: ["class CommandClient:\n    def __new__(\n        cls,\n", "    ) -> Self: ...\n"],
    options: None,
    ..SERVER
};

pub(super) const FILE_SERVER: Call = Call {
    name: "FileServer",
    first: &[("address", "_AddressLike", ""), ("root", "str | PathLike[str]", "")],
    stub: ["class FileServer:\n    def __init__(\n        self,\n", SERVER.stub[1]],
    options: None,
    ..SERVER
};
pub(super) const FILE_CLIENT: Call = Call {
    name: "FileClient",
    stub: ["class FileClient:\n    def __new__(\n        cls,\n", "    ) -> Self: ...\n"],
    ..COMMAND_CLIENT
};

impl Call {
    pub(super) fn check<O: Table>(&self, stub: &mut String) {
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
        self.write_options(&keywords, stub);
    }

    /// The keywords alone, for who hands them on.
    fn write_options(&self, keywords: &[Keyword], stub: &mut String) {
        let Some(class) = self.options else { return };
        let lines: Vec<_> = keywords.iter().map(|keyword| format!("    {}: {}", keyword.name, keyword.kind)).collect();
        replace_between(stub, [&format!("class {class}(TypedDict, total=False):\n"), "\n\n"], &lines.join("\n"));
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
pub(super) fn replace_between(stub: &mut String, [begin, end]: [&str; 2], text: &str) {
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
