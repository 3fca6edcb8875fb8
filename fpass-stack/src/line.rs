//! Splits a file into lines and a line into words, as libpam does.
//!
//! Versions of libpam differ in details: the longest line, the end of a comment in a continued
//! line, the characters between words. A line that depends on such a detail is read in one of the
//! ways and marked as unclear.

/// Longest line that every version of libpam reads as one, in bytes; older ones use a buffer of 1
/// KiB.
const LENGTH_MAX: usize = 1000;

/// One line, joined with those that continue it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Number of its first line in the file, from 1.
    pub number: usize,
    /// Number of its last line in the file.
    pub last: usize,
    /// The text without its comment.
    pub text: String,
    /// Whether versions of libpam read it differently.
    pub unclear: bool,
}

/// Splits a file into the lines that are neither empty nor comments. The second value is `true` if
/// the file ends inside a continued line; libpam then rejects the file.
#[must_use]
pub fn lines(text: &str) -> (Vec<Line>, bool) {
    let mut found = Vec::new();
    let mut open: Option<Line> = None;
    for (index, raw) in text.split_inclusive('\n').enumerate() {
        let number = index + 1;
        let part = raw.trim_start_matches([' ', '\t', '\n']);
        if part.is_empty() || part.starts_with('#') {
            if let Some(line) = &mut open {
                line.unclear = true;
            }
            continue;
        }
        let (content, commented) =
            part.split_once('#').map_or((part, false), |(content, _)| (content, true));
        let blank = [' ', '\t', '\n'];
        let continued = content.trim_end_matches(blank).strip_suffix('\\').filter(|_| !commented);
        let exact = content.trim_end_matches('\n');
        let mut line = open.take().unwrap_or(Line {
            number,
            last: number,
            text: String::new(),
            unclear: false,
        });
        line.last = number;
        line.unclear |= has_unclear_character(content)
            || commented && content.trim_end_matches(blank).ends_with('\\')
            || continued.is_some() && !exact.ends_with('\\');
        line.text.push_str(continued.unwrap_or(content));
        if continued.is_some() {
            line.text.push(' ');
            open = Some(line);
        } else {
            line.unclear |= line.text.len() > LENGTH_MAX;
            found.push(line);
        }
    }
    let incomplete = open.is_some();
    (found, incomplete)
}

fn has_unclear_character(content: &str) -> bool {
    content.contains(['\0', '\r', '\u{b}', '\u{c}', char::REPLACEMENT_CHARACTER])
}

/// Splits a line into words. A word that begins with `[` ends at the next `]`; both are removed,
/// and `\]` in the word means `]`.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches(SPACE);
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('[') {
            Some(bracketed) => bracketed_word(bracketed),
            None => {
                let (word, after) = rest.split_at(rest.find(SPACE).unwrap_or(rest.len()));
                (word.to_owned(), after)
            }
        };
        words.push(word);
        rest = after.trim_start_matches(SPACE);
    }
    words
}

const SPACE: [char; 3] = [' ', '\n', '\t'];

fn bracketed_word(rest: &str) -> (String, &str) {
    let mut word = String::new();
    let mut letters = rest.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            ']' => return (word, rest.get(at + 1..).unwrap_or_default()),
            '\\' if letters.peek().is_some_and(|(_, next)| *next == ']') => {
                letters.next();
                word.push(']');
            }
            other => word.push(other),
        }
    }
    (word, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_ends_in_a_continued_line_is_incomplete() {
        assert!(lines("auth required \\").1);
        assert!(lines("auth required \\\n# comment\n").1);
        assert!(!lines("auth required pam_deny.so").1);
    }

    #[test]
    fn a_line_that_versions_read_differently_is_marked() {
        let long = format!("auth required pam_permit.so {}\n", "a".repeat(1100));
        for text in [
            "auth required \\\n\npam_permit.so\n",
            "auth required \\\n# comment\npam_permit.so\n",
            "auth required \\  \npam_permit.so\n",
            "auth required \\ # comment\n",
            "auth required pam_permit.so\r\n",
            "auth required\u{c}pam_permit.so\n",
            "auth required pam_permit.so\0x\n",
            &long,
        ] {
            assert!(lines(text).0.iter().any(|line| line.unclear), "{text:?}");
        }
    }

    #[test]
    fn comments_empty_lines_and_continuations_are_joined() {
        let text =
            "#%PAM-1.0\n\n  auth\trequired pam_env.so # why\nauth \\\n  required pam_x.so\nend";
        let (found, incomplete) = lines(text);
        let seen: Vec<_> =
            found.iter().map(|line| (line.number, line.last, words(&line.text))).collect();
        assert!(!incomplete && found.iter().all(|line| !line.unclear));
        assert_eq!(
            seen,
            [
                (3, 3, vec!["auth".into(), "required".into(), "pam_env.so".to_owned()]),
                (4, 5, vec!["auth".into(), "required".into(), "pam_x.so".to_owned()]),
                (6, 6, vec!["end".to_owned()]),
            ]
        );
    }

    #[test]
    fn brackets_hold_words_together() {
        for (text, expected) in [
            ("a [b c] d", &["a", "b c", "d"][..]),
            ("[a\\]b]c", &["a]b", "c"]),
            ("[a [b] c]", &["a [b", "c]"]),
            ("x[a b]", &["x[a", "b]"]),
            ("[open end", &["open end"]),
            ("[] x", &["", "x"]),
            (" \t\n", &[]),
        ] {
            assert_eq!(words(text), expected, "{text:?}");
        }
    }
}
