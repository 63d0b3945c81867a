//! What one file of the sources says about others: just enough of the language to find the paths in it.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// A word or a sign, and the line that it stands in.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// A path such as `crate::net::Stream`, as it is written.
#[derive(Debug, Clone)]
pub(crate) struct Mention {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    /// Whether it is a `pub use`, which hands on what others define.
    pub(crate) handed_on: bool,
}

/// What is in a file, what is meant for its tests aside.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// `mod name;`
    pub(crate) children: Vec<String>,
    /// What it defines for others to name.
    pub(crate) items: Vec<String>,
    /// All of its words: any may be the name of what a macro makes.
    pub(crate) made: Vec<String>,
    /// Its macros that stand at the root for others, wherever the file is.
    pub(crate) exported: Vec<String>,
    /// What its `use` lines bind, by the names that they give it.
    pub(crate) imports: BTreeMap<String, Vec<String>>,
    /// The modules of `use module::*`.
    pub(crate) globs: Vec<Vec<String>>,
    /// Every path in it.
    pub(crate) mentions: Vec<Mention>,
}

impl Source {
    pub(crate) fn parse(text: &str) -> Source {
        let tokens = without_tests(tokens(text));
        let made = tokens.iter().map(|token| token.text.clone()).collect();
        let mut source = Source { made, ..Source::default() };
        let (mut depth, mut at) = (0, 0);
        while at < tokens.len() {
            let word = |ahead: usize| tokens.get(at + ahead).map_or("", |token| token.text.as_str());
            match word(0) {
                "{" => depth += 1,
                "}" => depth -= 1,
                "use" => {
                    let handed_on = at > 0 && matches!(tokens[at - 1].text.as_str(), "pub" | ")");
                    at = source.take_use(&tokens, at + 1, &mut Vec::new(), (depth == 0, handed_on));
                    continue;
                }
                "mod" if depth == 0 && word(2) == ";" => source.children.push(word(1).into()),
                "macro_rules" if depth == 0 => {
                    source.items.push(word(2).into());
                    if at > 1 && tokens[at - 2].text == "macro_export" {
                        source.exported.push(word(2).into());
                    }
                }
                "fn" | "struct" | "enum" | "union" | "trait" | "type" | "const" | "static" if depth == 0 => {
                    source.items.push(word(1).into());
                }
                _ if word(1) == "::" => {
                    at = source.take_path(&tokens, at);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        source
    }

    /// `one::two::three` in the midst of code; answers where it ends.
    fn take_path(&mut self, tokens: &[Token], mut at: usize) -> usize {
        let line = tokens[at].line;
        let mut path = vec![tokens[at].text.clone()];
        at += 1;
        while at + 1 < tokens.len() && tokens[at].text == "::" && is_word(&tokens[at + 1].text) {
            path.push(tokens[at + 1].text.clone());
            at += 2;
        }
        self.mentions.push(Mention { path, line, handed_on: false });
        at + usize::from(tokens.get(at).is_some_and(|token| token.text == "::"))
    }

    /// One branch of a `use`, which begins at `at` below `stem`; answers where it ends.
    fn take_use(&mut self, tokens: &[Token], mut at: usize, stem: &mut Vec<String>, kind: (bool, bool)) -> usize {
        let begun = stem.len();
        let line = tokens[at].line;
        let mut name = None;
        loop {
            match tokens[at].text.as_str() {
                "::" => {}
                "{" => {
                    while tokens[at].text != "}" {
                        at = self.take_use(tokens, at + 1, stem, kind);
                    }
                    stem.truncate(begun);
                    return at + 1;
                }
                "as" => {
                    name = Some(tokens[at + 1].text.clone());
                    at += 1;
                }
                "," | ";" | "}" => break,
                word => stem.push(word.into()),
            }
            at += 1;
        }
        if stem.len() > begun {
            self.bind(stem.clone(), name, line, kind);
        }
        stem.truncate(begun);
        at
    }

    fn bind(&mut self, mut path: Vec<String>, name: Option<String>, line: usize, (outermost, handed_on): (bool, bool)) {
        if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
            path.pop();
        }
        match path.last().map(String::as_str) {
            Some("*") => {
                path.pop();
                self.globs.push(path);
            }
            Some(last) => {
                if outermost {
                    self.imports.insert(name.unwrap_or_else(|| last.into()), path.clone());
                }
                self.mentions.push(Mention { path, line, handed_on });
            }
            None => {}
        }
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphanumeric() || first == '_')
}

/// The tokens but for comments; what is quoted is one `"`.
fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut line = 1;
    let mut rest = text.chars().peekable();
    while let Some(first) = rest.next() {
        let begun = line;
        let text = match first {
            '\n' => {
                line += 1;
                continue;
            }
            '/' if rest.peek() == Some(&'/') => {
                while rest.peek().is_some_and(|&next| next != '\n') {
                    rest.next();
                }
                continue;
            }
            _ if first.is_whitespace() => continue,
            '"' => quoted(&mut rest, &mut line),
            '\'' => quote_or_lifetime(&mut rest),
            ':' if rest.next_if_eq(&':').is_some() => "::".into(),
            _ if first.is_alphanumeric() || first == '_' => {
                let word = word(first.into(), &mut rest);
                if matches!(word.as_str(), "r" | "br" | "cr") && matches!(rest.peek(), Some('"' | '#')) {
                    raw(&mut rest, &mut line)
                } else {
                    word
                }
            }
            sign => sign.into(),
        };
        found.push(Token { text, line: begun });
    }
    found
}

fn word(begun: String, rest: &mut Peekable<Chars<'_>>) -> String {
    let mut word = begun;
    while let Some(next) = rest.next_if(|&next| next.is_alphanumeric() || next == '_') {
        word.push(next);
    }
    word
}

fn quoted(rest: &mut Peekable<Chars<'_>>, line: &mut usize) -> String {
    while let Some(next) = rest.next() {
        let escaped = if next == '\\' { rest.next() } else { None };
        *line += usize::from(next == '\n' || escaped == Some('\n'));
        if next == '"' {
            break;
        }
    }
    "\"".into()
}

fn raw(rest: &mut Peekable<Chars<'_>>, line: &mut usize) -> String {
    let mut end = String::from("\"");
    while rest.next_if_eq(&'#').is_some() {
        end.push('#');
    }
    if rest.next_if_eq(&'"').is_none() {
        // A word of the language, used as a name: `r#type`.
        return word(String::new(), rest);
    }
    let mut inside = String::new();
    while !inside.ends_with(&end) {
        let Some(next) = rest.next() else { break };
        *line += usize::from(next == '\n');
        inside.push(next);
    }
    "\"".into()
}

/// `'a'` and `'\n'` end with a quote; `'a` does not.
fn quote_or_lifetime(rest: &mut Peekable<Chars<'_>>) -> String {
    let first = rest.next();
    if first == Some('\\') {
        rest.next();
        while rest.next().is_some_and(|next| next != '\'') {}
    } else {
        rest.next_if_eq(&'\'');
    }
    "'".into()
}

/// The tokens but for the items behind `#[cfg(test)]`.
fn without_tests(tokens: Vec<Token>) -> Vec<Token> {
    let begins = |at: usize, words: &[&str]| {
        words.iter().enumerate().all(|(ahead, word)| tokens.get(at + ahead).is_some_and(|token| token.text == *word))
    };
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if begins(at, &["#", "[", "cfg", "(", "test"]) || begins(at, &["#", "[", "cfg", "(", "all", "(", "test"]) {
            at = end_of_item(&tokens, at);
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// Where the item ends whose attributes begin at `at`.
fn end_of_item(tokens: &[Token], mut at: usize) -> usize {
    let (mut depth, mut is_use) = (0, false);
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            "use" if depth == 0 => is_use = true,
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        let ends = tokens[at].text == ";" || tokens[at].text == "}" && !is_use;
        at += 1;
        if ends && depth == 0 {
            break;
        }
    }
    at
}
