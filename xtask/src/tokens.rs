//! The tokens of Rust source, comments included, with the lines on which they begin.
//!
//! This is as much of Rust's grammar as the checks of this crate need: it tells comments, strings,
//! words and punctuation apart, and never a keyword from a name.

#[cfg(test)]
mod tests;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name, a keyword or a lifetime.
    Word,
    /// One character of punctuation.
    Mark,
    /// A string, with quotes and prefix.
    Text,
    /// A number or a character.
    Scalar,
    /// One comment, with its slashes.
    Comment,
}

/// A part of the source that is not white space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    /// What it is.
    pub(crate) kind: Kind,
    /// Its text.
    pub(crate) text: &'a str,
    /// The line of its first character, from 1.
    pub(crate) line: usize,
}

/// Splits Rust source into its tokens. Source that does not compile gives tokens too, wrong ones
/// perhaps.
pub(crate) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = source;
    let mut line = 1;
    loop {
        let trimmed = rest.trim_start();
        let space = rest.len() - trimmed.len();
        line += rest.get(..space).map_or(0, |space| space.matches('\n').count());
        let Some(first) = trimmed.chars().next() else { return found };
        let (kind, length) = measure(trimmed, first);
        let Some((text, after)) = trimmed.split_at_checked(length) else { return found };
        found.push(Token { kind, text, line });
        line += text.matches('\n').count();
        rest = after;
    }
}

/// The kind of the token with which `rest` begins, and its length in bytes.
fn measure(rest: &str, first: char) -> (Kind, usize) {
    if rest.starts_with("//") {
        return (Kind::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Kind::Comment, block_comment(rest));
    }
    if first == '"' {
        return (Kind::Text, quoted(rest, '"'));
    }
    if first == '\'' {
        return quote(rest);
    }
    if first.is_ascii_digit() {
        return (Kind::Scalar, word(rest));
    }
    if first == '_' || first.is_alphabetic() {
        return named(rest);
    }
    (Kind::Mark, first.len_utf8())
}

/// A word, or the string or character that begins with a word: `r"…"`, `br#"…"#`, `b'…'`.
fn named(rest: &str) -> (Kind, usize) {
    let length = word(rest);
    let (prefix, after) = rest.split_at(length);
    match prefix {
        "b" | "c" if after.starts_with('"') => (Kind::Text, length + quoted(after, '"')),
        "b" if after.starts_with('\'') => (Kind::Scalar, length + quoted(after, '\'')),
        "r" | "br" | "cr" => {
            let hashes = after.len() - after.trim_start_matches('#').len();
            let Some(body) = after.get(hashes..).and_then(|body| body.strip_prefix('"')) else {
                // r#name
                let raw = after.strip_prefix('#').map_or(0, |name| 1 + word(name));
                return (Kind::Word, length + raw);
            };
            let end = format!("\"{}", "#".repeat(hashes));
            let inside = body.find(&end).map_or(body.len(), |at| at + end.len());
            (Kind::Text, length + hashes + 1 + inside)
        }
        _ => (Kind::Word, length),
    }
}

/// A character or a lifetime.
fn quote(rest: &str) -> (Kind, usize) {
    let mut letters = rest.chars().skip(1);
    match (letters.next(), letters.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => (Kind::Scalar, quoted(rest, '\'')),
        _ => (Kind::Word, 1 + rest.get(1..).map_or(0, word)),
    }
}

/// Length of the letters, digits and underscores with which `rest` begins.
fn word(rest: &str) -> usize {
    rest.find(|letter: char| letter != '_' && !letter.is_alphanumeric()).unwrap_or(rest.len())
}

/// Length of what begins and ends with `quote`, in which a backslash escapes one character.
fn quoted(rest: &str, quote: char) -> usize {
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' {
            letters.next();
        } else if letter == quote {
            return at + 1;
        }
    }
    rest.len()
}

/// Length of a comment that begins with `/*`; such comments nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(left) = rest.get(at..).filter(|left| !left.is_empty()) {
        if left.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if left.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += left.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}
