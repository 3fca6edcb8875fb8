//! The face models against the hashes built into this program.

use std::path::Path;

use fpass_face::Manifest;

use super::Finding;

const CHECK: &str = "models";

pub(super) fn check(directory: &Path) -> Finding {
    match Manifest::embedded().and_then(|manifest| manifest.verify(directory).map(drop)) {
        Ok(()) => {
            let found = format!("complete and unaltered in {}", directory.display());
            Finding::ok(CHECK, found)
        }
        Err(error) => Finding::fail(CHECK, error.to_string(), "run: fpass-enroll models install"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    #[test]
    fn models_that_are_not_there_are_a_failure_with_a_remedy() {
        let directory = tempfile::tempdir().unwrap();
        let finding = check(directory.path());
        assert_eq!(finding.state, State::Fail);
        assert!(finding.remedy.contains("models install"), "{finding:?}");
    }
}
