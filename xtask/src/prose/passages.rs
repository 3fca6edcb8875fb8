//! From a file to its passages: the paragraphs, comments and strings in it that people read.

use crate::tokens::{Kind, Token, tokens};

/// One line of a passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its number in the file, from 1.
    pub(crate) number: usize,
    /// The prose of it, without the signs of a comment.
    pub(crate) text: String,
    /// Width of the whole line in characters; 0 where any width is right.
    pub(crate) width: usize,
}

/// Lines that are read as one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Passage {
    /// The lines, in order.
    pub(crate) lines: Vec<Line>,
}

/// The passages of a file, by what its name says of its form.
pub(crate) fn passages(file: &str, text: &str) -> Vec<Passage> {
    let name = file.rsplit('/').next().unwrap_or(file);
    if name.ends_with(".md") {
        markdown(text.lines().enumerate().map(|(index, line)| (index + 1, line, width(line))))
    } else if [".rs", ".c", ".h", ".cpp"].iter().any(|end| name.ends_with(end)) {
        source(text)
    } else if file.contains("man/") && name.ends_with(|last: char| last.is_ascii_digit()) {
        manual(text)
    } else {
        script(text)
    }
}

fn width(line: &str) -> usize {
    line.chars().count()
}

/// Whether a line, without what begins a list, is one word or one link: it cannot be wrapped.
fn is_one_piece(text: &str) -> bool {
    let text = text.trim().trim_start_matches(['-', '*', '#']).trim_start();
    let is_link =
        text.starts_with('[') && text.matches("](").count() == 1 && text.ends_with([')', '.', ',']);
    is_link || !text.contains(char::is_whitespace)
}

/// Puts lines together to passages.
#[derive(Default)]
struct Collector {
    found: Vec<Passage>,
    open: Passage,
}

impl Collector {
    fn line(&mut self, number: usize, text: &str, width: usize) {
        let width = if is_one_piece(text) { 0 } else { width };
        self.open.lines.push(Line { number, text: text.trim().to_owned(), width });
    }

    fn end(&mut self) {
        if !self.open.lines.is_empty() {
            self.found.push(std::mem::take(&mut self.open));
        }
    }

    fn finish(mut self) -> Vec<Passage> {
        self.end();
        self.found
    }
}

/// Markdown, of a document or of a comment: number, text and width of each line.
fn markdown<'a>(lines: impl Iterator<Item = (usize, &'a str, usize)>) -> Vec<Passage> {
    let mut collector = Collector::default();
    let mut is_code = false;
    for (number, text, width) in lines {
        let trimmed = text.trim();
        if trimmed.starts_with("```") {
            is_code = !is_code;
        }
        let begins = ["- ", "* ", "#", "|", "```"].iter().any(|sign| trimmed.starts_with(sign));
        if trimmed.is_empty() || begins || is_code {
            collector.end();
        }
        if !trimmed.is_empty() {
            let may_be_wide = is_code || trimmed.starts_with('|') || trimmed.starts_with("```");
            collector.line(number, text, if may_be_wide { 0 } else { width });
        }
    }
    collector.finish()
}

/// Comments and strings of Rust and C.
fn source(text: &str) -> Vec<Passage> {
    let widths: Vec<usize> = text.lines().map(width).collect();
    let mut found = Vec::new();
    let mut comment: Vec<(usize, &str, usize)> = Vec::new();
    let mut leader = "";
    for token in tokens(text) {
        let continues = token.kind == Kind::Comment
            && leader == slashes(token.text)
            && follows(&comment, token);
        if !continues {
            found.extend(markdown(comment.drain(..)));
        }
        match token.kind {
            Kind::Comment => {
                leader = slashes(token.text);
                for (index, line) in token.text.lines().enumerate() {
                    let number = token.line + index;
                    let line = line.trim_start().trim_start_matches(['/', '!', '*']);
                    let line = line.trim_end_matches("*/");
                    comment.push((number, line, widths.get(number - 1).copied().unwrap_or(0)));
                }
            }
            Kind::Text => {
                let text = token.text.replace("\\\n", " ").replace("\\n", " ");
                let line = Line { number: token.line, text, width: 0 };
                found.push(Passage { lines: vec![line] });
            }
            Kind::Word | Kind::Mark | Kind::Scalar => {}
        }
    }
    found.extend(markdown(comment.into_iter()));
    found
}

/// The signs with which a comment begins.
fn slashes(comment: &str) -> &'static str {
    ["///", "//!", "//"].into_iter().find(|sign| comment.starts_with(sign)).unwrap_or("/*")
}

fn follows(comment: &[(usize, &str, usize)], token: Token<'_>) -> bool {
    comment.last().is_some_and(|(number, ..)| number + 1 == token.line)
}

/// The text of a man page. Requests between lines of text, such as `.B`, are read with them.
fn manual(text: &str) -> Vec<Passage> {
    let mut collector = Collector::default();
    let mut is_filled = true;
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let plain = line.replace("\\-", "-").replace("\\(aq", "'").replace("\\(dq", "\"");
        let Some(request) = plain.strip_prefix('.') else {
            collector.line(number, &plain, if is_filled { width(line) } else { 0 });
            continue;
        };
        let (name, words) = request.split_once(' ').unwrap_or((request, ""));
        match name {
            "nf" | "EX" => is_filled = false,
            "fi" | "EE" => is_filled = true,
            _ => {}
        }
        if ["B", "I", "BR", "IR", "RB", "RI", "BI", "IB"].contains(&name) {
            collector.line(number, words, 0);
        } else {
            collector.end();
            collector.line(number, words, 0);
            collector.end();
        }
    }
    collector.finish()
}

/// Scripts and files of settings: comments after `#`, and every other line by itself.
fn script(text: &str) -> Vec<Passage> {
    let mut collector = Collector::default();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        match line.trim_start().strip_prefix('#') {
            Some(comment) if comment.starts_with([' ', '\t', '#']) => {
                collector.line(number, comment.trim_start_matches('#'), width(line));
            }
            Some("") => collector.end(),
            // `#define` in a text that a script writes is no comment.
            Some(_) | None => {
                collector.end();
                let (code, comment) = line.split_once(" # ").unwrap_or((line, ""));
                collector.line(number, code, 0);
                collector.end();
                if !comment.is_empty() {
                    collector.line(number, comment, 0);
                    collector.end();
                }
            }
        }
    }
    collector.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(file: &str, text: &str) -> Vec<String> {
        let join = |passage: &Passage| {
            passage.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("|")
        };
        passages(file, text).iter().map(join).collect()
    }

    #[test]
    fn paragraphs_and_items_are_passages() {
        assert_eq!(texts("a.md", "# H\na\nb\n\n- c\n  d\n- e\n"), ["# H|a|b", "- c|d", "- e"]);
    }

    #[test]
    fn comments_of_one_kind_on_lines_that_follow_are_one_passage() {
        let source = "//! a\n//! b\n\n/// c\n// d\nfn f() {} // e\n// g\n/* h\n * i */";
        assert_eq!(texts("a.rs", source), ["a|b", "c", "d", "e|g", "h|i"]);
    }

    #[test]
    fn an_empty_comment_line_ends_a_passage() {
        assert_eq!(texts("a.rs", "/// a\n///\n/// b\n"), ["a", "b"]);
        assert_eq!(texts("a.sh", "# a\n#\n# b\n"), ["a", "b"]);
    }

    #[test]
    fn requests_of_a_manual_are_read_with_its_text() {
        let page = ".SH NAME\na\n.BR b (8)\nc\\-d\n.PP\ne\n";
        assert_eq!(texts("man/a.8", page), ["NAME", "a|b (8)|c-d", "", "e"]);
    }
}
