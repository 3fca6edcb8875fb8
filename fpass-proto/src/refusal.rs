//! Every refusal of the daemon, with its class, D-Bus error name and sentence.

use std::fmt;

use fpass_language::{Sentence, sentence};
use zbus::message::Header;
use zbus::names::ErrorName;

/// Common prefix of the D-Bus error names.
const PREFIX: &str = "org.fpass.Fpass1.Error.";

/// The kind of a refusal. Clients decide by it what they report to PAM or to the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusalClass {
    /// The caller may not do this, or could not prove that they may.
    Permission,
    /// The caller is not at this computer's seat.
    Locality,
    /// The request itself is malformed.
    Usage,
    /// A user or label does not exist, or a name or place is taken.
    Naming,
    /// There is no F-pass, or there are no recovery codes, to work with.
    Enrolment,
    /// The bundle from another computer cannot be used.
    Bundle,
    /// The daemon cannot read or write what it keeps.
    Store,
    /// No usable camera.
    Camera,
    /// The camera works, but nothing that it showed within the deadline could be judged.
    View,
    /// A face or recovery code was judged and not accepted.
    Mismatch,
    /// Too many failed attempts.
    Lockout,
    /// The daemon is busy, not ready, or failed.
    Daemon,
    /// The caller ended the request.
    Cancellation,
}

/// The short form of a sentence: the sentence itself, unless another text follows it.
macro_rules! short_form {
    ($sentence:literal) => {
        ::fpass_language::sentence!($sentence)
    };
    ($sentence:literal, $short:literal) => {
        ::fpass_language::sentence!($short)
    };
}
pub(crate) use short_form;

macro_rules! refusals {
    ($(
        $(#[$doc:meta])*
        $variant:ident: $class:ident = $name:literal, $sentence:literal $(, $short:literal)?;
    )+) => {
        /// Why the daemon refused. `Display` is the sentence for the user.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Refusal { $($(#[$doc])* $variant,)+ }

        impl Refusal {
            /// Every refusal, in order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Full D-Bus error name.
            #[must_use]
            pub const fn error_name(self) -> &'static str {
                match self { $(Self::$variant => concat!("org.fpass.Fpass1.Error.", $name),)+ }
            }

            /// Reads a full D-Bus error name. `None` for any other name.
            #[must_use]
            pub fn from_error_name(name: &str) -> Option<Self> {
                match name.strip_prefix(PREFIX)? { $($name => Some(Self::$variant),)+ _ => None }
            }

            /// What kind of refusal this is.
            #[must_use]
            pub const fn class(self) -> RefusalClass {
                match self { $(Self::$variant => RefusalClass::$class,)+ }
            }

            /// The sentence for the user, in every language: what happened, and what to do next.
            #[must_use]
            pub const fn text(self) -> Sentence {
                match self { $(Self::$variant => sentence!($sentence),)+ }
            }

            /// The same for a login screen, in at most
            /// [`SCREEN_TEXT_MAX`](crate::limits::SCREEN_TEXT_MAX) columns.
            #[must_use]
            pub const fn short_text(self) -> Sentence {
                match self { $(Self::$variant => short_form!($sentence $(, $short)?),)+ }
            }
        }
    };
}

refusals! {
    /// The caller may not do this for that user.
    NotAuthorized: Permission = "NotAuthorized",
        "You are not allowed to do this; manage only your own F-pass, at this computer, or ask an \
         administrator.",
        "You are not allowed to do this; ask an administrator.";
    /// The request must be confirmed with a password, which could not be asked for.
    AuthenticationNeeded: Permission = "AuthenticationNeeded",
        "This must be confirmed with a password, but F-pass could not ask for it; use a terminal \
         or a desktop session.",
        "F-pass could not ask for a password; use a terminal.";
    /// polkit, which decides who may do this, gave no usable answer.
    AuthorityUnavailable: Permission = "AuthorityUnavailable",
        "polkit did not answer, so your permission could not be checked; check that polkit runs \
         (systemctl status polkit), or do this as root.",
        "polkit did not answer; check that it runs.";
    /// A change needs the face of the enrolled person, and another face was seen.
    FaceNotConfirmed: Mismatch = "FaceNotConfirmed",
        "The face does not match the enrolled person, so nothing was changed; let that person look \
         at the camera, or ask an administrator.",
        "The face is not the enrolled one; nothing was changed.";
    /// A login wants to set up an F-pass without a password before.
    PasswordNeeded: Permission = "PasswordNeeded",
        "A login can set up an F-pass only after the password; log in again with your password, or \
         run fpass-enroll add.",
        "A set-up needs the password first; log in again with it.";
    /// An argument is malformed or out of range.
    InvalidArgument: Usage = "InvalidArgument",
        "The request is not valid; check the name or label that you gave.",
        "The request is not valid; check the name or label.";
    /// The user name is empty, too long or contains characters that no name has.
    MalformedUserName: Usage = "MalformedUserName",
        "This is not a valid user name; check what you typed.";
    /// The user database has no such user.
    UnknownUser: Naming = "UnknownUser", "This computer has no such user; check the name.";
    /// The name and the numeric id do not belong to the same user.
    UserMismatch: Permission = "UserMismatch",
        "The user name and the user id do not belong to the same user; log in again.",
        "User name and user id do not match; log in again.";
    /// The user has never had a template.
    NeverEnrolled: Enrolment = "NeverEnrolled",
        "No F-pass is set up for this user; run fpass-enroll add.";
    /// The user's templates have been removed.
    Removed: Enrolment = "Removed",
        "The F-pass of this user was removed; run fpass-enroll add to set up a new one.",
        "Your F-pass was removed; set it up with fpass-enroll add.";
    /// An import would replace what the user has or had on this computer.
    EnrolledAlready: Naming = "EnrolledAlready",
        "This user already has or had an F-pass on this computer; add --replace to replace it.",
        "This user has or had an F-pass; add --replace.";
    /// A bundle was altered, or was made by or for another computer.
    BundleRefused: Bundle = "BundleRefused",
        "The bundle was altered, or it comes from or is meant for another computer; compare the \
         identities and export it again.",
        "The bundle does not fit this computer; export it again.";
    /// A bundle was computed with other models.
    BundleModels: Bundle = "BundleModels",
        "The bundle was made with different face models; install the same version on both \
         computers.",
        "The bundle has other face models; install the same version.";
    /// A bundle is about another user than the one that the caller expects.
    BundleOfAnotherUser: Bundle = "BundleOfAnotherUser",
        "The bundle is about another user; check the file, or import it without --user.",
        "The bundle is about another user; check the file.";
    /// The stored record cannot be read from the disk.
    TemplateUnreadable: Store = "TemplateUnreadable",
        "The stored F-pass cannot be read; ask an administrator to clear it, then set it up again.",
        "Your F-pass cannot be read; ask an administrator.";
    /// The stored record is truncated.
    TemplateTruncated: Store = "TemplateTruncated",
        "The stored F-pass is incomplete; ask an administrator to clear it, then set it up again.",
        "Your F-pass is incomplete; ask an administrator.";
    /// The stored record fails its authentication.
    TemplateAltered: Store = "TemplateAltered",
        "The stored F-pass was altered, or belongs to other face models or another computer; ask \
         an administrator to clear it, then set it up again.",
        "Your F-pass was altered; ask an administrator.";
    /// The stored record was computed by other networks.
    TemplateModels: Store = "TemplateModels",
        "The stored F-pass was made with other face models; ask an administrator to clear it, then \
         set it up again.",
        "Your F-pass is of other models; ask an administrator.";
    /// The stored record was written for another user.
    TemplateSwapped: Store = "TemplateSwapped",
        "The stored F-pass belongs to another user; ask an administrator to clear it, then set it \
         up again.",
        "The F-pass is another user's; ask an administrator.";
    /// The stored record has another owner, or other users may access it.
    TemplateMisowned: Store = "TemplateMisowned",
        "The stored F-pass has the wrong owner or permissions; ask an administrator to clear it, \
         then set it up again.",
        "Your F-pass has the wrong owner; ask an administrator.";
    /// The stored record is a link, a device or a pipe.
    TemplateIrregular: Store = "TemplateIrregular",
        "The stored F-pass is not a regular file; ask an administrator to clear it, then set it up \
         again.",
        "Your F-pass is not a regular file; ask an administrator.";
    /// The stored record has a format that this version does not know.
    TemplateUnknownFormat: Store = "TemplateUnknownFormat",
        "The stored F-pass was written by another version of F-pass; ask an administrator to clear \
         it, then set it up again.",
        "Your F-pass has another version; ask an administrator.";
    /// The key that opens the templates is missing or damaged.
    KeyUnreadable: Store = "KeyUnreadable",
        "The key of the F-pass store is missing or cannot be read; ask an administrator to restore \
         it.",
        "The F-pass key cannot be read; ask an administrator.";
    /// The count of failed attempts is damaged.
    CounterUnreadable: Store = "CounterUnreadable",
        "The count of failed attempts cannot be read; ask an administrator to unlock your F-pass.",
        "The F-pass count is damaged; ask an administrator.";
    /// The user has no unused recovery code.
    NoRecoveryCodes: Enrolment = "NoRecoveryCodes",
        "This user has no recovery codes; make some with fpass-enroll recovery-codes.",
        "You have no recovery codes; ask an administrator.";
    /// The recovery code is wrong or was already used.
    RecoveryRefused: Mismatch = "RecoveryRefused",
        "This recovery code is wrong or was already used; try another one, or ask an \
         administrator.",
        "This recovery code is wrong or was used; try another one.";
    /// The stored recovery codes are damaged.
    RecoveryUnreadable: Store = "RecoveryUnreadable",
        "The stored recovery codes cannot be read; make new ones with fpass-enroll recovery-codes, \
         or ask an administrator.",
        "The recovery codes cannot be read; ask an administrator.";
    /// The store could not be written.
    StorageFailed: Store = "StorageFailed",
        "F-pass could not write to its store; check that the disk is writable and has free space, \
         then try again.",
        "F-pass cannot write to its disk; ask an administrator.";
    /// The session is not at this computer's seat.
    RemoteSession: Locality = "RemoteSession",
        "Face login works only at this computer; log in remotely another way.",
        "Face login works only here; log in remotely another way.";
    /// There is no camera.
    NoCamera: Camera = "NoCamera", "No camera was found; connect one, or check the camera setting.",
        "No camera was found; connect one and try again.";
    /// Another program holds the camera.
    CameraBusy: Camera = "CameraBusy",
        "Another program is using the camera; close it and try again.";
    /// The camera was disconnected or failed during use.
    CameraFailed: Camera = "CameraFailed",
        "The camera stopped working; check its cable and try again.";
    /// The camera delivers no frames.
    CameraSilent: Camera = "CameraSilent",
        "The camera sends no pictures; unplug it and plug it in again.",
        "The camera sends no pictures; unplug it and plug it in.";
    /// The camera repeats one frame.
    CameraFrozen: Camera = "CameraFrozen",
        "The camera picture is frozen; uncover the camera or reconnect it, then try again.",
        "The camera picture is frozen; uncover or reconnect it.";
    /// The camera offers no format that F-pass can decode.
    CameraUnsuitable: Camera = "CameraUnsuitable",
        "F-pass cannot read any picture format of this camera; use another camera.",
        "This camera does not suit F-pass; use another camera.";
    /// The camera is covered or switched off, so its pictures are black.
    CameraCovered: Camera = "CameraCovered",
        "The camera sees only black; open its shutter or switch it on, or turn on a light.",
        "The camera sees only black; open its shutter or add light.";
    /// The lid is closed, and the camera is built into the machine.
    LidClosed: Camera = "LidClosed",
        "The lid is closed, so the camera sees nothing; open it and try again.",
        "The lid is closed; open it and try again.";
    /// The USB controller has no bandwidth left for the stream of the camera.
    CameraBandwidth: Camera = "CameraBandwidth",
        "The USB port has no bandwidth left for the camera; plug the camera into another port.",
        "The camera lacks USB bandwidth; plug it into another port.";
    /// The camera gives raw or multi-planar pictures, which only libcamera turns into usable ones.
    CameraNeedsBridge: Camera = "CameraNeedsBridge",
        "This camera works only through libcamera; bridge it to a v4l2loopback device and name \
         that in camera.device.",
        "This camera needs libcamera; ask an administrator.";
    /// The user did not enrol with this camera.
    OtherCamera: Camera = "OtherCamera",
        "Your F-pass was set up with another camera; use that one, or ask an administrator to set \
         it up again with this one.",
        "Your F-pass is for another camera; use that one.";
    /// The picture is too dark to judge.
    TooDark: View = "TooDark", "It is too dark to see you; turn on a light and try again.";
    /// No face was seen.
    NoFace: View = "NoFace", "No face was seen; sit in front of the camera and try again.";
    /// More than one face was seen.
    SeveralFaces: View = "SeveralFaces",
        "More than one face was seen; sit alone in front of the camera and try again.",
        "More than one face was seen; sit alone and try again.";
    /// The face is too small in the picture.
    TooFar: View = "TooFar", "You are too far from the camera; come closer and try again.";
    /// The face fills the picture or is cut off by its border.
    TooNear: View = "TooNear",
        "Your face does not fit into the picture; move back to its centre and try again.",
        "Your face does not fit; move back and try again.";
    /// The face is overexposed.
    TooBright: View = "TooBright",
        "It is too bright to see you; turn away from the light and try again.",
        "It is too bright; turn away from the light and try again.";
    /// A face was seen but never well enough to judge.
    Unclear: View = "Unclear",
        "Your face could not be seen clearly; look straight at the camera and try again.",
        "Your face was not clear; look straight at the camera.";
    /// The camera gave too few frames to follow a turn of the head.
    TooSlow: View = "TooSlow",
        "The camera gave too few pictures to follow your head; make the room lighter and try again.",
        "Too few pictures came; make it lighter and try again.";
    /// The picture is upside down or on its side.
    NotUpright: View = "NotUpright",
        "The picture is upside down or on its side; turn the camera or the screen, or ask an \
         administrator to set camera.rotation.",
        "The picture is not upright; turn the camera or screen.";
    /// A new template is too similar to those of other people.
    Indistinct: View = "Indistinct",
        "The pictures would not tell you from other people; sit upright in good light, take off \
         what covers your face, and try again.",
        "Not unlike other people; sit upright in good light.";
    /// Another template was requested, but the face is not the enrolled person's.
    AnotherPerson: Mismatch = "AnotherPerson",
        "The face does not match the enrolled person; let that person look at the camera, or \
         remove the enrolled templates first.",
        "The face is not the enrolled one; let that person look.";
    /// An enrolment saw no head that turned as asked, so perhaps a picture or a mask.
    AttackSuspected: Mismatch = "AttackSuspected",
        "This did not look like a live face; look at the camera yourself and try again.",
        "This did not look like a live face; try again yourself.";
    /// Too many failures.
    LockedOut: Lockout = "LockedOut",
        "Too many failed attempts; wait, or ask an administrator to unlock your F-pass.",
        "Too many failed attempts; wait or ask an administrator.";
    /// Too many attempts are waiting.
    QueueFull: Daemon = "QueueFull",
        "Too many requests are waiting for the camera; try again in a moment.",
        "Too many wait for the camera; try again in a moment.";
    /// The caller ended the attempt, or left the foreground of the seat.
    Cancelled: Cancellation = "Cancelled",
        "The request was cancelled; start it again when you are ready.",
        "The request was cancelled; start it again when ready.";
    /// The deadline has expired.
    DeadlinePassed: View = "DeadlinePassed", "The face check took too long; try again.";
    /// The daemon cannot start: models, configuration or store are missing or wrong.
    NotReady: Daemon = "NotReady",
        "The face check is not running; ask an administrator to run fpass-enroll doctor.",
        "The face check is not running; ask an administrator.";
    /// The daemon's engine failed.
    EngineFailed: Daemon = "EngineFailed",
        "The face check failed inside fpassd; read its journal, then try again.",
        "The face check failed inside fpassd; try again.";
    /// Another part of the daemon failed: the system, or a fault of the program.
    Internal: Daemon = "Internal",
        "An internal error occurred in fpassd; read its journal, then try again.",
        "An internal error occurred in fpassd; try again.";
    /// The label is already in use.
    LabelTaken: Naming = "LabelTaken",
        "A template with this label already exists; choose another label.",
        "This label exists already; choose another label.";
    /// No template has this label.
    NoSuchTemplate: Naming = "NoSuchTemplate",
        "No template has this label; run fpass-enroll list to see the labels.",
        "No template has this label; run fpass-enroll list.";
    /// The user has as many templates as allowed.
    TooManyTemplates: Naming = "TooManyTemplates",
        "This user has as many templates as allowed; remove one first.",
        "No more templates are allowed; remove one first.";
}

impl Refusal {
    /// The English sentence: for logs, for programs, and for the reply on the bus.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        self.text().english()
    }

    /// The English sentence for a login screen.
    #[must_use]
    pub const fn short_sentence(self) -> &'static str {
        self.short_text().english()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl std::error::Error for Refusal {}

impl zbus::DBusError for Refusal {
    fn create_reply(&self, call: &Header<'_>) -> zbus::Result<zbus::Message> {
        zbus::Message::error(call, self.name()).build(&(self.sentence(),))
    }

    fn name(&self) -> ErrorName<'_> {
        ErrorName::from_static_str_unchecked(self.error_name())
    }

    fn description(&self) -> Option<&str> {
        Some(self.sentence())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use fpass_language::{Language, columns};
    use zbus::DBusError;

    use super::*;
    use crate::limits;

    #[test]
    fn names_are_valid_unique_and_read_back() {
        let mut seen = HashSet::new();
        for refusal in Refusal::ALL {
            assert!(ErrorName::try_from(refusal.error_name()).is_ok());
            assert_eq!(refusal.name().as_str(), refusal.error_name());
            assert_eq!(Refusal::from_error_name(refusal.error_name()), Some(*refusal));
            assert!(seen.insert(refusal.error_name()));
        }
    }

    #[test]
    fn every_sentence_says_what_to_do_next_in_every_language() {
        for (refusal, language) in in_every_language() {
            for text in [refusal.text(), refusal.short_text()] {
                assert!(text.is_in(language), "{refusal:?}: {language:?}");
                let said = text.wording(language).to_string();
                assert!(said.contains(['；', ';']), "{refusal:?}: {said}");
                assert!(said.ends_with(['.', '。']), "{refusal:?}: {said}");
            }
            assert!(refusal.sentence().contains("; "), "{refusal:?}");
        }
    }

    #[test]
    fn a_login_screen_gets_a_short_sentence_in_every_language() {
        for (refusal, language) in in_every_language() {
            let (long, short) = (refusal.text().wording(language), refusal.short_text());
            let short = short.wording(language);
            let width = columns(short.as_str());
            assert!(width <= limits::SCREEN_TEXT_MAX, "{refusal:?}: {width}: {short}");
            assert!(width <= columns(long.as_str()), "{refusal:?}: {short}");
        }
    }

    fn in_every_language() -> impl Iterator<Item = (Refusal, Language)> {
        Refusal::ALL.iter().flat_map(|refusal| Language::ALL.map(|language| (*refusal, language)))
    }

    #[test]
    fn foreign_error_names_are_not_refusals() {
        for name in [
            "",
            "org.freedesktop.DBus.Error.NoReply",
            "NeverEnrolled",
            "org.fpass.Fpass1.Error.",
            "org.fpass.Fpass1.Error.neverenrolled",
        ] {
            assert_eq!(Refusal::from_error_name(name), None, "{name}");
        }
    }
}
