//! A unified diff of two texts that differ in one place.

use std::fmt::Write;

/// Lines of context on each side.
const CONTEXT: usize = 3;

/// The diff of two named texts, (name, text) each; empty if they are equal.
#[must_use]
pub fn unified_diff(before: (&str, &str), after: (&str, &str)) -> String {
    let old: Vec<&str> = before.1.split_inclusive('\n').collect();
    let new: Vec<&str> = after.1.split_inclusive('\n').collect();
    if old == new {
        return String::new();
    }
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - head;
    let tail =
        old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let from = head.saturating_sub(CONTEXT);
    let (old_to, new_to) = (old.len() - tail, new.len() - tail);
    let after_lines = tail.min(CONTEXT);
    let span = |to: usize| {
        let length = to + after_lines - from;
        // An empty side has the number of the line before it.
        format!("{},{length}", if length == 0 { from } else { from + 1 })
    };
    let mut text = format!("--- {}\n+++ {}\n", before.0, after.0);
    // Writing into a String cannot fail.
    let _ = writeln!(text, "@@ -{} +{} @@", span(old_to), span(new_to));
    let parts = [
        (' ', &old, from, head),
        ('-', &old, head, old_to),
        ('+', &new, head, new_to),
        (' ', &old, old_to, old_to + after_lines),
    ];
    for (sign, lines, from, to) in parts {
        for line in lines.get(from..to).unwrap_or_default() {
            let _ = write!(text, "{sign}{line}");
            if !line.ends_with('\n') {
                text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_no_difference() {
        assert_eq!(unified_diff(("a", "x\ny"), ("b", "x\ny")), "");
    }

    #[test]
    fn an_insertion_is_shown_with_its_surroundings() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n";
        let new = "1\n2\n3\n4\n5\nx\ny\n6\n7\n8\n";
        assert_eq!(
            unified_diff(("a", old), ("b", new)),
            "--- a\n+++ b\n@@ -3,6 +3,8 @@\n 3\n 4\n 5\n+x\n+y\n 6\n 7\n 8\n"
        );
    }

    #[test]
    fn the_ends_of_a_file_are_shown() {
        assert_eq!(unified_diff(("a", ""), ("b", "x\n")), "--- a\n+++ b\n@@ -0,0 +1,1 @@\n+x\n");
        assert_eq!(
            unified_diff(("a", "x"), ("b", "x\ny\n")),
            "--- a\n+++ b\n@@ -1,1 +1,2 @@\n-x\n\\ No newline at end of file\n+x\n+y\n"
        );
    }
}
