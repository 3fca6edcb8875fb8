//! What to tell the person about a face that cannot be used yet.

use fpass_face::{QualityIssue, liveness::NeutralIssue};
use fpass_proto::Guidance;

use crate::{decide::FrameResult, upright};

/// The guidance for a flaw.
pub(crate) fn flaw_guidance(flaw: QualityIssue) -> Guidance {
    match flaw {
        QualityIssue::TooSmall => Guidance::ComeCloser,
        QualityIssue::TooLarge => Guidance::MoveBack,
        QualityIssue::CutOff => Guidance::MoveToCentre,
        QualityIssue::TooDark => Guidance::TooDark,
        QualityIssue::TooBright => Guidance::TooBright,
        QualityIssue::OffPose { .. } => Guidance::LookStraight,
        QualityIssue::Blurred => Guidance::HoldStill,
    }
}

/// The hint about what a frame shows.
pub(crate) fn result_guidance(result: FrameResult) -> Guidance {
    match result {
        FrameResult::Nobody => Guidance::NoFace,
        FrameResult::Dark => Guidance::TooDark,
        FrameResult::Several => Guidance::TwoFaces,
        FrameResult::Flawed(flaw) => flaw_guidance(flaw),
        FrameResult::Turned(turn) => upright::guidance(turn),
        FrameResult::NotNeutral(issue) => issue_guidance(issue),
        FrameResult::Doubtful => Guidance::LookStraight,
        FrameResult::Seen | FrameResult::Compared(_) => Guidance::HoldStill,
    }
}

/// The hint about a face that is not neutral.
pub(crate) fn issue_guidance(issue: NeutralIssue) -> Guidance {
    match issue {
        NeutralIssue::NotOneFace => Guidance::NoFace,
        NeutralIssue::TooSmall => Guidance::ComeCloser,
        NeutralIssue::NearBorder => Guidance::MoveToCentre,
        NeutralIssue::Uncertain
        | NeutralIssue::Turned
        | NeutralIssue::Tilted
        | NeutralIssue::Nodded => Guidance::LookStraight,
        NeutralIssue::Moving => Guidance::HoldStill,
    }
}
