//! What the header, Python and the documents say of options and numbers is what the core's tables say.

use rustchat::auth::Profile;
use rustchat::chat::{ClientOptions, ClientStats, ServerOptions, ServerStats};
use rustchat::command::{CommandClientOptions, CommandServerOptions};
use rustchat::connection::{AcceptOptions, ConnectOptions};
use rustchat::frame::Framing;
use rustchat::options::{Kind, Row, Table, Value};
use rustchat::transfer::{FileClientOptions, FileServerOptions};

use super::signatures::{
    CLIENT, COMMAND_CLIENT, COMMAND_SERVER, CONNECT, FILE_CLIENT, FILE_SERVER, LISTEN, SERVER, python, quoted,
    replace_between,
};
use super::structures::{Structure, structures};
use super::{assert_file, read};

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
        Kind::Reconnect(_) => &["", "_limit", "_first_ms", "_most_ms", "_factor_percent", "_jitter_percent"],
        Kind::ServerAuth(_) => return ["secret", "key_id", "keys", "profile", "server_id"].contains(&field),
        Kind::ClientAuth(_) => return ["secret", "key_id", "profile"].contains(&field),
        _ => &[""],
    };
    field.strip_prefix(row.name).is_some_and(|unit| names.contains(&unit))
}

/// What C's conversion takes for a row.
fn types<O>(row: &Row<O>) -> &'static [&'static str] {
    match row.kind {
        Kind::Flag(_) | Kind::Switch(_) | Kind::Framing(_) | Kind::Choice(_) => &["I32"],
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
    const OTHERS: [&str; 16] = [
        "struct_size",
        "address",
        "userdata",
        "on_event",
        "on_said",
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
    let (server, client) = (ServerStats::default(), ClientStats::default());
    let stats = [
        ("ServerStats", server.numbers(), server.histograms()),
        ("ClientStats", client.numbers(), client.histograms()),
    ];
    for (class, numbers, histograms) in stats {
        let line = |name: &str, kind: &str| format!("    @property\n    def {name}(self) -> {kind}: ...\n");
        let mut lines: String = numbers.into_iter().map(|(name, _)| line(name, "int")).collect();
        lines.extend(histograms.into_iter().map(|(name, _)| line(name, "Histogram")));
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
