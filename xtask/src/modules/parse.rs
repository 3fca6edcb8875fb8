//! What one file of Rust declares, imports and names.

use std::collections::BTreeSet;

use crate::tokens::{Kind, Token, tokens};

/// What is read of one file, without its tests. Modules within the file count as part of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parsed {
    /// Names of the modules that have a file of their own: `mod name;`.
    pub(crate) modules: Vec<String>,
    /// Those of them that some builds leave out: `#[cfg(…)] mod name;`.
    pub(crate) conditional: BTreeSet<String>,
    /// What `use` brings in.
    pub(crate) imports: Vec<Import>,
    /// Paths of two or more names that are not part of a `use`.
    pub(crate) paths: BTreeSet<Vec<String>>,
    /// Names of the items that the file defines.
    pub(crate) items: BTreeSet<String>,
    /// Its public types.
    pub(crate) public_types: Vec<PublicType>,
}

/// One name, or one `*`, of a `use`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    /// Where it comes from.
    pub(crate) path: Vec<String>,
    /// The name in this file; `None` for `*`.
    pub(crate) name: Option<String>,
}

/// A type or trait that other files can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicType {
    pub(crate) name: String,
    /// Its line, from 1.
    pub(crate) line: usize,
}

const ITEMS: [&str; 10] =
    ["fn", "struct", "enum", "union", "trait", "type", "const", "static", "mod", "macro_rules"];
const TYPES: [&str; 5] = ["struct", "enum", "union", "trait", "type"];

/// Reads a file.
pub(crate) fn parse(source: &str) -> Parsed {
    let is_code = |token: &Token<'_>| matches!(token.kind, Kind::Word | Kind::Mark);
    let all: Vec<Token<'_>> = tokens(source).into_iter().filter(is_code).collect();
    let mut parsed = Parsed::default();
    let mut rest = Cursor { tokens: &all };
    let (mut is_public, mut is_conditional) = (false, false);
    while let Some(token) = rest.next() {
        match token.text {
            "#" if rest.is_test_attribute() => rest.skip_item(),
            "#" => {
                is_conditional |= rest.is_at(1, "cfg");
                rest.skip_attribute();
                continue;
            }
            "pub" => {
                is_public = true;
                if rest.is_at(0, "(") {
                    rest.skip_group();
                }
                continue;
            }
            "use" if !rest.is_at(0, "<") => rest.import(Vec::new(), &mut parsed.imports),
            "mod" if rest.is_at(1, ";") => {
                let name = rest.word();
                parsed.conditional.extend(name.clone().filter(|_| is_conditional));
                parsed.modules.extend(name);
            }
            word if ITEMS.contains(&word) => {
                if word == "macro_rules" {
                    rest.next();
                }
                if let Some(name) = rest.peek(0).filter(|token| token.kind == Kind::Word) {
                    parsed.items.insert(name.text.to_owned());
                    if is_public && TYPES.contains(&word) {
                        let (name, line) = (name.text.to_owned(), name.line);
                        parsed.public_types.push(PublicType { name, line });
                    }
                }
            }
            word if token.kind == Kind::Word => {
                let path = rest.path(word);
                if path.len() > 1 {
                    parsed.paths.insert(path);
                }
            }
            _ => {}
        }
        // `pub const fn` and `pub unsafe trait` have a word between.
        is_public = is_public && matches!(token.text, "const" | "unsafe" | "async");
        is_conditional = false;
    }
    parsed
}

/// The tokens that are left.
struct Cursor<'a> {
    tokens: &'a [Token<'a>],
}

impl<'a> Cursor<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(*first)
    }

    fn peek(&self, ahead: usize) -> Option<Token<'a>> {
        self.tokens.get(ahead).copied()
    }

    fn is_at(&self, ahead: usize, text: &str) -> bool {
        self.peek(ahead).is_some_and(|token| token.text == text)
    }

    fn word(&mut self) -> Option<String> {
        let word = self.peek(0).filter(|token| token.kind == Kind::Word)?;
        self.next();
        Some(word.text.to_owned())
    }

    /// Whether an attribute, whose `#` was taken, lets an item exist in tests alone.
    fn is_test_attribute(&self) -> bool {
        let is = |texts: &[&str]| texts.iter().enumerate().all(|(at, text)| self.is_at(at, text));
        is(&["[", "cfg", "(", "test"]) || is(&["[", "test", "]"])
    }

    /// Leaves out an attribute whose `#` was taken.
    fn skip_attribute(&mut self) {
        if self.is_at(0, "!") {
            self.next();
        }
        if self.is_at(0, "[") {
            self.skip_group();
        }
    }

    /// Leaves out an attribute whose `#` was taken, and the item that it belongs to.
    fn skip_item(&mut self) {
        self.skip_attribute();
        while self.is_at(0, "#") {
            self.next();
            self.skip_attribute();
        }
        while let Some(token) = self.peek(0) {
            match token.text {
                "{" => return self.skip_group(),
                "(" | "[" => self.skip_group(),
                // A field or variant ends with the group that it is in.
                "}" => return,
                ";" | "," => {
                    self.next();
                    return;
                }
                _ => {
                    self.next();
                }
            }
        }
    }

    /// Leaves out a group in brackets of any kind.
    fn skip_group(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.next() {
            match token.text {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn is_separator(&self) -> bool {
        self.is_at(0, ":") && self.is_at(1, ":")
    }

    /// The path that begins with a word that was taken.
    fn path(&mut self, first: &str) -> Vec<String> {
        let mut path = vec![first.to_owned()];
        while self.is_separator() && self.peek(2).is_some_and(|token| token.kind == Kind::Word) {
            self.next();
            self.next();
            path.extend(self.word());
        }
        path
    }

    /// One tree of a `use`, whose path so far is `path`, with what ends it.
    fn import(&mut self, mut path: Vec<String>, imports: &mut Vec<Import>) {
        loop {
            if self.is_separator() {
                self.next();
                self.next();
            }
            let Some(token) = self.next() else { return };
            match token.text {
                "*" => return imports.push(Import { path, name: None }),
                "{" => {
                    while !self.is_at(0, "}") && self.peek(0).is_some() {
                        self.import(path.clone(), imports);
                        if self.is_at(0, ",") {
                            self.next();
                        }
                    }
                    self.next();
                    return;
                }
                // a::{self} is a.
                "self" if !path.is_empty() => {}
                word => path.push(word.to_owned()),
            }
            if !self.is_separator() {
                break;
            }
        }
        let mut name = path.last().cloned();
        if self.is_at(0, "as") {
            self.next();
            name = self.word();
        }
        imports.push(Import { path, name });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(source: &str) -> Vec<(String, Option<String>)> {
        let import = |import: Import| (import.path.join("::"), import.name);
        parse(source).imports.into_iter().map(import).collect()
    }

    #[test]
    fn tests_are_left_out() {
        let parsed = parse(
            "#[cfg(test)]\nmod tests;\n#[cfg(test)]\n#[allow(x)]\nmod a { use crate::b; }\n\
             struct S { #[cfg(test)] x: crate::x::Y, z: crate::z::Y }\n#[test]\nfn f() { crate::g::h() }",
        );
        assert_eq!(parsed.modules, [""; 0]);
        assert_eq!(parsed.imports, []);
        assert_eq!(parsed.paths.len(), 1);
    }

    #[test]
    fn modules_that_some_builds_leave_out_are_marked() {
        let parsed = parse("#[cfg(feature = \"a\")]\npub mod a;\n#[doc(hidden)]\nmod b;");
        assert_eq!(parsed.modules, ["a", "b"]);
        assert_eq!(parsed.conditional.into_iter().collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn trees_of_imports_are_unfolded() {
        let source =
            "use crate::a::{self, B, c::{D as E, *}};\npub(crate) use super::F;\nuse std::io;";
        let name = |name: &str| Some(name.to_owned());
        assert_eq!(
            imports(source),
            [
                ("crate::a".to_owned(), name("a")),
                ("crate::a::B".to_owned(), name("B")),
                ("crate::a::c::D".to_owned(), name("E")),
                ("crate::a::c".to_owned(), None),
                ("super::F".to_owned(), name("F")),
                ("std::io".to_owned(), name("io")),
            ]
        );
    }

    #[test]
    fn paths_in_code_and_macros_are_found() {
        let parsed =
            parse("fn f(a: crate::x::Y) { println!(\"{}\", super::g::<u8>(1)); a.b::<C>() }");
        let paths: Vec<String> = parsed.paths.iter().map(|path| path.join("::")).collect();
        assert_eq!(paths, ["crate::x::Y", "super::g"]);
    }

    #[test]
    fn public_types_are_found() {
        let source = "pub struct A;\nstruct B;\npub(crate) enum C {}\npub fn d() {}\n\
                      pub unsafe trait E {}\nimpl F for A { type G = u8; }\npub type H = u8;\n";
        let types = parse(source).public_types;
        let types: Vec<_> = types.iter().map(|found| (found.name.as_str(), found.line)).collect();
        assert_eq!(types, [("A", 1), ("C", 3), ("E", 5), ("H", 7)]);
    }
}
