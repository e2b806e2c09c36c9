//! The product's sources as the architecture test reads them: modules, what they import, and the tables their SQL names.

use anyhow::{Context, Result};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::UseTree;
use syn::visit::{self, Visit};

/// One source file of a crate.
#[derive(Debug)]
pub struct Source {
    /// Its module path within the crate: `["group", "repo", "stays"]`.
    pub module: Vec<String>,
    /// Paths of this crate that it names, from the root of the crate.
    pub paths: BTreeSet<Vec<String>>,
    /// Its string literals, without those of tests.
    pub literals: Vec<String>,
    /// The words of its enums.
    pub words: Vec<String>,
    /// Whether it declares an entity.
    pub is_entity: bool,
}

/// The files of a crate, by module.
pub type Sources = BTreeMap<Vec<String>, Source>;

/// Every file of the crate at `folder` but those of tests, by module.
///
/// # Errors
/// When a file cannot be read or is no Rust.
pub fn read_crate(folder: &Path) -> Result<Sources> {
    let (mut sources, mut relative_paths, mut tests) = (Sources::new(), Vec::new(), BTreeSet::new());
    for file in rust_files(&folder.join("src"))? {
        let relative = file.strip_prefix(folder.join("src"))?.with_extension("");
        let mut module: Vec<String> = relative
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        if module.last().is_some_and(|last| last == "mod" || last == "lib") {
            module.pop();
        }
        let text = std::fs::read_to_string(&file)?;
        let parsed = syn::parse_file(&text).with_context(|| file.display().to_string())?;
        let mut reader = Reader::new(module.clone());
        reader.visit_file(&parsed);
        let source = Source {
            module: module.clone(),
            paths: reader.paths,
            literals: reader.literals,
            words: reader.words,
            is_entity: text.contains("DeriveEntityModel"),
        };
        sources.insert(module.clone(), source);
        relative_paths.push((module, reader.relative));
        tests.extend(reader.tests);
    }
    // A path that begins with the name of a module below this one leads there; others lead outside.
    for (module, paths) in relative_paths {
        let below = |path: &Vec<String>| sources.contains_key(&path[..=module.len()]);
        let paths: Vec<Vec<String>> = paths.into_iter().filter(below).collect();
        sources
            .entry(module)
            .and_modify(|source| source.paths.extend(paths));
    }
    sources.retain(|module, _| !tests.contains(module));
    Ok(sources)
}

impl Source {
    /// Whether SQL of this file names the table.
    pub fn names_table(&self, table: &str) -> bool {
        self.literals
            .iter()
            .any(|text| is_sql(text) && has_word(text, table))
    }

    /// Whether there is SQL in this file.
    pub fn has_sql(&self) -> bool {
        self.literals.iter().any(|text| is_sql(text))
    }
}

fn is_sql(text: &str) -> bool {
    const SQL: [&str; 9] = [
        "SELECT", "FROM", "JOIN", "WHERE", "INSERT", "UPDATE", "DELETE", "ANALYZE", "LOCAL",
    ];
    SQL.iter().any(|keyword| has_word(text, keyword))
}

fn has_word(text: &str, wanted: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .any(|word| word == wanted)
}

/// What SQL compares states, kinds and the like with, as it stands there: `1`, `'pending'`.
pub fn compared(sql: &str) -> Vec<String> {
    const COLUMN: &str =
        r"\b\w*(?:status|state|kind|reason|type|account|direction|source|outcome|destination|star)\b";
    const LITERAL: &str = r"(?:'[a-z_]+'|\d+)";
    let patterns = [
        format!(r"{COLUMN} ?(?:=|<>|!=|<=?|>=?|IS (?:NOT )?DISTINCT FROM) ?({LITERAL})"),
        format!(r"{COLUMN} (?:NOT )?IN \(({LITERAL}(?:, ?{LITERAL})*)\)"),
        format!(r"{COLUMN} BETWEEN ({LITERAL} AND {LITERAL})"),
        format!(r"CASE (?:\w+\.)?{COLUMN}\s+((?:WHEN {LITERAL} THEN [\w.]+\s*)+)"),
    ];
    let literal = Regex::new(LITERAL).expect("a pattern");
    // What a CASE answers with is no comparison.
    let answers = Regex::new(r"THEN [\w.]+").expect("a pattern");
    let mut found = Vec::new();
    for pattern in patterns {
        for place in Regex::new(&pattern).expect("a pattern").captures_iter(sql) {
            let compared = answers.replace_all(&place[1], "");
            found.extend(literal.find_iter(&compared).map(|one| one.as_str().to_owned()));
        }
    }
    found
}

/// The file that a path leads into: the longest module it begins with.
pub fn file_of<'a>(sources: &Sources, path: &'a [String]) -> Option<&'a [String]> {
    let lengths = (1..=path.len()).rev();
    lengths
        .map(|length| &path[..length])
        .find(|module| sources.contains_key(*module))
}

/// Files that import each other, directly or around a corner; none when there are no such.
pub fn circle(sources: &Sources) -> Option<Vec<String>> {
    let edges: BTreeMap<&[String], BTreeSet<&[String]>> = sources
        .values()
        .map(|source| {
            let mut to: BTreeSet<&[String]> = source
                .paths
                .iter()
                .filter_map(|path| file_of(sources, path))
                .collect();
            to.remove(source.module.as_slice());
            (source.module.as_slice(), to)
        })
        .collect();
    let mut done = BTreeSet::new();
    let mut trail = Vec::new();
    edges
        .keys()
        .find_map(|from| walk(from, &edges, &mut done, &mut trail))
}

/// Follows imports from a file; the trail that leads back to where it was before, if there is one.
fn walk<'a>(
    from: &'a [String],
    edges: &BTreeMap<&'a [String], BTreeSet<&'a [String]>>,
    done: &mut BTreeSet<&'a [String]>,
    trail: &mut Vec<&'a [String]>,
) -> Option<Vec<String>> {
    if let Some(place) = trail.iter().position(|seen| *seen == from) {
        return Some(trail[place..].iter().map(|module| module.join("::")).collect());
    }
    if !done.insert(from) {
        return None;
    }
    trail.push(from);
    let found = edges[from].iter().find_map(|to| walk(to, edges, done, trail));
    trail.pop();
    found
}

/// All Rust files below a folder, in order.
///
/// # Errors
/// When the folder cannot be read.
pub fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

struct Reader {
    module: Vec<String>,
    paths: BTreeSet<Vec<String>>,
    /// Paths that begin with another name, from the root of the crate as if it were a module below this one.
    relative: BTreeSet<Vec<String>>,
    literals: Vec<String>,
    words: Vec<String>,
    /// Modules of tests in files of their own.
    tests: BTreeSet<Vec<String>>,
}

impl Reader {
    fn new(module: Vec<String>) -> Self {
        Reader {
            module,
            paths: BTreeSet::new(),
            relative: BTreeSet::new(),
            literals: Vec::new(),
            words: Vec::new(),
            tests: BTreeSet::new(),
        }
    }

    /// Notes a path: those that begin with `crate`, `self` or `super` lead into this crate, others may.
    fn note(&mut self, path: &[String]) {
        let mut from = match path.first().map(String::as_str) {
            Some("crate") => Vec::new(),
            Some("self" | "super") => self.module.clone(),
            Some(_) => {
                self.relative.insert([&self.module[..], path].concat());
                return;
            }
            None => return,
        };
        for part in path {
            match part.as_str() {
                "crate" | "self" => {}
                "super" => drop(from.pop()),
                name => from.push(name.to_owned()),
            }
        }
        self.paths.insert(from);
    }

    fn note_tree(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.note_tree(&with(&path.ident), &path.tree),
            UseTree::Name(name) => self.note(&with(&name.ident)),
            UseTree::Rename(rename) => self.note(&with(&rename.ident)),
            UseTree::Glob(_) => self.note(before),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.note_tree(before, tree)),
        }
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .meta
                .require_list()
                .is_ok_and(|list| list.tokens.to_string().contains("test"))
    })
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if is_test(&module.attrs) {
            self.tests
                .insert([&self.module[..], &[module.ident.to_string()]].concat());
        } else {
            visit::visit_item_mod(self, module);
        }
    }

    /// `pub(super)` names nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.note_tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        self.note(&parts);
        visit::visit_path(self, path);
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.literals.push(literal.value());
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if call
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "named")
        {
            self.read_words(call.tokens.clone());
        }
        self.read_tokens(call.tokens.clone());
    }
}

impl Reader {
    /// The words that `named!` declares: what stands after `=`, except attributes.
    fn read_words(&mut self, tokens: TokenStream) {
        let mut after_equals = false;
        for token in tokens {
            match &token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    self.read_words(group.stream());
                }
                TokenTree::Literal(literal) if after_equals => {
                    let word = syn::parse_str::<syn::LitStr>(&literal.to_string());
                    self.words.extend(word.map(|word| word.value()));
                }
                _ => {}
            }
            after_equals = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '=');
        }
    }

    /// Literals and paths among the tokens of a macro call, which syn does not look into.
    fn read_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => path.push(ident.to_string()),
                TokenTree::Punct(punct) if punct.as_char() == ':' => {}
                other => {
                    self.note(&std::mem::take(&mut path));
                    match other {
                        TokenTree::Group(group) => self.read_tokens(group.stream()),
                        TokenTree::Literal(literal) => {
                            let text = syn::parse_str::<syn::LitStr>(&literal.to_string());
                            self.literals.extend(text.map(|text| text.value()));
                        }
                        _ => {}
                    }
                }
            }
        }
        self.note(&path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_states_are_compared_with_is_found() {
        for (sql, literals) in [
            ("robot.status <> 3", vec!["3"]),
            ("WHERE cancel_reason=4 AND day = 2", vec!["4"]),
            (
                "g.status IN (1, 2) OR m.state NOT IN ('paid', 'failed')",
                vec!["1", "2", "'paid'", "'failed'"],
            ),
            ("message.state IS DISTINCT FROM 'pending'", vec!["'pending'"]),
            ("CASE status WHEN 5 THEN 1 ELSE status END", vec!["5"]),
            ("star BETWEEN 1 AND 5", vec!["1", "5"]),
            ("status = {normal} AND state = $1 AND settle_count < 30", vec![]),
        ] {
            let mut found = compared(sql);
            found.sort();
            let mut wanted = literals;
            wanted.sort_unstable();
            assert_eq!(found, wanted, "{sql}");
        }
    }
}
