//! Client proxies, one per interface of the daemon's single object.
//!
//! No proxy has a default service. A client first looks up which connection owns
//! [`BUS_NAME`](crate::names::BUS_NAME), checks its account, and then calls that unique name.

use zbus::proxy;

use crate::report::{
    AttemptsReport, CameraCheckReport, CameraReport, MachineStatus, PastAttempt, PictureReport,
    QualifyReport, TemplateReport,
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
    /// The answer is a [`Verdict`](crate::Verdict) word; every other result is an error whose name
    /// is a [`Refusal`](crate::Refusal).
    fn verify(
        &self,
        uid: u32,
        user: &str,
        service: &str,
        tty: &str,
        timeout_ms: u32,
    ) -> zbus::Result<String>;

    /// Measures for a few seconds how surely the person in front of the camera is recognised as
    /// `uid`.
    ///
    /// Arguments and errors are those of `Verify`. It is a self-test and lets nobody in.
    fn qualify(&self, uid: u32, user: &str, timeout_ms: u32) -> zbus::Result<QualifyReport>;

    /// Starts the camera ahead of an expected attempt for `uid`. It judges nobody.
    fn prewarm(&self, uid: u32) -> zbus::Result<()>;

    /// Ends every attempt and enrolment that this connection started.
    fn cancel(&self) -> zbus::Result<()>;

    /// The person in front of the camera should do this now: `prompt` is a
    /// [`Prompt`](crate::Prompt) word.
    ///
    /// Sent only to the caller of `Verify`, `Qualify`, `EnrollStart`, `SetUp` and of every change
    /// to a record that needs the face, before its answer, and at most
    /// [`PROMPTS_MAX`](crate::limits::PROMPTS_MAX) times.
    #[zbus(signal)]
    fn prompted(&self, prompt: &str);

    /// The head has turned this far as the last prompt asked: `percent` is 0 to 100, in tens.
    ///
    /// For a bar. Sent to the same callers, at most
    /// [`TURN_SIGNALS_MAX`](crate::limits::TURN_SIGNALS_MAX) times.
    #[zbus(signal)]
    fn turned(&self, percent: u32);

    /// The camera sees this now: `seen` is a [`FaceFeedback`](crate::FaceFeedback) word. It tells
    /// nothing about the verdict.
    ///
    /// Sent only to the caller of `Verify` and `Qualify` and of every change to a record that needs
    /// the face, before its answer, when it changes, at most once in
    /// [`FEEDBACK_INTERVAL`](crate::limits::FEEDBACK_INTERVAL) and at most
    /// [`FEEDBACK_MAX`](crate::limits::FEEDBACK_MAX) times.
    #[zbus(signal)]
    fn face_feedback(&self, seen: &str);
}

/// Creates and maintains templates.
///
/// In every call polkit may ask for a password, so it may take
/// [`AUTHENTICATION_MAX`](crate::limits::AUTHENTICATION_MAX) longer than its work.
#[proxy(
    interface = "org.fpass.Fpass1.Enrolment",
    default_path = "/org/fpass/Fpass1",
    assume_defaults = false
)]
pub trait Enrolment {
    /// Starts an enrolment and returns its request id, which its signals carry.
    #[zbus(allow_interactive_auth)]
    fn enroll_start(&self, uid: u32, user: &str, label: &str) -> zbus::Result<u32>;

    /// Starts a preview of at most a minute and returns its request id. It shows pictures and
    /// hints, compares nobody and keeps nothing. Who may enrol the user may start it. Its hints
    /// come as `EnrollProgress` without frames, its end as `EnrollFinished`.
    #[zbus(allow_interactive_auth)]
    fn preview_start(&self, uid: u32, user: &str) -> zbus::Result<u32>;

    /// The next picture of an enrolment or a preview that this connection started. Waits at most a
    /// second for it, and refuses after the end.
    fn picture(&self, request: u32) -> zbus::Result<PictureReport>;

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

    /// Deletes the samples that logins added to the user's templates; the enrolled ones stay.
    #[zbus(allow_interactive_auth)]
    fn reset_adaptation(&self, uid: u32) -> zbus::Result<()>;

    /// A frame was examined: `taken` of `wanted` frames are kept, `guidance` is a
    /// [`Guidance`](crate::Guidance) word. Sent only to the caller of `EnrollStart`, `SetUp` or
    /// `PreviewStart`.
    #[zbus(signal)]
    fn enroll_progress(&self, request: u32, taken: u32, wanted: u32, guidance: &str);

    /// The enrolment ended: `result` is `enrolled` or the D-Bus error name of a
    /// [`Refusal`](crate::Refusal). `strength` is a [`Strength`](crate::Strength) word, and empty
    /// when nothing was enrolled. A preview whose time has expired ends with `shown`. Sent only to
    /// the caller of `EnrollStart` or `PreviewStart`.
    #[zbus(signal)]
    fn enroll_finished(&self, request: u32, result: &str, strength: &str);
}

/// Recovery codes: login when the camera cannot decide.
#[proxy(
    interface = "org.fpass.Fpass1.Recovery",
    default_path = "/org/fpass/Fpass1",
    assume_defaults = false
)]
pub trait Recovery {
    /// Checks a recovery code of `uid` and uses it up. Only root may call it. Only an answer
    /// without an error means that the code was right. The other arguments are those of `Verify`.
    fn recover(
        &self,
        uid: u32,
        user: &str,
        service: &str,
        tty: &str,
        code: &str,
    ) -> zbus::Result<()>;

    /// Number of codes of a user that are still unused.
    #[zbus(allow_interactive_auth)]
    fn count(&self, uid: u32) -> zbus::Result<u32>;

    /// Creates new codes for an enrolled user and returns them; they cannot be read again. The old
    /// ones become void.
    #[zbus(allow_interactive_auth)]
    fn create_codes(&self, uid: u32, user: &str) -> zbus::Result<Vec<String>>;

    /// Deletes every code of a user.
    #[zbus(allow_interactive_auth)]
    fn remove_codes(&self, uid: u32) -> zbus::Result<()>;
}

/// Calls that administrators make for other users.
#[proxy(
    interface = "org.fpass.Fpass1.Administration",
    default_path = "/org/fpass/Fpass1",
    assume_defaults = false
)]
pub trait Administration {
    /// Deletes everything stored for `uid`, including its tombstone: the user then counts as never
    /// enrolled. Only root may call it. The user need not exist any more.
    fn forget(&self, uid: u32) -> zbus::Result<()>;

    /// Sets up the first F-pass of `uid` for a login that has just been refused as never enrolled.
    /// Only root may call it.
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

    /// Position and hash of the last record of the audit log; the hash has 64 hexadecimal digits.
    /// Only root may call it.
    fn audit_head(&self) -> zbus::Result<(u64, String)>;
}

/// Moves templates between the computers of one owner. Only root may call it.
#[proxy(
    interface = "org.fpass.Fpass1.Fleet",
    default_path = "/org/fpass/Fpass1",
    assume_defaults = false
)]
pub trait Fleet {
    /// The text of this computer's [`MachineIdentity`](crate::MachineIdentity).
    fn identity(&self) -> zbus::Result<String>;

    /// The templates of `uid`, encrypted for the computer with the identity `recipient` and signed
    /// by this one: at most [`BUNDLE_MAX`](crate::limits::BUNDLE_MAX) bytes.
    fn export(&self, uid: u32, user: &str, recipient: &str) -> zbus::Result<Vec<u8>>;

    /// Imports a bundle that the computer with the identity `sender` made for this one, and returns
    /// the name of its user. Unless `user` is empty, a bundle of another user is refused. Without
    /// `replace`, the user must never have had an F-pass here.
    fn import(
        &self,
        sender: &str,
        bundle: &[u8],
        user: &str,
        replace: bool,
    ) -> zbus::Result<String>;
}

/// State of the computer.
#[proxy(
    interface = "org.fpass.Fpass1.Machine",
    default_path = "/org/fpass/Fpass1",
    assume_defaults = false
)]
pub trait Machine {
    /// Every capture device, with the reason for using or rejecting it.
    fn cameras(&self) -> zbus::Result<Vec<CameraReport>>;

    /// Version, recogniser, camera, speed, and the protection of templates.
    fn status(&self) -> zbus::Result<MachineStatus>;

    /// Measures the camera's frames for 1.5 s. Only root may call it.
    fn look(&self) -> zbus::Result<CameraCheckReport>;

    /// The failed attempts of a user in a row, and the locks they led to.
    #[zbus(allow_interactive_auth)]
    fn attempts(&self, uid: u32) -> zbus::Result<AttemptsReport>;

    /// How the last attempts of a user ended, the newest first: at most
    /// [`PAST_ATTEMPTS`](crate::limits::PAST_ATTEMPTS).
    #[zbus(allow_interactive_auth)]
    fn history(&self, uid: u32) -> zbus::Result<Vec<PastAttempt>>;

    /// Resets the failed attempts of a user and unlocks them. For administrators.
    #[zbus(allow_interactive_auth)]
    fn unlock(&self, uid: u32) -> zbus::Result<()>;
}
