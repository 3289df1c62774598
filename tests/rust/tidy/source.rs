//! Reads source files well enough to count: no parser, but comments and strings are blanked.

use std::fs;
use std::path::Path;

/// One file of the tree.
pub(super) struct Source {
    /// Path from the root of the repository.
    pub(super) path: String,
    /// What it holds.
    pub(super) text: String,
    /// The same with comments and literals blanked, line for line.
    code: String,
}

/// All files below the folders with this extension; a folder that is not there holds none.
pub(super) fn files(folders: &[&str], extension: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    for folder in folders {
        walk(root, &root.join(folder), extension, &mut sources);
    }
    assert!(
        !sources.is_empty() || folders.len() > 1,
        "{folders:?} is empty"
    );
    sources
}

fn walk(root: &Path, folder: &Path, extension: &str, sources: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let entry = entry.unwrap();
        let path = entry.path();
        // Builds and environments, which may contain whole file systems.
        let name = entry.file_name();
        if name == "target" || name.to_string_lossy().starts_with('.') {
            continue;
        }
        // Not true for a link, which could lead anywhere.
        if entry.file_type().unwrap().is_dir() {
            walk(root, &path, extension, sources);
        } else if path.extension().is_some_and(|found| found == extension) {
            let text = fs::read_to_string(&path).unwrap();
            sources.push(Source {
                path: path
                    .strip_prefix(root)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned(),
                code: blank(&text),
                text,
            });
        }
    }
}

impl Source {
    /// The module that a file of `src` belongs to.
    pub(super) fn module(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap();
        inside.split(['/', '.']).next().unwrap()
    }

    /// The modules that stand after `crate::`, alone or in braces.
    pub(super) fn modules_used(&self) -> Vec<String> {
        let mut modules = Vec::new();
        for (at, path) in self.code.match_indices("crate::") {
            let rest = &self.code[at + path.len()..];
            match rest.strip_prefix('{') {
                Some(list) => modules.extend(first_words(list)),
                None => modules.push(word(rest)),
            }
        }
        modules
    }

    /// Whether the code holds a word.
    pub(super) fn has_word(&self, wanted: &str) -> bool {
        self.code
            .split(|c: char| !is_word(c))
            .any(|found| found == wanted)
    }

    /// The names of all types that are defined outside a test module, without associated types.
    pub(super) fn types(&self) -> Vec<String> {
        let code = self.code.split("#[cfg(test)]\nmod ").next().unwrap();
        let mut names = Vec::new();
        for line in code.lines() {
            let words = line.split_whitespace();
            let mut words = words.skip_while(|it| it.starts_with("pub"));
            let keyword = words.next().unwrap_or_default();
            let is_nested = line.starts_with(char::is_whitespace);
            if matches!(keyword, "struct" | "enum" | "trait") || (keyword == "type" && !is_nested) {
                // A macro has a placeholder for the name.
                names.extend(words.next().map(word).filter(|name| !name.is_empty()));
            }
        }
        names
    }

    /// All functions with a body: name and lines from `fn` to the closing brace.
    pub(super) fn functions(&self) -> Vec<(String, usize)> {
        let mut functions = Vec::new();
        for (at, keyword) in self.code.match_indices("fn ") {
            let before = self.code[..at].chars().next_back();
            let name = word(&self.code[at + keyword.len()..]);
            if before.is_some_and(is_word) || name.is_empty() {
                continue;
            }
            if let Some(length) = body(&self.code[at..]) {
                let lines = self.code[at..at + length].lines().count();
                functions.push((name, lines));
            }
        }
        functions
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| is_word(*c)).collect()
}

/// The first word of each member of a brace list that starts after its brace.
fn first_words(list: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut depth, mut fresh) = (1, true);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => fresh = true,
            _ if depth == 1 && fresh && is_word(c) => {
                words.push(word(&list[at..]));
                fresh = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    words
}

/// Length of a function from `fn` to its closing brace; `None` for one without a body.
fn body(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ';' if depth == 0 => return None,
            _ => {}
        }
        if c == '}' && depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// Puts spaces in the place of comments, strings and characters; lines stay lines.
fn blank(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            'r' if !code.ends_with(is_word) => raw_string(rest),
            '"' => quoted(rest, '"'),
            '\'' => character(rest),
            _ => 0,
        };
        let length = if skipped == 0 { c.len_utf8() } else { skipped };
        let (taken, left) = rest.split_at(length);
        if skipped == 0 {
            code.push_str(taken);
        } else {
            code.extend(taken.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        }
        rest = left;
    }
    code
}

fn raw_string(text: &str) -> usize {
    let hashes = text[1..].chars().take_while(|c| *c == '#').count();
    if !text[1 + hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let start = 2 + hashes;
    text[start..]
        .find(&end)
        .map_or(text.len(), |at| start + at + end.len())
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Length of a character literal; 0 for a lifetime.
fn character(text: &str) -> usize {
    let mut chars = text.chars().skip(1);
    let (first, second) = (chars.next(), chars.next());
    if first == Some('\\') || second == Some('\'') {
        return quoted(text, '\'');
    }
    0
}

#[test]
fn comments_and_literals_are_blanked_and_lines_stay() {
    let text = "let a = \"fn x { \\\" \"; // unsafe\nlet b: &'a str = r#\"}\"#; let c = '{';";
    let code = blank(text);
    assert_eq!(code.lines().count(), 2);
    assert!(!code.contains("unsafe") && !code.contains(['{', '}']));
    assert!(code.contains("&'a str"));
}

#[test]
fn modules_are_found_alone_and_in_braces() {
    let code =
        "use crate::color::{Color, hsv}; use crate::{time::{Time, Span}, state}; crate::py::x();";
    let source = Source {
        path: "src/effect.rs".to_owned(),
        text: String::new(),
        code: code.to_owned(),
    };
    assert_eq!(source.modules_used(), ["color", "time", "state", "py"]);
    assert_eq!(source.module(), "effect");
}

#[test]
fn a_function_counts_from_its_name_to_its_last_brace() {
    let source = Source {
        path: String::new(),
        text: String::new(),
        code: "trait T { fn none(&self); }\nfn one() {\n  if x { y }\n}\n".to_owned(),
    };
    assert_eq!(source.functions(), [("one".to_owned(), 3)]);
}
