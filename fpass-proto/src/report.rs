//! What the daemon tells about templates, cameras and itself. Nothing biometric is among it.

use std::fmt;

use serde::{Deserialize, Serialize};
use zbus::wire::Type;

/// One template of a user, as listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TemplateReport {
    /// Name that the user gave it.
    pub label: String,
    /// Time of enrolment in seconds since the Unix epoch.
    pub created: u64,
    /// Number of enrolled samples it holds.
    pub samples: u32,
    /// Number of samples that logins added.
    pub adapted: u32,
}

/// How surely the user is recognised at the camera: counts of frames, and no score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct QualifyReport {
    /// Frames whose face was compared.
    pub judged: u32,
    /// Those among them that match at the configured rate.
    pub matching: u32,
    /// Those among them that match at a rate a hundred times smaller, but at least one in a million.
    pub strictly_matching: u32,
    /// Frames in which nothing could be compared.
    pub flawed: u32,
    /// What most often kept a frame from being compared, as a [`Guidance`](crate::Guidance) word;
    /// empty when nothing did.
    pub flaw: String,
    /// A [`Strength`](crate::Strength) word.
    pub strength: String,
}

/// One capture device, usable or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CameraReport {
    /// Device path or, for a recorded camera, the path of the recording.
    pub id: String,
    /// Name that the driver gives.
    pub name: String,
    /// Whether an attempt would use it.
    pub usable: bool,
    /// Formats when usable, otherwise the reason why not.
    pub detail: String,
}

/// How the camera does, whoever is before it: nothing biometric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct CameraCheckReport {
    /// Frames that came within a second and a half.
    pub frames: u32,
    /// Their mean luma, 0 to 255.
    pub brightness: f64,
    /// Frames per second; 0 when there was only one.
    pub frame_rate: f64,
}

/// State of the daemon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct MachineStatus {
    /// Version of `fpassd`.
    pub version: String,
    /// Recogniser in use.
    pub recogniser: String,
    /// Camera that the configuration names.
    pub camera: String,
    /// Median time of one embedding in milliseconds, measured when the daemon started.
    pub embedding_ms: f64,
    /// Remedy when the network is slow, otherwise empty.
    pub advice: String,
    /// Where the key of the templates is: `credential` or `file`.
    pub key: String,
    /// Whether the daemon's memory can be swapped out: `locked` or `swappable`.
    pub memory: String,
}

/// How one kind of a user's attempts stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CounterReport {
    /// Failures in a row, attempts under way among them.
    pub failures: u32,
    /// Seconds for which no attempt may be made; 0 when one may be made now, and when `disabled`.
    pub wait_s: u32,
    /// Whether no attempt may be made until an administrator unlocks.
    pub disabled: bool,
}

/// How the attempts of a user stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AttemptsReport {
    /// Logins.
    pub logins: CounterReport,
    /// What the user tries without logging in.
    pub self_tests: CounterReport,
    /// Recovery codes that were typed.
    pub recoveries: CounterReport,
}

/// Whether a user has an F-pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnrolmentState {
    /// No template has ever been stored for this user.
    NeverEnrolled,
    /// At least one template is stored.
    Enrolled,
    /// Templates were stored and have been removed.
    Removed,
}

impl EnrolmentState {
    /// The word that crosses the bus.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NeverEnrolled => "never-enrolled",
            Self::Enrolled => "enrolled",
            Self::Removed => "removed",
        }
    }

    /// Reads the word from the bus.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::NeverEnrolled, Self::Enrolled, Self::Removed]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

impl fmt::Display for EnrolmentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
