//! Whether the linear algebra library is fast.

use fpass_proto::MachineStatus;
use fpass_terminal::Printable;

use super::Finding;
use super::services::Services;
use crate::language::told;

const CHECK: &str = "speed";

pub(super) fn check(services: &Services) -> Finding {
    let present = services.daemon.as_ref().ok();
    present.map_or_else(|| Finding::unasked(CHECK), |present| judge(&present.status))
}

fn judge(status: &MachineStatus) -> Finding {
    let found = told!(
        "{speed} ms for one face, measured when fpassd started",
        speed = format_args!("{:.0}", status.embedding_ms),
    );
    if !status.embedding_ms.is_finite() {
        Finding::warn(CHECK, found, told!("restart fpassd to measure again"))
    } else if status.advice.is_empty() {
        Finding::ok(CHECK, found)
    } else {
        Finding::warn(CHECK, found, Printable(&status.advice).to_string())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::doctor::Severity;

    pub(in crate::doctor) fn status() -> MachineStatus {
        MachineStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            recogniser: "fused".to_owned(),
            camera: "x".to_owned(),
            embedding_ms: 15.0,
            advice: String::new(),
            key: "file".to_owned(),
            memory: "locked".to_owned(),
            liveness: "turn".to_owned(),
        }
    }

    #[test]
    fn advice_is_a_warning_and_the_remedy() {
        let slow = MachineStatus { advice: "install it".to_owned(), ..status() };
        let finding = judge(&slow);
        assert_eq!((finding.state, finding.remedy.as_str()), (Severity::Warn, "install it"));
        let silly = MachineStatus { embedding_ms: f64::NAN, ..status() };
        assert_eq!(judge(&silly).state, Severity::Warn);
        assert_eq!(judge(&status()).state, Severity::Ok);
    }
}
