//! The inputs of a match, re-checked before the verdict is returned.
//!
//! Uid, camera and templates are those that the engine was called with, and the answer goes only to
//! the call that waits for it. The models cannot change while the daemon runs.

use std::sync::Arc;

use fpass_proto::{Refusal, Uid};

use crate::{cancel::CancelFlag, config::Config, service::Service};

/// The inputs of a match.
pub(crate) struct MatchBasis {
    /// User to be verified.
    pub(crate) uid: Uid,
    /// Generation of the record with the compared templates.
    pub(crate) generation: u64,
    /// Configuration with the camera and the thresholds.
    pub(crate) config: Arc<Config>,
    /// The call that waits for the answer.
    pub(crate) cancel: CancelFlag,
}

impl MatchBasis {
    /// Checks that no input has changed.
    ///
    /// # Errors
    /// [`Refusal::Cancelled`] if one has.
    pub(crate) async fn recheck(&self, service: &Service) -> Result<(), Refusal> {
        service.unchanged(self.uid, self.generation).await?;
        if self.cancel.is_raised() || !is_same_decision(&self.config, &service.config()) {
            return Err(Refusal::Cancelled);
        }
        Ok(())
    }
}

/// Whether two configurations use the same camera, recognition, decision, liveness check and
/// adaptation.
fn is_same_decision(one: &Config, other: &Config) -> bool {
    one.camera == other.camera
        && one.recognition == other.recognition
        && one.verification == other.verification
        && one.liveness == other.liveness
        && one.adaptation == other.adaptation
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn config(text: &str) -> Config {
        Config::parse(text, Path::new("fpassd.toml")).unwrap()
    }

    #[test]
    fn only_what_decides_a_match_invalidates_it() {
        let before = config("");
        for text in [
            "[camera]\ndevice = \"/dev/video7\"\n",
            "[camera]\nsource = \"recorded\"\npath = \"/clip.y4m\"\n",
            "[recognition]\nfalse_match_rate = 1e-4\n",
            "[verification]\nagreeing_frames = 3\n",
            "[liveness]\nmode = \"strict\"\n",
            "[liveness.services]\nsudo = \"off\"\n",
            "[adaptation]\nenabled = true\n",
        ] {
            assert!(!is_same_decision(&before, &config(text)), "{text}");
        }
        assert!(is_same_decision(&before, &config("[enrolment]\nframes = 6\n")));
        assert!(is_same_decision(&before, &before.clone()));
    }
}
