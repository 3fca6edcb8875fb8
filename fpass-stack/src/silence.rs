//! Lines of F-pass that do not tell the user what is asked in front of the camera.

use fpass_proto::{PamArguments, ServiceName};

use crate::arguments;
use crate::daemon_config::section;
use crate::face_check::{is_face_check, is_ours};
use crate::file::Facility;
use crate::finding::{Finding, Problem};
use crate::root::Files;
use crate::stack::{Step, StepKind};

/// The section about the liveness check.
const SECTION: &str = "liveness";
/// The modes that ask for no turn.
const WITHOUT_TURN: [&str; 2] = ["off", "infra-red"];

/// Whether the daemon asks for a turn of the head at attempts of a service. It does unless its
/// configuration can be read and says otherwise.
pub(crate) fn asks_for_turn(files: &dyn Files, service: &str) -> bool {
    let Ok(sections) = section(files, SECTION) else { return true };
    let merged: toml::Table = sections.into_iter().flat_map(|(_, keys)| keys).collect();
    let services = merged.get("services").and_then(toml::Value::as_table);
    let mode = services.and_then(|services| services.get(service)).or_else(|| merged.get("mode"));
    mode.and_then(toml::Value::as_str).is_none_or(|mode| !WITHOUT_TURN.contains(&mode))
}

/// Remarks about the lines of a facility that keep something from the user.
pub(crate) fn findings(
    service: &str,
    facility: Facility,
    steps: &[Step],
    asks_for_turn: bool,
) -> Vec<Finding> {
    let is_silent = ServiceName::parse(service).is_ok_and(|name| name.asks_for_silence());
    let problem = |arguments: &PamArguments| {
        if arguments.quiet {
            asks_for_turn.then_some(Problem::UntoldTurn)
        } else {
            (is_silent && !arguments.announce).then_some(Problem::Silenced)
        }
    };
    let found = |step: &Step| {
        let talks = match facility {
            Facility::Auth => is_face_check(step),
            Facility::Password => is_ours(step),
            Facility::Account | Facility::Session => false,
        };
        let StepKind::Module { arguments, .. } = &step.kind else { return None };
        let arguments = arguments::read(facility, arguments).ok().filter(|_| talks)?;
        let origin = Some(step.origin.clone());
        let problem = problem(&arguments)?;
        Some(Finding { problem, origin, facility: Some(facility), tolerated: true })
    };
    steps.iter().filter_map(found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::{Verdict, judge};
    use crate::resolve::resolve;
    use crate::root::Memory;

    const MAIN: &str = "/etc/fpass/fpassd.toml";

    fn machine(service: &str, words: &str, config: &str) -> Memory {
        let mut files = Memory::default();
        let stack = format!("auth requisite pam_unix.so\nauth required pam_fpass.so {words}\n");
        files.files.insert(MAIN.into(), config.to_owned());
        files.with(service, &stack).with("other", "auth required pam_deny.so\n")
    }

    /// What is remarked about a service whose line has these words.
    fn remarks(service: &str, words: &str, config: &str) -> Vec<Problem> {
        let judgement = judge(&resolve(&machine(service, words, config), service));
        assert_eq!(judgement.verdict, Verdict::Proven, "{service} {words}: {judgement:?}");
        judgement.remarks.into_iter().map(|finding| finding.problem).collect()
    }

    #[test]
    fn a_line_that_keeps_the_prompt_or_the_reasons_from_the_user_is_remarked_on() {
        let off = "[liveness]\nmode = \"off\"\n";
        let off_here = "[liveness]\nmode = \"turn\"\nservices = { login = \"off\" }\n";
        let on_here = "[liveness]\nmode = \"off\"\n[liveness.services]\nlogin = \"strict\"\n";
        for (service, words, config, expected) in [
            ("login", "", "", &[][..]),
            ("login", "quiet", "", &[Problem::UntoldTurn]),
            ("login", "quiet", off, &[]),
            ("login", "quiet", off_here, &[]),
            ("login", "quiet", "[liveness]\nmode = \"infra-red\"\n", &[]),
            ("login", "quiet", on_here, &[Problem::UntoldTurn]),
            ("su", "quiet", off_here, &[Problem::UntoldTurn]),
            ("sudo", "", "", &[Problem::Silenced]),
            ("sudo", "", off, &[Problem::Silenced]),
            ("sudo-i", "nullok", "", &[Problem::Silenced]),
            ("sudo", "announce", "", &[]),
            ("sudo", "quiet", "", &[Problem::UntoldTurn]),
            ("sudo", "quiet", off, &[]),
        ] {
            assert_eq!(remarks(service, words, config), expected, "{service} {words} {config}");
        }
    }

    #[test]
    fn a_later_file_overrides_the_modes() {
        let mut files = machine("login", "quiet", "[liveness]\nmode = \"off\"\n");
        assert!(!asks_for_turn(&files, "login"));
        let drop_in = "[liveness]\nmode = \"turn\"\n".to_owned();
        files.files.insert("/etc/fpass/fpassd.toml.d/10-a.toml".into(), drop_in);
        assert!(asks_for_turn(&files, "login"));
        files.files.insert(MAIN.into(), "[liveness".to_owned());
        assert!(asks_for_turn(&files, "login"), "nothing is known");
    }
}
