//! What a match rests on. It is worth nothing for anything else.
//!
//! The uid, the camera and the templates are those with which the engine was called, and the answer
//! goes to the one call that waits for it. The models cannot change while the daemon runs.

use std::sync::Arc;

use fpass_proto::{Refusal, Uid};

use crate::{cancel::CancelFlag, config::Config, service::Service};

/// What the engine was called with.
pub(crate) struct MatchBasis {
    /// For whom.
    pub(crate) uid: Uid,
    /// Generation of the record whose templates were compared with.
    pub(crate) generation: u64,
    /// Settings that named the camera and the thresholds.
    pub(crate) config: Arc<Config>,
    /// The call that waits for the answer.
    pub(crate) cancel: CancelFlag,
}

impl MatchBasis {
    /// Whether everything is still as it was. A match on other grounds is a cancelled attempt.
    pub(crate) async fn recheck(&self, service: &Service) -> Result<(), Refusal> {
        service.unchanged(self.uid, self.generation).await?;
        if self.cancel.is_raised() || !judges_alike(&self.config, &service.config()) {
            return Err(Refusal::Cancelled);
        }
        Ok(())
    }
}

/// Whether two configurations name the same camera and judge what it shows by the same rule.
fn judges_alike(one: &Config, other: &Config) -> bool {
    one.camera == other.camera
        && one.recognition == other.recognition
        && one.verification == other.verification
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
    fn another_camera_or_another_rule_is_another_ground_and_the_rest_is_not() {
        let before = config("");
        for text in [
            "[camera]\ndevice = \"/dev/video7\"\n",
            "[camera]\nsource = \"recorded\"\npath = \"/clip.y4m\"\n",
            "[recognition]\nfalse_match_rate = 1e-4\n",
            "[verification]\nagreeing_frames = 3\n",
            "[adaptation]\nenabled = true\n",
        ] {
            assert!(!judges_alike(&before, &config(text)), "{text}");
        }
        assert!(judges_alike(&before, &config("[enrolment]\nframes = 6\n")));
        assert!(judges_alike(&before, &before.clone()));
    }
}
