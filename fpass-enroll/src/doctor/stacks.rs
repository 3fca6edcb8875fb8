//! The PAM services that ask for the face, judged as by `check-pam`.

use std::path::Path;

use fpass_language::{Sentence, sentence};

use super::Finding;
use crate::exit_code::ExitCode;
use crate::language::{spoken, told};
use crate::stacks;
use crate::stacks::report::StackReport;

const CHECK: &str = "stacks";
/// The command with the details.
const DETAILS: Sentence = sentence!("see: fpass-enroll check-pam");

pub(super) fn check() -> Finding {
    match stacks::open(Path::new("/")) {
        Ok(root) => judge(&StackReport::of(&root, &[])),
        Err(error) => Finding::warn(CHECK, error.to_string(), told!("run this as root")),
    }
}

fn judge(report: &StackReport) -> Finding {
    let proven = report.proven();
    match report.exit_code(false) {
        ExitCode::StackBroken => Finding::fail(
            CHECK,
            told!("a service lets somebody in without password or face, or lets nobody in"),
            DETAILS.wording(spoken()),
        ),
        ExitCode::NoWayBack => Finding::fail(
            CHECK,
            told!("nobody could log in without a working face check"),
            told!(
                "add recovery to a line of pam_fpass, or let root log in at the console without it"
            ),
        ),
        ExitCode::Done if proven == 0 => Finding::warn(
            CHECK,
            told!("no service asks for the face"),
            told!("see: fpass-enroll pam enable"),
        ),
        ExitCode::Done => Finding::ok(
            CHECK,
            told!("{proven} services ask for the face, all of them proven", proven = proven,),
        ),
        _ => {
            Finding::warn(CHECK, told!("a service could not be judged"), DETAILS.wording(spoken()))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::doctor::Severity;

    const FACE: &str = "auth [success=ok ignore=ignore default=die] pam_fpass.so";
    const PASSWORD: &str = "auth requisite pam_unix.so";

    /// What is found where one service has these lines.
    fn of(lines: &[&str]) -> (Severity, String) {
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
        let finding = judge(&StackReport::of(&stacks::open(root).unwrap(), &[]));
        (finding.state, finding.found)
    }

    #[test]
    fn each_row() {
        let with_codes = format!("{FACE} recovery");
        for (lines, state) in [
            (&[PASSWORD][..], Severity::Warn),
            (&[PASSWORD, FACE], Severity::Fail),
            (&[PASSWORD, &with_codes], Severity::Ok),
            (&["auth sufficient pam_unix.so", &with_codes], Severity::Fail),
            (&[PASSWORD, "auth optional pam_fpass.so recovery"], Severity::Fail),
            (&[PASSWORD, "@include absent", &with_codes], Severity::Warn),
        ] {
            let (found, said) = of(lines);
            assert_eq!(found, state, "{lines:?}: {said}");
        }
    }
}
