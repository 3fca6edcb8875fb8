//! Reports of the daemon about templates, cameras and itself. They hold nothing biometric.

use std::fmt;

use serde::{Deserialize, Serialize};
use zbus::wire::{OwnedFd, Type};

/// One template of a user, as listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TemplateReport {
    /// Its label.
    pub label: String,
    /// Time of enrolment in seconds since the Unix epoch.
    pub created: u64,
    /// Number of enrolled samples it holds.
    pub samples: u32,
    /// Number of samples that logins added.
    pub adapted: u32,
}

/// How reliably the user is recognised: counts of frames, without scores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct QualifyReport {
    /// Frames whose face was compared.
    pub judged: u32,
    /// Compared frames that match at the configured false match rate.
    pub matching: u32,
    /// Compared frames that match at a rate a hundred times smaller, but at least one in a million.
    pub strictly_matching: u32,
    /// Frames in which no face could be compared.
    pub flawed: u32,
    /// The most frequent reason, as a [`Guidance`](crate::Guidance) word; empty when there was
    /// none.
    pub flaw: String,
    /// A [`Strength`](crate::Strength) word.
    pub strength: String,
    /// How far the templates are from other people, in per cent of what a new template needs. It
    /// depends on the templates alone.
    pub separation: u32,
}

/// The picture that an enrolling person sees of themselves. It is not mirrored.
#[derive(Debug, Serialize, Deserialize, Type)]
pub struct PictureReport {
    /// A sealed file in memory: RGB8, rows from top to bottom without padding.
    pub pixels: OwnedFd,
    /// Pixels in a row, at most [`PICTURE_WIDTH_MAX`](crate::limits::PICTURE_WIDTH_MAX).
    pub width: u32,
    /// Rows, at most [`PICTURE_HEIGHT_MAX`](crate::limits::PICTURE_HEIGHT_MAX).
    pub height: u32,
    /// Left, top, width and height of the face, in pixels of the picture; zeros without one face.
    pub face: (u32, u32, u32, u32),
}

/// One capture device, usable or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CameraReport {
    /// Device path or, for a recorded camera, the path of the recording.
    pub id: String,
    /// Name from the driver.
    pub name: String,
    /// Whether an attempt would use it.
    pub usable: bool,
    /// Its formats if it is usable, otherwise the reason why not.
    pub detail: String,
}

/// A check of the camera itself, without recognition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct CameraCheckReport {
    /// Frames that arrived within 1.5 s.
    pub frames: u32,
    /// Their mean luma, 0 to 255.
    pub brightness: f64,
    /// Frames per second; 0 if there was only one.
    pub frame_rate: f64,
}

/// State of the daemon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct MachineStatus {
    /// Version of `fpassd`.
    pub version: String,
    /// Recogniser in use.
    pub recogniser: String,
    /// Camera named in the configuration.
    pub camera: String,
    /// Median time of one embedding in milliseconds, measured when the daemon started.
    pub embedding_ms: f64,
    /// Advice when the network is slow, otherwise empty.
    pub advice: String,
    /// Source of the templates' key: `credential` or `file`.
    pub key: String,
    /// Whether the daemon's memory can be swapped out: `locked` or `swappable`.
    pub memory: String,
    /// The mode of the liveness check, `turn`, `strict`, `infra-red` or `off`; in brackets
    /// after it services with another one; after a comma how long a turn is remembered.
    pub liveness: String,
}

/// The failure counter for one kind of a user's attempts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CounterReport {
    /// Failures in a row, including attempts that are running.
    pub failures: u32,
    /// Seconds until the next attempt is allowed; 0 if it is allowed now, and if `disabled`.
    pub wait_s: u32,
    /// Whether attempts are locked until an administrator unlocks them.
    pub disabled: bool,
}

/// The failure counters of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AttemptsReport {
    /// Logins.
    pub logins: CounterReport,
    /// Self-tests.
    pub self_tests: CounterReport,
    /// Recovery codes at logins.
    pub recoveries: CounterReport,
    /// Attempts at a lock screen that runs as its user.
    pub lock_screen: CounterReport,
    /// Recovery codes at such a lock screen.
    pub lock_screen_recoveries: CounterReport,
}

/// One of a user's last attempts, or several in a row that ended in the same way. Without scores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PastAttempt {
    /// When the last of them ended, in seconds since the Unix epoch.
    pub ended: u64,
    /// PAM service; empty for a self-test.
    pub service: String,
    /// A [`Verdict`](crate::Verdict) word, or the D-Bus error name of a
    /// [`Refusal`](crate::Refusal).
    pub result: String,
    /// How many they are.
    pub count: u32,
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
