//! The structures that C sees, read in the sources, and what is made of the list.

use super::{SOURCES, assert_file, read};

/// A structure with public fields.
pub(super) struct Structure {
    file: &'static str,
    pub(super) name: String,
    /// Their names, and what they are to conversions.
    pub(super) fields: Vec<(String, &'static str)>,
    /// What they are before anybody sets them.
    zeros: Vec<String>,
}

impl Structure {
    /// The whole before anybody sets it, as another one has it inside.
    fn all_zeros(&self) -> String {
        let size = format!("sizeof({})", self.name);
        let begins = self.fields.first().is_some_and(|(name, _)| name == "struct_size");
        let zeros = self.zeros.iter().enumerate().map(|(index, zero)| if begins && index == 0 { &size } else { zero });
        format!("{{{}}}", zeros.cloned().collect::<Vec<_>>().join(", "))
    }
}

/// All of them, in the order of the header.
pub(super) fn structures() -> Vec<Structure> {
    let mut found: Vec<Structure> = Vec::new();
    for file in SOURCES {
        let mut inside = false;
        for line in read(format!("src/capi/{file}.rs")).lines() {
            if let Some(name) = line.strip_prefix("pub struct ").and_then(|rest| rest.strip_suffix(" {")) {
                found.push(Structure { file, name: name.to_owned(), fields: Vec::new(), zeros: Vec::new() });
                inside = true;
            } else if line == "}" {
                inside = false;
            } else if let (true, Some(field)) = (inside, line.trim().strip_prefix("pub ")) {
                let (name, kind) = field.trim_end_matches(',').split_once(": ").unwrap();
                let known: Vec<_> = found.iter().map(|known| (known.name.clone(), known.all_zeros())).collect();
                let structure = found.last_mut().unwrap();
                structure.fields.push((name.to_owned(), kind_of(name, kind)));
                let zero = zero_of(kind, &known);
                structure.zeros.push(zero);
            }
        }
    }
    found.retain(|structure| !structure.fields.is_empty());
    found
}

fn kind_of(name: &str, kind: &str) -> &'static str {
    match kind {
        _ if name.starts_with("reserved") => "Reserved",
        "i32" => "I32",
        "u32" => "U32",
        "i64" => "I64",
        "usize" => "Usize",
        "*const c_char" => "Text",
        "rustchat_bytes" => "Bytes",
        "*const rustchat_tls_options" => "Tls",
        "*mut rustchat_key_ring" => "Keys",
        _ => "Other",
    }
}

/// What a field is before anybody sets it; `known` has what the structures are that may be inside others.
fn zero_of(kind: &str, known: &[(String, String)]) -> String {
    if let Some((_, zeros)) = known.iter().find(|(name, _)| name == kind) {
        return zeros.clone();
    }
    match kind.trim_matches(['[', ']']).split_once("; ") {
        Some(("u64", count)) => format!("{{{}}}", vec!["0"; count.parse().unwrap()].join(", ")),
        Some(_) => "{0}".into(),
        None if kind.starts_with('*') || kind.ends_with("_callback") => "NULL".into(),
        None => "0".into(),
    }
}

/// The macros with which structures begin that say their size.
pub(super) fn initialisers() -> String {
    let mut text = String::new();
    for Structure { name, zeros, .. } in structures().iter().filter(|structure| list_of(structure) != "plain") {
        let what = if name.ends_with("_options") {
            format!("The defaults of {name}.")
        } else {
            format!("A {name} to be filled.")
        };
        let macro_name = name.trim_end_matches("_data").to_uppercase();
        text += &format!("/** {what} */\n#define {macro_name}_INIT \\\n");
        let mut line = format!("    {{sizeof({name})");
        for zero in &zeros[1..] {
            if line.len() + zero.len() > 112 {
                text += &format!("{line}, \\\n");
                line = format!("     {zero}");
            } else {
                line += &format!(", {zero}");
            }
        }
        text += &format!("{line}}}\n");
    }
    text
}

/// The list to which a structure belongs: `rowed` ones are options that are read row by row, `sized` ones begin with their
/// size, of the others nothing but the layout is asked.
fn list_of(structure: &Structure) -> &'static str {
    match &*structure.name {
        "rustchat_handshake_options"
        | "rustchat_log_options"
        | "rustchat_tls_options"
        | "rustchat_command_options"
        | "rustchat_file_transfer_options" => "sized",
        name if name.ends_with("_options") => "rowed",
        _ if structure.fields[0].0 == "struct_size" => "sized",
        _ => "plain",
    }
}

#[test]
fn the_lists_of_fields_are_what_the_source_says() {
    let about = "what the test of the header has read in the sources.";
    let mut rust = format!("//! The structures that C sees, for macros: {about}\n");
    let mut c = format!("/* What layout.c prints: {about} */\n");
    for list in ["plain", "sized", "rowed"] {
        let when = if list == "plain" { "#[cfg(test)]\n" } else { "" };
        rust += &format!("\n{when}#[rustfmt::skip]\nmacro_rules! {list} {{ ($then:ident) => {{ $then! {{\n");
        for Structure { file, name, fields, .. } in structures().iter().filter(|structure| list_of(structure) == list) {
            rust += &format!("    {file} {name} {{");
            c += &format!("BEGIN({name});\n");
            for (field, kind) in fields {
                rust += &format!(" {field}: {kind}");
                c += &format!("FIELD({name}, {field});\n");
            }
            rust += " }\n";
            c += &format!("END({name});\n");
        }
        rust += &format!("}} }} }}\n{when}pub(super) use {list};\n");
    }
    assert_file("src/capi/structures.rs", &rust);
    assert_file("tests/c/layout_fields.h", &c);
}
