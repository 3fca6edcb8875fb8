//! Changes to the file of one service: adding and removing the line of F-pass.

use crate::file;

/// The comment above our line, by which it is found again.
pub const MARK: &str = "# The next line is from \"fpass-enroll pam enable\"; \"fpass-enroll pam disable\" takes it out.";

/// The first line of a file that was copied from the file of the vendor.
pub const COPY_MARK: &str = "# A copy of the vendor's file, from \"fpass-enroll pam enable\"; \"fpass-enroll pam disable\" removes it.";

/// The shipped control and module.
const LINE: &str = "auth  [success=ok ignore=ignore default=die]  pam_fpass.so";

/// The arguments of our line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineOptions {
    /// `recovery`
    pub recovery: bool,
    /// `nullok`
    pub nullok: bool,
    /// `announce`
    pub announce: bool,
}

impl LineOptions {
    /// Every choice, so that a written line is recognised.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..8_u8).map(|bits| Self {
            recovery: bits & 1 != 0,
            nullok: bits & 2 != 0,
            announce: bits & 4 != 0,
        })
    }
}

/// Our line with the comment above it, each with a line feed.
#[must_use]
pub fn render_line(options: LineOptions) -> String {
    let mut line = format!("{MARK}\n{LINE}");
    let words = [
        (options.recovery, " recovery"),
        (options.nullok, " nullok"),
        (options.announce, " announce"),
    ];
    for (is_set, word) in words {
        if is_set {
            line.push_str(word);
        }
    }
    line + "\n"
}

/// Whether a file contains our mark.
#[must_use]
pub fn is_marked(text: &str) -> bool {
    text.lines().any(|line| line == MARK)
}

/// The texts with our line after each of the lines that concern `auth`, from the first such line to
/// the last.
#[must_use]
pub fn insertions(text: &str, options: LineOptions) -> Vec<String> {
    let ours = render_line(options);
    let raw: Vec<&str> = text.split_inclusive('\n').collect();
    let concerns = |entry: &file::Entry| match &entry.statement {
        file::Statement::Module { facility, .. } => *facility == file::Facility::Auth,
        file::Statement::Include { facility, .. } | file::Statement::Broken { facility, .. } => {
            facility.is_none_or(|facility| facility == file::Facility::Auth)
        }
    };
    let parsed = file::parse_service(text);
    let after = parsed.entries.iter().filter(|entry| concerns(entry)).map(|entry| entry.last);
    after
        .map(|last| {
            let (head, tail) = raw.split_at(last.min(raw.len()));
            let mut changed = head.concat();
            // Our line must not continue a last line without a line feed.
            if !changed.ends_with('\n') {
                changed.push('\n');
            }
            changed.push_str(&ours);
            changed.push_str(&tail.concat());
            changed
        })
        .collect()
}

/// The text without our marks and the line after each.
#[must_use]
pub fn remove_lines(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.split_inclusive('\n').peekable();
    let is = |line: &str, mark: &str| line.trim_end_matches('\n') == mark;
    while let Some(line) = lines.next() {
        if is(line, COPY_MARK) {
            continue;
        }
        if !is(line, MARK) {
            kept.push_str(line);
            continue;
        }
        // The line after the mark is ours only if nobody replaced it.
        if lines.peek().is_some_and(|next| next.contains("pam_fpass.so")) {
            lines.next();
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DEBIAN: &str = "#%PAM-1.0\n\nsession required pam_limits.so\n\n@include common-auth\n@include common-account\n";

    #[test]
    fn another_line_below_the_mark_stays() {
        let text = format!("{MARK}\nauth required pam_unix.so\n");
        assert_eq!(remove_lines(&text), "auth required pam_unix.so\n");
        assert_eq!(remove_lines(MARK), "");
    }

    #[test]
    fn lines_of_other_facilities_get_no_insertion() {
        assert_eq!(
            insertions("session required pam_limits.so\n# auth\n", LineOptions::default()),
            [""; 0]
        );
    }

    #[test]
    fn each_line_that_concerns_auth_gets_an_insertion() {
        let found = insertions(DEBIAN, LineOptions { recovery: true, ..LineOptions::default() });
        assert_eq!(found.len(), 2);
        let expected = "@include common-auth\n".to_owned()
            + MARK
            + "\nauth  [success=ok ignore=ignore default=die]  pam_fpass.so recovery\n@include common-account";
        assert!(found[0].contains(&expected), "{}", found[0]);
        assert!(is_marked(&found[0]) && !is_marked(DEBIAN));
    }

    #[test]
    fn every_written_line_is_different_and_accepted_by_the_module() {
        let lines: Vec<String> = LineOptions::all().map(render_line).collect();
        for (index, line) in lines.iter().enumerate() {
            assert!(!lines[..index].contains(line), "{line}");
            let words: Vec<&str> =
                line.trim_end().split("pam_fpass.so").last().unwrap().split_whitespace().collect();
            assert!(fpass_proto::PamArguments::parse_auth(&words).is_ok(), "{line}");
        }
        assert_eq!(lines.len(), 8);
    }

    #[test]
    fn continued_lines_are_not_split() {
        let text = "auth required \\\n  pam_unix.so\naccount required pam_unix.so\n";
        let found = insertions(text, LineOptions::default());
        assert!(found[0].starts_with("auth required \\\n  pam_unix.so\n# The next"), "{found:?}");
    }

    proptest! {
        #[test]
        fn removing_undoes_inserting(
            text in "((auth|account|@include|#|) (required|include|x) (pam_unix.so|common|\\\\)\n){0,8}",
        ) {
            for changed in insertions(&text, LineOptions::default()) {
                prop_assert_eq!(remove_lines(&changed), text.clone());
            }
        }
    }
}
