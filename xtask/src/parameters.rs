//! The check that no function has more than six parameters, `self` not counted.
//!
//! clippy's `too_many_arguments` counts `self`, so it would refuse the methods of the D-Bus
//! interface: their parameters are the arguments of the contract and the message header.

use std::fs;

use crate::error::Error;
use crate::git;
use crate::tokens::{Kind, Token, tokens};

/// Most parameters of a function.
const MOST: usize = 6;

/// Checks every Rust file of the tree.
pub(crate) fn check() -> Result<(), Error> {
    let root = git::root()?;
    let mut found = Vec::new();
    for file in git::files(std::slice::from_ref(&root))? {
        if !file.ends_with(".rs") {
            continue;
        }
        let path = root.join(&file);
        let source = fs::read_to_string(&path).map_err(|cause| Error::read(&path, cause))?;
        found.extend(long_functions(&source).into_iter().map(|place| format!("{file}:{place}")));
    }
    if found.is_empty() { Ok(()) } else { Err(Error::Parameters(found)) }
}

/// The functions of a source that have more parameters: line, name and number of each.
fn long_functions(source: &str) -> Vec<String> {
    let code: Vec<_> =
        tokens(source).into_iter().filter(|token| token.kind != Kind::Comment).collect();
    let mut found = Vec::new();
    for (at, token) in code.iter().enumerate() {
        let Some(name) = code.get(at + 1).filter(|name| name.kind == Kind::Word) else { continue };
        if token.text != "fn" {
            continue;
        }
        let count = code.get(at + 2..).map_or(0, parameters);
        if count > MOST {
            found.push(format!("{}: {} has {count}", token.line, name.text));
        }
    }
    found
}

/// The number of parameters of a function, from the tokens after its name.
fn parameters(tokens: &[Token<'_>]) -> usize {
    let Some(open) = opening(tokens) else { return 0 };
    let (mut depth, mut count, mut is_empty, mut is_receiver) = (1_usize, 0, true, false);
    for (at, token) in tokens.iter().enumerate().skip(open + 1) {
        // The arrow of a function type closes nothing.
        let arrow = token.text == ">" && tokens.get(at - 1).is_some_and(|last| last.text == "-");
        match token.text {
            "(" | "[" | "{" | "<" => depth += 1,
            ")" | "]" | "}" | ">" if !arrow => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && token.text == ",") {
            count += usize::from(!is_empty && !is_receiver);
            (is_empty, is_receiver) = (true, false);
            if depth == 0 {
                break;
            }
            continue;
        }
        is_empty = false;
        is_receiver |= depth == 1 && token.text == "self";
    }
    count
}

/// Where the list of parameters begins: behind the generic parameters, if there are any.
fn opening(tokens: &[Token<'_>]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "<" => depth += 1,
            ">" if tokens.get(at.checked_sub(1)?)?.text != "-" => depth = depth.checked_sub(1)?,
            "(" if depth == 0 => return Some(at),
            ";" | "{" if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_parameters_are_too_many_and_self_is_not_counted() {
        let seven = "fn f(a: A, b: B, c: C, d: D, e: E, f: F, g: G) {}";
        assert_eq!(long_functions(seven), ["1: f has 7"]);
        for six in [
            "fn f(a: A, b: B, c: C, d: D, e: E, f: F) {}",
            "fn f(&'a mut self, a: A, b: B, c: C, d: D, e: E, #[h(x, y)] f: F,) {}",
        ] {
            assert_eq!(long_functions(six), [""; 0], "{six}");
        }
    }

    #[test]
    fn commas_inside_types_and_generics_separate_no_parameters() {
        for few in [
            "fn f<T: Fn(A, B) -> C, U, V, W, X, Y, Z>(a: T) {}",
            "fn f(a: (A, B, C, D), b: [u8; 4], c: HashMap<K, V>, d: &dyn Fn(A, B) -> C, e: E) {}",
        ] {
            assert_eq!(long_functions(few), [""; 0], "{few}");
        }
        let after = "fn f<T: Fn(A) -> B>(a: A, b: &dyn Fn(X) -> Y, c: C, d: D, e: E, f: F, g: G);";
        assert_eq!(long_functions(after), ["1: f has 7"]);
    }

    #[test]
    fn every_function_of_a_source_is_counted() {
        let source =
            "fn a() {}\nimpl B { fn c(self, a: A, b: B, c: C, d: D, e: E, f: F, g: G) {} }";
        assert_eq!(long_functions(source), ["2: c has 7"]);
    }
}
