//! The house's order: a folder of `src/` imports only from those above it in the list, and no file imports itself back
//! by way of others. What a file imports is what its `use` lines and paths name, followed through the `mod.rs` that
//! hand it on to the file that defines it; what is for tests alone does not count.

mod source;

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use source::Source;

/// Files and folders of `src/`, the lowest first.
const HOUSE: [&str; 25] = [
    "error",
    "sync",
    "memory",
    "tidy",
    "gather",
    "inject",
    "wire",
    "net",
    "audit",
    "frame",
    "opening",
    "auth",
    "exposure",
    "tls",
    "peer",
    "options",
    "reactor",
    "connection",
    "store",
    "chat",
    "command",
    "transfer",
    "testing",
    "capi",
    "fuzzing",
];

/// Those of `src/net/` that lie below the rest of it, the lowest first.
const NET: [&str; 2] = ["sockaddr", "sys"];

/// A file may have no more lines.
const LONGEST: usize = 400;

struct File {
    /// As in `net/sys/mod.rs`.
    name: String,
    source: Source,
    parent: usize,
    children: BTreeMap<String, usize>,
}

/// One file names what another defines.
struct Arrow {
    from: usize,
    to: usize,
    line: usize,
    /// The first file or folder that the path names, if it begins at the root.
    by_way_of: Option<String>,
}

struct House {
    files: Vec<File>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

impl House {
    fn read() -> House {
        let mut house = House { files: Vec::new() };
        house.add("lib.rs".into(), "".into(), 0);
        house
    }

    /// Reads the file `name`, whose children are in `folder`, and all that it declares.
    fn add(&mut self, name: String, folder: PathBuf, parent: usize) -> usize {
        let text = fs::read_to_string(root().join(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let source = Source::parse(&text);
        let declared = source.children.clone();
        let index = self.files.len();
        self.files.push(File { name, source, parent, children: BTreeMap::new() });
        for child in declared {
            let inside = folder.join(&child);
            let alone = inside.with_extension("rs");
            let path = if root().join(&alone).exists() { alone } else { inside.join("mod.rs") };
            let added = self.add(path.to_string_lossy().into_owned(), inside, index);
            self.files[index].children.insert(child, added);
        }
        index
    }

    /// The file that defines what `path` names in `file`, and whether that is the whole module; `None` if it is of another
    /// crate. `patience` ends rounds of names that name each other.
    fn resolve(&self, file: usize, path: &[String], patience: usize) -> Option<(usize, bool)> {
        let patience = patience.checked_sub(1)?;
        let Some((name, rest)) = path.split_first() else { return Some((file, true)) };
        let File { source, parent, children, .. } = &self.files[file];
        match name.as_str() {
            "crate" => {
                let exports = |file: &File| rest.len() == 1 && file.source.exported.contains(&rest[0]);
                let exported = self.files.iter().position(exports).map(|file| (file, false));
                return exported.or_else(|| self.resolve(0, rest, patience));
            }
            "self" => return self.resolve(file, rest, patience),
            "super" => return self.resolve(*parent, rest, patience),
            _ => {}
        }
        if let Some(&child) = children.get(name) {
            return self.resolve(child, rest, patience);
        }
        if source.items.contains(name) {
            return Some((file, false));
        }
        if let Some(import) = source.imports.get(name) {
            // Who names another crate's things by way of a file imports that file.
            return self.resolve(file, &[import, rest].concat(), patience).or(Some((file, false)));
        }
        let mut modules = source.globs.iter().filter_map(|glob| self.resolve(file, glob, patience));
        let by_glob =
            modules.find_map(|(module, _)| if module == file { None } else { self.resolve(module, path, patience) });
        by_glob.or_else(|| source.made.contains(name).then_some((file, false)))
    }

    fn arrows(&self) -> Vec<Arrow> {
        let mut arrows = Vec::new();
        for (from, file) in self.files.iter().enumerate().skip(1) {
            for mention in &file.source.mentions {
                let Some((to, whole)) = self.resolve(from, &mention.path, 32) else {
                    let is_ours = ["crate", "self", "super"].contains(&mention.path[0].as_str());
                    assert!(!is_ours, "src/{}:{}: who defines {:?}?", file.name, mention.line, mention.path);
                    continue;
                };
                let hands_on_a_child = mention.handed_on && self.is_below(to, from);
                // To name a folder is to import nothing of it yet.
                let is_folder = whole && !self.files[to].children.is_empty();
                if to != from && !hands_on_a_child && !is_folder {
                    // A macro's `Name::$variant` is a path of one name.
                    let exported = &self.files[to].source.exported;
                    let is_exported = mention.path.get(1).is_some_and(|name| exported.contains(name));
                    let by_way_of = (mention.path[0] == "crate" && !is_exported).then(|| mention.path[1].clone());
                    arrows.push(Arrow { from, to, line: mention.line, by_way_of });
                }
            }
        }
        // Two files may name each other's things many times: the first line of each path speaks for the others.
        let mut seen = HashSet::new();
        arrows.retain(|arrow: &Arrow| seen.insert((arrow.from, arrow.to, arrow.by_way_of.clone())));
        arrows
    }

    fn is_below(&self, mut file: usize, folder: usize) -> bool {
        while file != folder && file != 0 {
            file = self.files[file].parent;
        }
        file == folder
    }

    fn name(&self, file: usize) -> &str {
        &self.files[file].name
    }

    /// The shortest way from one file to another along `arrows`, by their places.
    fn way(&self, arrows: &[Arrow], from: usize, to: usize) -> Option<Vec<usize>> {
        let mut came_by = vec![None; self.files.len()];
        let mut waiting = VecDeque::from([from]);
        while let Some(file) = waiting.pop_front() {
            // Those of one file stand together, in the order of the files.
            let begin = arrows.partition_point(|arrow| arrow.from < file);
            for (place, arrow) in (begin..).zip(&arrows[begin..]).take_while(|(_, arrow)| arrow.from == file) {
                if came_by[arrow.to].is_none() && arrow.to != from {
                    came_by[arrow.to] = Some(place);
                    waiting.push_back(arrow.to);
                }
            }
        }
        let mut way = Vec::new();
        let mut file = to;
        while file != from {
            way.push(came_by[file]?);
            file = arrows[came_by[file]?].from;
        }
        way.reverse();
        Some(way)
    }

    fn say(&self, Arrow { from, to, line, .. }: &Arrow) -> String {
        format!("src/{}:{line} imports src/{}", self.name(*from), self.name(*to))
    }
}

/// `net` of `net/sys/mod.rs`, `error` of `error.rs`: the part of `name` at `depth`.
fn part(name: &str, depth: usize) -> &str {
    name.split('/').nth(depth).unwrap_or("").trim_end_matches(".rs")
}

fn place(part: &str) -> usize {
    HOUSE.iter().position(|known| *known == part).unwrap_or_else(|| panic!("src/{part}: give it its place in HOUSE"))
}

#[test]
fn a_folder_imports_only_from_those_above_it_in_the_list() {
    let house = House::read();
    let mut wrong = Vec::new();
    for arrow in house.arrows() {
        let (from, to) = (house.name(arrow.from), house.name(arrow.to));
        let mut refuse = |named: &str| wrong.push(format!("src/{from}:{} may not import from src/{named}", arrow.line));
        let way = arrow.by_way_of.as_deref().filter(|way| HOUSE.contains(way));
        if to != "lib.rs" && place(part(from, 0)) < place(part(to, 0)) {
            refuse(to);
        } else if let Some(way) = way.filter(|way| place(part(from, 0)) < place(way)) {
            refuse(way);
        }
        let within = |name| NET.iter().position(|low| part(name, 0) == "net" && part(name, 1) == *low);
        if part(to, 0) == "net" && within(from).is_some_and(|place| within(to).is_none_or(|other| place < other)) {
            refuse(to);
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn no_file_imports_itself_by_way_of_others() {
    let house = House::read();
    let arrows = house.arrows();
    let circle = |first: usize| {
        let way = house.way(&arrows, arrows[first].to, arrows[first].from)?;
        Some([vec![first], way].concat())
    };
    let mut circles: Vec<Vec<usize>> = (0..arrows.len()).filter_map(circle).collect();
    circles.sort_by_key(Vec::len);
    // One arrow too many closes many circles: the shortest says enough.
    let mut told = HashSet::new();
    circles.retain(|circle| {
        let is_new = circle.iter().all(|arrow| !told.contains(arrow));
        told.extend(is_new.then_some(circle).into_iter().flatten().copied());
        is_new
    });
    let sentences = circles.iter().map(|circle| {
        let arrows: Vec<_> = circle.iter().map(|arrow| house.say(&arrows[*arrow])).collect();
        format!("one of these may not be: {}", arrows.join(", "))
    });
    assert!(circles.is_empty(), "\n{}", sentences.collect::<Vec<_>>().join("\n"));
}

#[test]
fn no_file_is_longer_than_a_reader_keeps_in_mind() {
    let (mut folders, mut wrong) = (vec![root()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let lines = fs::read_to_string(&path).unwrap().lines().count();
                if lines > LONGEST {
                    wrong.push(format!("{} has {lines} lines, more than {LONGEST}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn what_tls_is_made_of_is_named_in_its_folder_alone() {
    let house = House::read();
    let crates = ["rustls", "rcgen", "rustls_platform_verifier"];
    for file in house.files.iter().filter(|file| part(&file.name, 0) != "tls") {
        let named = file.source.mentions.iter().find(|mention| crates.contains(&mention.path[0].as_str()));
        assert!(named.is_none(), "src/{}:{} names {:?}", file.name, named.unwrap().line, named.unwrap().path);
    }
}

#[test]
fn quotes_comments_and_what_is_for_tests_alone_do_not_count() {
    let source = Source::parse(
        r##"
        #[cfg(test)]
        mod tests { use super::*; fn f() { crate::a::b() } }
        use crate::c::{self, d, e as f}; // crate::g
        fn h<'a>() { "crate::i"; r#"crate::j"#; x.r#type('"'); super::k::<crate::l::M>() }
        "##,
    );
    let paths: Vec<_> = source.mentions.iter().map(|mention| mention.path.join("::")).collect();
    assert_eq!(paths, ["crate::c", "crate::c::d", "crate::c::e", "super::k", "crate::l::M"]);
    assert_eq!(source.items, ["h"]);
}
