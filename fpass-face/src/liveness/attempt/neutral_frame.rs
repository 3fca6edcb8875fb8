//! The neutral frame with which the frames of a turn are compared.

use std::time::Duration;

use super::FrameIdentity;
use crate::embedder::Embedding;
use crate::liveness::decide::TurnJudge;
use crate::liveness::prompt::Prompt;

/// A newer neutral frame replaces one of this age, no matter whom it shows: when a prompt ends must
/// not tell whether a picture shows the expected person.
const REARMED_AFTER: Duration = Duration::from_millis(300);

/// Smallest cosine by which a neutral frame that does not match shows the same face as one before
/// it that did: the frames are some 300 ms apart, and the face is neutral in both.
const SAME_FACE_MIN: f32 = 0.80;

/// The neutral frame of a prompt.
pub(super) struct NeutralFrame {
    pub(super) judge: TurnJudge,
    pub(super) time: Duration,
    pub(super) embedding: Embedding,
    /// Whether further frames would not change that.
    pub(super) is_settled: bool,
    /// The last neutral frame that matched, of which this one may show the same face.
    matched: Option<Embedding>,
    /// How many neutral frames of the prompt it replaced.
    replaced: u32,
}

impl NeutralFrame {
    /// Whether it shows the expected person.
    pub(super) fn is_expected(&self) -> bool {
        self.matched.is_some()
    }

    /// Whether a newer neutral frame at `time` replaces it. A head that must keep still is compared
    /// with one frame; the first one may be too early to show whose it is.
    pub(super) fn is_due(&self, time: Duration, prompt: Prompt) -> bool {
        let is_old = time.saturating_sub(self.time) >= REARMED_AFTER;
        is_old && (prompt != Prompt::Still || self.replaced == 0)
    }

    /// The neutral frame that follows `old`: its face has this embedding and this identity.
    pub(super) fn after(
        old: Option<Self>,
        judge: TurnJudge,
        time: Duration,
        embedding: &Embedding,
        identity: &FrameIdentity<'_>,
    ) -> Self {
        let (matched, replaced) = match old {
            Some(old) => (old.matched, old.replaced.saturating_add(1)),
            None => (None, 0),
        };
        let matched = if identity.is_expected {
            Some(embedding.clone())
        } else {
            // Not after a verdict about the person that further frames do not change.
            let is_same = |old: &Embedding| old.cosine(embedding) >= SAME_FACE_MIN;
            matched.filter(|old| !identity.is_settled && is_same(old))
        };
        Self {
            judge,
            time,
            embedding: embedding.clone(),
            is_settled: identity.is_settled,
            matched,
            replaced,
        }
    }
}
