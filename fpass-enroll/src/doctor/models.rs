//! The face models against the hashes built into `fpass-models`.

use std::io;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use fpass_terminal::Printable;
use tokio::process::Command;
use tokio::time::timeout;

use super::Finding;
use crate::language::told;
use crate::programs;

const CHECK: &str = "models";
/// Longest wait for the check, which reads some 60 MB.
const ANSWER: Duration = Duration::from_secs(60);

pub(super) async fn check(directory: &Path) -> Finding {
    let verify = async {
        Command::new(programs::path(programs::MODELS)?)
            .args(["verify", "--directory"])
            .arg(directory)
            .env_clear()
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
    };
    match timeout(ANSWER, verify).await {
        Ok(result) => judge(directory, result),
        Err(_) => Finding::warn(
            CHECK,
            told!("{command} hangs", command = "fpass-models verify"),
            told!("run it by hand"),
        ),
    }
}

fn judge(directory: &Path, result: io::Result<Output>) -> Finding {
    match result {
        Ok(output) if output.status.success() => {
            let found =
                told!("complete and unaltered in {directory}", directory = directory.display(),);
            Finding::ok(CHECK, found)
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.trim().trim_start_matches("fpass-models: ");
            let line = said.lines().next().map(|line| Printable(line).to_string());
            let found =
                line.unwrap_or_else(|| told!("fpass-models did not say what is wrong").into());
            Finding::fail(
                CHECK,
                found,
                told!("install the package fpass-models, or run: fpass-enroll models install"),
            )
        }
        Err(error) => {
            let found = told!(
                "{program} cannot be run: {error}",
                program = programs::MODELS,
                error = error,
            );
            Finding::fail(CHECK, found, told!("install the package fpass again"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::*;
    use crate::doctor::Severity;

    fn ended(code: i32, stderr: &str) -> io::Result<Output> {
        let status = ExitStatus::from_raw(code << 8);
        Ok(Output { status, stdout: Vec::new(), stderr: stderr.into() })
    }

    #[test]
    fn models_that_do_not_pass_are_a_failure_with_the_sentence_and_a_remedy() {
        let finding = judge(Path::new("/x"), ended(7, "fpass-models: x is missing\n"));
        assert_eq!((finding.state, &*finding.found), (Severity::Fail, "x is missing"));
        for remedy in ["the package fpass-models", "models install"] {
            assert!(finding.remedy.contains(remedy), "{finding:?}");
        }
        assert_eq!(judge(Path::new("/x"), ended(7, "")).state, Severity::Fail);
        assert_eq!(judge(Path::new("/x"), ended(0, "")).state, Severity::Ok);
    }

    #[test]
    fn a_check_that_cannot_be_made_is_a_failure() {
        let finding = judge(Path::new("/x"), Err(io::ErrorKind::NotFound.into()));
        assert_eq!(finding.state, Severity::Fail);
        assert!(finding.remedy.contains("package"), "{finding:?}");
    }
}
