//! Whether the daemon runs in the sandbox of its unit, by `/proc`.

use std::fs;

use fpass_language::{Sentence, sentence};

use super::Finding;
use super::services::Services;
use crate::language::{spoken, told};

const CHECK: &str = "sandbox";
const REMEDY: Sentence =
    sentence!("start fpassd with systemctl and the shipped unit; see: systemctl cat fpassd");
/// Required lines of /proc/PID/status.
const WANTED: [(&str, &str); 3] =
    [("NoNewPrivs", "1"), ("Seccomp", "2"), ("CapEff", "0000000000000000")];

pub(super) fn check(services: &Services) -> Finding {
    let Ok(present) = &services.daemon else { return Finding::unasked(CHECK) };
    match fs::read_to_string(format!("/proc/{}/status", present.process)) {
        Ok(text) => judge(&text),
        Err(error) => {
            let found = told!("cannot read the process status of fpassd: {error}", error = error);
            Finding::warn(CHECK, found, told!("run this as root"))
        }
    }
}

fn judge(status: &str) -> Finding {
    let value = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.map(str::trim)
    };
    let odd: Vec<String> = WANTED
        .iter()
        .filter(|(name, wanted)| value(name) != Some(wanted))
        .map(|(name, _)| format!("{name} {}", value(name).unwrap_or("unknown")))
        .collect();
    if odd.is_empty() {
        return Finding::ok(
            CHECK,
            told!("no new privileges, no capability, system calls filtered"),
        );
    }
    let found = told!("fpassd runs outside its sandbox: {odd}", odd = odd.join(", "));
    let remedy = REMEDY.wording(spoken());
    if value("CapEff").is_some_and(|mask| mask != "0000000000000000") {
        Finding::fail(CHECK, found, remedy)
    } else {
        Finding::warn(CHECK, found, remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Severity;

    #[test]
    fn each_line_counts_and_a_missing_one_warns() {
        let whole = "Name:\tfpassd\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n";
        assert_eq!(judge(whole).state, Severity::Ok);
        for (line, instead, state) in [
            ("NoNewPrivs:\t1", "NoNewPrivs:\t0", Severity::Warn),
            ("NoNewPrivs:\t1", "", Severity::Warn),
            ("Seccomp:\t2", "Seccomp:\t0", Severity::Warn),
            ("CapEff:\t0000000000000000", "CapEff:\t000001ffffffffff", Severity::Fail),
        ] {
            let finding = judge(&whole.replace(line, instead));
            assert_eq!(finding.state, state, "{finding:?}");
        }
    }
}
