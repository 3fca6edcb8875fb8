//! What an attempt decided.

use fpass_face::Features;
use fpass_proto::Verdict;

/// The result of one attempt.
#[derive(Debug, PartialEq)]
pub(crate) struct Decision {
    /// Whether the person is the user.
    pub(crate) verdict: Verdict,
    /// Whether a picture or another person was probably in front of the camera.
    pub(crate) is_suspicious: bool,
    /// Features of the last agreeing frame of a match, if the policy asks for them and the frame
    /// shows the face upright.
    pub(crate) probe: Option<Features>,
}
