//! The PAM services that ask for the face, as `check-pam` proves them.

use std::path::Path;

use super::Finding;
use crate::exit_code::ExitCode;
use crate::stacks;
use crate::stacks::report::Report;

const CHECK: &str = "stacks";
/// What shows the rest.
const DETAILS: &str = "see what fpass-enroll check-pam says";

pub(super) fn check() -> Finding {
    match stacks::open(Path::new("/")) {
        Ok(root) => judge(&Report::of(&root, &[])),
        Err(error) => Finding::warn(CHECK, error.to_string(), "run this as root"),
    }
}

fn judge(report: &Report) -> Finding {
    let proven = report.proven();
    match report.exit_code(false) {
        ExitCode::StackBroken => Finding::fail(
            CHECK,
            "a service lets somebody in without password or face, or nobody in",
            DETAILS,
        ),
        ExitCode::NoWayBack => Finding::fail(
            CHECK,
            "nobody gets back in when no face can be judged",
            "add recovery to a line, or give root a way in at the console",
        ),
        ExitCode::Done if proven == 0 => {
            Finding::warn(CHECK, "no service asks for the face", "see fpass-enroll pam enable")
        }
        ExitCode::Done => {
            Finding::ok(CHECK, format!("{proven} services ask for the face, and are proven"))
        }
        _ => Finding::warn(CHECK, "a service could not be judged", DETAILS),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::doctor::State;

    const FACE: &str = "auth [success=ok ignore=ignore default=die] pam_fpass.so";
    const PASSWORD: &str = "auth requisite pam_unix.so";

    /// What is found where one service has these lines.
    fn of(lines: &[&str]) -> (State, String) {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        for folder in ["etc/pam.d", "usr/lib/security"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        for module in ["pam_unix.so", "pam_fpass.so", "pam_deny.so"] {
            fs::write(root.join("usr/lib/security").join(module), "").unwrap();
        }
        fs::write(root.join("etc/pam.d/sudo"), lines.join("\n") + "\n").unwrap();
        fs::write(root.join("etc/pam.d/other"), "auth required pam_deny.so\n").unwrap();
        let finding = judge(&Report::of(&stacks::open(root).unwrap(), &[]));
        (finding.state, finding.found)
    }

    #[test]
    fn each_row() {
        let with_codes = format!("{FACE} recovery");
        for (lines, state) in [
            (&[PASSWORD][..], State::Warn),
            (&[PASSWORD, FACE], State::Fail),
            (&[PASSWORD, &with_codes], State::Ok),
            (&["auth sufficient pam_unix.so", &with_codes], State::Fail),
            (&[PASSWORD, "auth optional pam_fpass.so recovery"], State::Fail),
            (&[PASSWORD, "@include absent", &with_codes], State::Warn),
        ] {
            let (found, said) = of(lines);
            assert_eq!(found, state, "{lines:?}: {said}");
        }
    }
}
