//! Liveness by a head turn: did a solid head turn in front of the camera, or a picture of one?
//!
//! A neutral frame of an upright, frontal face is compared with every later frame. A picture that
//! is moved, tilted or bent shifts its points by nearly a quadratic of their place in the face. A
//! head that turns also shifts them in proportion to their depth. [`HeadFit`] fits both at once,
//! and the coefficient of the depth tells them apart. The turn of the five landmarks ([`HeadPose`])
//! is the second witness, and the embedding of the turned face the third.
//!
//! ```text
//! Landmarks5 → Placement, HeadPose → NeutralSearch → neutral frame
//! RgbView, Landmarks5 → HeadFit → DepthFit ┐
//!                       Landmarks5         ┴→ MeasuredFace → TurnJudge → PromptOutcome → Challenge
//! ```
//!
//! [`LivenessAttempt`] runs these stages for one attempt, frame by frame.
//!
//! [`InfraredJudge`] is another check, without a turn, for infra-red cameras.
//!
//! Nothing here has a clock or a source of random numbers: the caller gives the times and chooses
//! the prompts. Every doubt denies. A screen that shows a turning head passes
//! (`docs/adr/0055-liveness-by-a-head-turn.md`).

mod attempt;
mod blurred_face;
mod challenge;
mod contrast;
mod decide;
mod depth_template;
mod fit;
mod head_pose;
mod infrared;
mod neutral;
mod normal_equations;
mod patch;
mod placement;
mod prompt;
mod warp;

pub use attempt::{
    AttemptStep, FrameIdentity, FrameNeed, LivenessAttempt, LivenessDemand, NextPrompt,
};
pub use challenge::{Challenge, LivenessFailure, NextStep};
pub use decide::{FrameSight, Interruption, MeasuredFace, PromptOutcome, TurnJudge, TurnRule};
pub use depth_template::DepthTemplate;
pub use fit::{DepthFit, HeadFit};
pub use head_pose::HeadPose;
pub use infrared::{EmitterLight, InfraredJudge, InfraredOutcome};
pub use neutral::{NeutralIssue, NeutralSearch, NeutralState};
pub use placement::Placement;
pub use prompt::Prompt;

#[cfg(test)]
mod scene;
