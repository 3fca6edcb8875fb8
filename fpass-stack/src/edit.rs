//! Changes to the file of one service: our lines in and out again.

use crate::file;

/// The line above ours, by which they are found again.
pub const MARK: &str = "# The next line is from \"fpass-enroll pam enable\"; \"fpass-enroll pam disable\" takes it out.";

/// The first line of a file that is a copy of the vendor's.
pub const COPY_MARK: &str = "# A copy of the vendor's file, from \"fpass-enroll pam enable\"; \"fpass-enroll pam disable\" removes it.";

/// The control and module that are shipped.
const LINE: &str = "auth  [success=ok ignore=ignore default=die]  pam_fpass.so";

/// What stands on our line besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// `recovery`
    pub recovery: bool,
    /// `nullok`
    pub nullok: bool,
}

/// Our line with its mark and the ends of lines.
#[must_use]
pub fn lines(wishes: Wishes) -> String {
    let mut line = format!("{MARK}\n{LINE}");
    for (wished, word) in [(wishes.recovery, " recovery"), (wishes.nullok, " nullok")] {
        if wished {
            line.push_str(word);
        }
    }
    line + "\n"
}

/// Whether our mark stands in the file.
#[must_use]
pub fn is_marked(text: &str) -> bool {
    text.lines().any(|line| line == MARK)
}

/// The texts with our line after each of the lines that have to do with `auth`, from the first of
/// them to the last.
#[must_use]
pub fn candidates(text: &str, wishes: Wishes) -> Vec<String> {
    let ours = lines(wishes);
    let raw: Vec<&str> = text.split_inclusive('\n').collect();
    let concerns = |entry: &file::Entry| match &entry.statement {
        file::Statement::Module { facility, .. } => *facility == file::Facility::Auth,
        file::Statement::Include { facility, .. } | file::Statement::Broken { facility, .. } => {
            facility.is_none_or(|facility| facility == file::Facility::Auth)
        }
    };
    let parsed = file::service(text);
    let after = parsed.entries.iter().filter(|entry| concerns(entry)).map(|entry| entry.last);
    after
        .map(|last| {
            let (head, tail) = raw.split_at(last.min(raw.len()));
            let mut changed = head.concat();
            // Our lines need a line of their own; disabling takes this end of line out again.
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
pub fn without(text: &str) -> String {
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
        // What stands after the mark is ours only as long as nobody replaced it.
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
    fn what_somebody_put_below_the_mark_stays() {
        let text = format!("{MARK}\nauth required pam_unix.so\n");
        assert_eq!(without(&text), "auth required pam_unix.so\n");
        assert_eq!(without(MARK), "");
    }

    #[test]
    fn lines_without_auth_are_no_place() {
        assert_eq!(
            candidates("session required pam_limits.so\n# auth\n", Wishes::default()),
            [""; 0]
        );
    }

    #[test]
    fn the_line_goes_after_each_line_that_concerns_auth() {
        let found = candidates(DEBIAN, Wishes { recovery: true, nullok: false });
        assert_eq!(found.len(), 2);
        let expected = "@include common-auth\n".to_owned()
            + MARK
            + "\nauth  [success=ok ignore=ignore default=die]  pam_fpass.so recovery\n@include common-account";
        assert!(found[0].contains(&expected), "{}", found[0]);
        assert!(is_marked(&found[0]) && !is_marked(DEBIAN));
    }

    #[test]
    fn continued_lines_are_not_parted() {
        let text = "auth required \\\n  pam_unix.so\naccount required pam_unix.so\n";
        let found = candidates(text, Wishes::default());
        assert!(found[0].starts_with("auth required \\\n  pam_unix.so\n# The next"), "{found:?}");
    }

    proptest! {
        #[test]
        fn taking_out_undoes_putting_in(
            text in "((auth|account|@include|#|) (required|include|x) (pam_unix.so|common|\\\\)\n){0,8}",
        ) {
            for changed in candidates(&text, Wishes::default()) {
                prop_assert_eq!(without(&changed), text.clone());
            }
        }
    }
}
