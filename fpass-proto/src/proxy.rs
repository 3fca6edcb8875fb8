//! Client proxies, one per interface of the daemon's single object.
//!
//! No proxy has a default service: a client first learns which connection owns
//! [`BUS_NAME`](crate::names::BUS_NAME), checks whose it is, and then talks to that unique name.

use zbus::proxy;

use crate::report::{
    AttemptsReport, CameraCheckReport, CameraReport, MachineStatus, QualifyReport, TemplateReport,
};

/// Asks whether a user is in front of the camera.
#[proxy(
    interface = "org.fpass.Fpass1.Verification",
    default_path = "/org/fpass/Fpass1",
    assume_defaults = false
)]
pub trait Verification {
    /// Compares the person in front of the camera with the templates of `uid`.
    ///
    /// `user` is the name that the caller resolved to `uid`; the daemon resolves it again and
    /// refuses a mismatch. `service` and `tty` may be empty. `timeout_ms` bounds the attempt.
    /// The answer is a [`Verdict`](crate::Verdict) word; every other end is an error whose name
    /// is a [`Refusal`](crate::Refusal).
    fn verify(
        &self,
        uid: u32,
        user: &str,
        service: &str,
        tty: &str,
        timeout_ms: u32,
    ) -> zbus::Result<String>;

    /// Measures for a few seconds how surely the person in front of the camera is recognised as `uid`.
    ///
    /// Arguments and errors are those of `Verify`. It is a self-test: nobody is let in by it.
    fn qualify(&self, uid: u32, user: &str, timeout_ms: u32) -> zbus::Result<QualifyReport>;

    /// Starts the camera ahead of an expected attempt for `uid`. Never judges.
    fn prewarm(&self, uid: u32) -> zbus::Result<()>;

    /// Ends every attempt and enrolment that this connection started.
    fn cancel(&self) -> zbus::Result<()>;
}

/// Creates and maintains templates.
///
/// Every call lets polkit ask for a password, so that it may last for
/// [`AUTHENTICATION_MAX`](crate::limits::AUTHENTICATION_MAX) longer than its work.
#[proxy(
    interface = "org.fpass.Fpass1.Enrolment",
    default_path = "/org/fpass/Fpass1",
    assume_defaults = false
)]
pub trait Enrolment {
    /// Starts an enrolment and returns its request id, with which its signals are marked.
    #[zbus(allow_interactive_auth)]
    fn enroll_start(&self, uid: u32, user: &str, label: &str) -> zbus::Result<u32>;

    /// The templates of a user.
    #[zbus(allow_interactive_auth)]
    fn list(&self, uid: u32) -> zbus::Result<Vec<TemplateReport>>;

    /// Whether a user has an F-pass: an [`EnrolmentState`](crate::EnrolmentState) word.
    #[zbus(allow_interactive_auth)]
    fn state(&self, uid: u32) -> zbus::Result<String>;

    /// Gives a template another label.
    #[zbus(allow_interactive_auth)]
    fn rename(&self, uid: u32, label: &str, new_label: &str) -> zbus::Result<()>;

    /// Removes one template. The last one leaves a tombstone.
    #[zbus(allow_interactive_auth)]
    fn remove(&self, uid: u32, label: &str) -> zbus::Result<()>;

    /// Removes every template and leaves a tombstone.
    #[zbus(allow_interactive_auth)]
    fn clear(&self, uid: u32) -> zbus::Result<()>;

    /// Drops every sample that logins added to the user's templates; the enrolled ones stay.
    #[zbus(allow_interactive_auth)]
    fn reset_adaptation(&self, uid: u32) -> zbus::Result<()>;

    /// A frame was looked at: `taken` of `wanted` frames are stored, `guidance` is a
    /// [`Guidance`](crate::Guidance) word. Sent to the caller of `EnrollStart` alone.
    #[zbus(signal)]
    fn enroll_progress(&self, request: u32, taken: u32, wanted: u32, guidance: &str);

    /// The enrolment ended: `result` is `enrolled` or the D-Bus error name of a
    /// [`Refusal`](crate::Refusal). `strength` is a [`Strength`](crate::Strength) word, and empty
    /// when nothing was enrolled. Sent to the caller of `EnrollStart` alone.
    #[zbus(signal)]
    fn enroll_finished(&self, request: u32, result: &str, strength: &str);
}

/// Recovery codes: another way in for whom the camera cannot judge.
#[proxy(
    interface = "org.fpass.Fpass1.Recovery",
    default_path = "/org/fpass/Fpass1",
    assume_defaults = false
)]
pub trait Recovery {
    /// Uses up a recovery code of `uid`, for root alone. Only an answer without an error says that the
    /// code was right; it then is good no more. The other arguments are those of `Verify`.
    fn recover(
        &self,
        uid: u32,
        user: &str,
        service: &str,
        tty: &str,
        code: &str,
    ) -> zbus::Result<()>;

    /// How many codes of a user can still be used.
    #[zbus(allow_interactive_auth)]
    fn count(&self, uid: u32) -> zbus::Result<u32>;

    /// Makes new codes for a user who is enrolled, and returns them, this once. The old ones are void.
    #[zbus(allow_interactive_auth)]
    fn create_codes(&self, uid: u32, user: &str) -> zbus::Result<Vec<String>>;

    /// Makes every code of a user void.
    #[zbus(allow_interactive_auth)]
    fn remove_codes(&self, uid: u32) -> zbus::Result<()>;
}

/// What administrators do for others.
#[proxy(
    interface = "org.fpass.Fpass1.Administration",
    default_path = "/org/fpass/Fpass1",
    assume_defaults = false
)]
pub trait Administration {
    /// Removes whatever is stored for `uid`, its tombstone too: the user then counts as never
    /// enrolled. For root alone. The user need not exist any more.
    fn forget(&self, uid: u32) -> zbus::Result<()>;

    /// Sets up the first F-pass of `uid` for a login that asked for a verdict right before, and heard
    /// that there has never been one. For root alone.
    ///
    /// Arguments are those of `Verify`. Progress comes as `EnrollProgress` of
    /// [`EnrolmentProxy`]; the answer is a [`Strength`](crate::Strength) word.
    fn set_up(
        &self,
        uid: u32,
        user: &str,
        service: &str,
        tty: &str,
        timeout_ms: u32,
    ) -> zbus::Result<String>;

    /// Place and hash of the last record of the audit trail; the hash has 64 hexadecimal digits.
    /// For root alone.
    fn audit_head(&self) -> zbus::Result<(u64, String)>;
}

/// Carries templates between the machines of one owner. For root alone.
#[proxy(
    interface = "org.fpass.Fpass1.Fleet",
    default_path = "/org/fpass/Fpass1",
    assume_defaults = false
)]
pub trait Fleet {
    /// The text of this machine's [`MachineIdentity`](crate::MachineIdentity).
    fn identity(&self) -> zbus::Result<String>;

    /// The templates of `uid`, encrypted for the machine with the identity `recipient` and signed by
    /// this one: at most [`BUNDLE_MAX`](crate::limits::BUNDLE_MAX) bytes.
    fn export(&self, uid: u32, user: &str, recipient: &str) -> zbus::Result<Vec<u8>>;

    /// Takes templates that the machine with the identity `sender` made for this one, and returns the
    /// name of their user. Unless `replace`, the user must never have had an F-pass here.
    fn import(&self, sender: &str, bundle: &[u8], replace: bool) -> zbus::Result<String>;
}

/// State of the machine.
#[proxy(
    interface = "org.fpass.Fpass1.Machine",
    default_path = "/org/fpass/Fpass1",
    assume_defaults = false
)]
pub trait Machine {
    /// Every capture device with the reason for using or rejecting it.
    fn cameras(&self) -> zbus::Result<Vec<CameraReport>>;

    /// Version, recogniser, camera, speed, and how templates are protected.
    fn status(&self) -> zbus::Result<MachineStatus>;

    /// Looks at the camera's frames for a second and a half. For root alone.
    fn look(&self) -> zbus::Result<CameraCheckReport>;

    /// How the attempts of a user stand: failures in a row, and what they led to.
    #[zbus(allow_interactive_auth)]
    fn attempts(&self, uid: u32) -> zbus::Result<AttemptsReport>;

    /// Forgets the failed attempts of a user, so that the next ones may be made. For administrators.
    #[zbus(allow_interactive_auth)]
    fn unlock(&self, uid: u32) -> zbus::Result<()>;
}
