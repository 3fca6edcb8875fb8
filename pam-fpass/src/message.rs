//! What the user is told, in the language of the application. Every sentence is a constant of the
//! catalogues; only the progress of an enrolment has two bounded numbers. So nothing from outside
//! is ever shown, and no score or name.

use std::cell::{Cell, OnceCell};
use std::time::{Duration, Instant};

use fpass_language::{Language, Sentence, Wording, sentence, wording};
use fpass_proto::{MessageScope, PamArguments, Prompt, ServiceName, Strength};

use crate::daemon::Progress;
use crate::ffi::{MessageStyle, Secret};
use crate::outcome::Outcome;
use crate::transaction::{Delivery, Level, Transaction};

/// Asked when the camera cannot decide and `recovery` is on the line.
const CODE_QUESTION: Sentence = sentence!("Recovery code (empty to cancel): ");
/// Logged once in a call whose texts reach nobody.
const UNSHOWN: &str = "the application cannot show messages; the user is told nothing";

/// Time for which GNOME's login screen holds a text: so long for each letter, and at least
/// [`HOLD_MIN`] (`USER_READ_TIME` and `USER_READ_TIME_MIN` in its `js/gdm/util.js`).
const HOLD_PER_LETTER: Duration = Duration::from_millis(48);
/// Shortest time for which it holds a text.
const HOLD_MIN: Duration = Duration::from_secs(2);

/// A text in two lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Text {
    /// For a terminal.
    long: Sentence,
    /// For a login screen, at most [`SCREEN_TEXT_MAX`](fpass_proto::limits::SCREEN_TEXT_MAX)
    /// columns.
    short: Sentence,
}

/// A text in two lengths: the English one for terminals and, unless it is the same, for screens.
macro_rules! text {
    ($long:literal) => {
        Text { long: sentence!($long), short: sentence!($long) }
    };
    ($long:literal, $short:literal) => {
        Text { long: sentence!($long), short: sentence!($short) }
    };
}

/// Shown to a user who has to set up an F-pass.
const SETUP_REQUIRED: Text = text!(
    "You must set up an F-pass to continue. Sit alone at arm's length from the camera in normal \
     light and follow the hints.",
    "Set up your F-pass now: sit alone and follow the hints."
);

/// Largest number that is shown, whatever came over the bus.
const SHOWN_MAX: u32 = 99;

/// How the user is spoken to during one call: in which language and length, or not at all.
pub(crate) struct Voice<'a, T> {
    transaction: &'a T,
    /// That of the application, found out for the first text.
    language: OnceCell<Language>,
    /// Whether texts go to a login screen, a lock screen or a dialogue instead of a terminal; found
    /// out for the first text.
    on_screen: OnceCell<bool>,
    scope: Cell<MessageScope>,
    /// When the screen has held the last text long enough.
    held_until: Cell<Option<Instant>>,
}

impl<'a, T: Transaction> Voice<'a, T> {
    /// The voice for a line whose arguments are valid. `silent` is the application's `PAM_SILENT`.
    pub(crate) fn of_line(transaction: &'a T, arguments: &PamArguments, silent: bool) -> Self {
        Self::with_scope(transaction, arguments.messages(silent))
    }

    /// A voice that says nothing if it is `quiet`.
    pub(crate) fn new(transaction: &'a T, quiet: bool) -> Self {
        let scope = if quiet { MessageScope::Nothing } else { MessageScope::Everything };
        Self::with_scope(transaction, scope)
    }

    fn with_scope(transaction: &'a T, scope: MessageScope) -> Self {
        Self {
            transaction,
            language: OnceCell::new(),
            on_screen: OnceCell::new(),
            scope: Cell::new(scope),
            held_until: Cell::new(None),
        }
    }

    /// The transaction.
    pub(crate) fn transaction(&self) -> &'a T {
        self.transaction
    }

    /// Says nothing more.
    pub(crate) fn hush(&self) {
        self.scope.set(MessageScope::Nothing);
    }

    /// Asks the user to do something in front of the camera. A challenge is shown although the
    /// application asks for silence: without it nobody could pass.
    ///
    /// # Errors
    /// The user or the application has ended the login.
    pub(crate) fn show_prompt(&self, prompt: Prompt) -> Result<(), Outcome> {
        let is_shown = match self.scope.get() {
            MessageScope::Everything => true,
            MessageScope::Challenges => prompt.is_challenge(),
            MessageScope::Nothing => false,
        };
        if !is_shown {
            return Ok(());
        }
        let fitting = if self.on_screen() { prompt.short_text() } else { prompt.text() };
        self.say(MessageStyle::Info, &fitting.wording(self.language()))
    }

    /// Tells the user to set up an F-pass now, and how.
    ///
    /// # Errors
    /// The user or the application has ended the login.
    pub(crate) fn require_setup(&self) -> Result<(), Outcome> {
        self.say_fitting(MessageStyle::Info, SETUP_REQUIRED)
    }

    /// Whether a hint would be shown now. Texts that come faster than a screen shows them would
    /// wait there, and be out of date.
    pub(crate) fn is_free(&self, now: Instant) -> bool {
        self.says_all() && self.held_until.get().is_none_or(|until| now >= until)
    }

    /// Shows the progress of the set-up and what to do next.
    ///
    /// # Errors
    /// The user or the application has ended the login.
    pub(crate) fn show_progress(&self, step: Progress) -> Result<(), Outcome> {
        if !self.says_all() {
            return Ok(());
        }
        self.say(MessageStyle::Info, &progress_text(step, self.on_screen(), self.language()))
    }

    /// Tells the user that the set-up is done.
    pub(crate) fn report_success(&self, strength: Strength) {
        // The F-pass is set up even if the user cannot be told.
        let _ = self.say_fitting(MessageStyle::Info, success(strength));
    }

    /// Tells the user why the attempt was refused and what to do next. The attempt stays refused
    /// even if the user cannot be told.
    ///
    /// # Errors
    /// The user or the application has ended the login.
    pub(crate) fn explain(&self, outcome: Outcome) -> Result<(), Outcome> {
        match text(outcome) {
            Some(text) if self.says_all() => {
                self.say_fitting(refusing_style(self.transaction), text)
            }
            _ => Ok(()),
        }
    }

    /// Asks the user for a recovery code. A quiet voice asks, too.
    ///
    /// # Errors
    /// The conversation failed, was cancelled or is missing.
    pub(crate) fn ask_for_code(&self) -> Result<Secret, Outcome> {
        self.transaction.ask(&CODE_QUESTION.wording(self.language()))
    }

    fn language(&self) -> Language {
        *self.language.get_or_init(|| self.transaction.language())
    }

    fn says_all(&self) -> bool {
        self.scope.get() == MessageScope::Everything
    }

    fn on_screen(&self) -> bool {
        *self.on_screen.get_or_init(|| is_on_screen(self.transaction))
    }

    fn say_fitting(&self, style: MessageStyle, text: Text) -> Result<(), Outcome> {
        if !self.says_all() {
            return Ok(());
        }
        let fitting = if self.on_screen() { text.short } else { text.long };
        self.say(style, &fitting.wording(self.language()))
    }

    /// Says a sentence. An application that cannot show it is not asked again: the call goes on as
    /// if the line were quiet.
    fn say(&self, style: MessageStyle, sentence: &Wording) -> Result<(), Outcome> {
        if self.on_screen() {
            let now = Instant::now();
            let begin = self.held_until.get().map_or(now, |until| until.max(now));
            self.held_until.set(begin.checked_add(hold(sentence)));
        }
        if self.transaction.say(style, sentence)? == Delivery::Unshown {
            self.hush();
            self.transaction.log(Level::Notice, UNSHOWN);
        }
        Ok(())
    }
}

/// Whether texts go to a screen of the application. A terminal has a name in `PAM_TTY`, but so have
/// the consoles of some login screens, which the table of services names.
fn is_on_screen(transaction: &impl Transaction) -> bool {
    let service = transaction.service().ok().flatten();
    let has_own_screen = service
        .and_then(|name| ServiceName::parse(&name).ok())
        .is_some_and(|service| service.has_own_screen());
    let has_display = transaction.display().is_some_and(|display| !display.is_empty());
    // `PAM_TTY` of a login screen may be an X display, such as `:0`.
    let has_terminal = transaction
        .terminal()
        .is_some_and(|terminal| !terminal.is_empty() && !terminal.starts_with(':'));
    has_own_screen || has_display || !has_terminal
}

/// How long a screen holds a text.
fn hold(sentence: &Wording) -> Duration {
    let letters = u32::try_from(sentence.as_str().chars().count()).unwrap_or(u32::MAX);
    HOLD_PER_LETTER.saturating_mul(letters).max(HOLD_MIN)
}

fn progress_text(step: Progress, on_screen: bool, language: Language) -> Wording {
    let hint = if on_screen { step.guidance.short_text() } else { step.guidance.text() };
    wording!(
        language,
        "{taken} of {wanted}: {hint}",
        taken = step.taken.min(SHOWN_MAX),
        wanted = step.wanted.min(SHOWN_MAX),
        hint = hint.wording(language),
    )
}

const fn success(strength: Strength) -> Text {
    match strength {
        Strength::Weak => text!(
            "Your F-pass is set up, but it is weak; add another template in better light with \
             \"fpass-enroll add --label LABEL\".",
            "Your F-pass is set up, but weak; add another template later."
        ),
        Strength::Fair | Strength::Strong => text!(
            "Your F-pass is set up; from the next login, your face is checked after the password.",
            "Your F-pass is set up; the next login checks your face."
        ),
    }
}

/// Services whose screen replaces an error message by "your password is incorrect" but keeps an
/// information message: LightDM's GTK greeter.
const KEEP_INFORMATION: &[&str] = &["lightdm"];

/// The style of a refusal: an error message, except on a screen that would overwrite it at once.
fn refusing_style(transaction: &impl Transaction) -> MessageStyle {
    match transaction.service() {
        Ok(Some(service)) if KEEP_INFORMATION.contains(&service.as_str()) => MessageStyle::Info,
        _ => MessageStyle::Error,
    }
}

/// The text for an outcome. `None` when there is nothing to say, or the conversation has ended.
const fn text(outcome: Outcome) -> Option<Text> {
    let text = match outcome {
        Outcome::Match
        | Outcome::Recovered(_)
        | Outcome::Prewarmed
        | Outcome::ConversationFailed
        | Outcome::Interrupted => return None,
        Outcome::NoMatch => text!(
            "Your face was not recognised; look at the camera, follow each request and try again.",
            "Your face was not recognised; try again."
        ),
        Outcome::Refused(refusal) => Text { long: refusal.text(), short: refusal.short_text() },
        Outcome::ServiceNotAllowed => text!(
            "This program may not use the face check; log in another way.",
            "This program may not use the face check; log in otherwise."
        ),
        Outcome::RemoteHost => text!(
            "Face login works only at this computer; log in remotely another way.",
            "Face login works only here; log in remotely another way."
        ),
        Outcome::UnknownUser => text!(
            "The face check cannot find this user; check the name and try again.",
            "The face check cannot find this user; check the name."
        ),
        Outcome::UnsupportedUserName => text!(
            "The face check does not support this user name; ask an administrator for another one.",
            "This user name is not supported; ask an administrator."
        ),
        Outcome::AccountsUnavailable => text!(
            "The user database did not answer; try again, or ask an administrator to read the \
             system log.",
            "The user database did not answer; try again."
        ),
        Outcome::NoPassword => text!(
            "The face check needs a password first; type your password and try again.",
            "The face check needs a password first; type yours again."
        ),
        Outcome::BadArguments | Outcome::WrongFacility | Outcome::ItemUnavailable => text!(
            "The face check is misconfigured; ask an administrator to read the system log.",
            "The face check is misconfigured; ask an administrator."
        ),
        Outcome::NoBus | Outcome::NoDaemon => text!(
            "The face check is not running; ask an administrator to run fpass-enroll doctor.",
            "The face check is not running; ask an administrator."
        ),
        Outcome::WrongOwner | Outcome::OwnerChanged => text!(
            "The face check could not verify its service; ask an administrator to read the system \
             log.",
            "The face check is not trusted; ask an administrator."
        ),
        Outcome::ConnectionLost => text!("The face check was interrupted; try again."),
        Outcome::VersionSkew => text!(
            "The face check and fpassd have different versions; ask an administrator to restart \
             fpassd.",
            "The face check has two versions; ask an administrator."
        ),
        Outcome::DeadlinePassed => text!("The face check took too long; try again."),
        Outcome::NoResources | Outcome::OutOfMemory => text!(
            "The face check ran out of resources; close some programs and try again.",
            "The face check ran out of resources; try again."
        ),
        Outcome::Panicked => text!(
            "The face check failed; ask an administrator to read the system log.",
            "The face check failed; ask an administrator."
        ),
    };
    Some(text)
}

#[cfg(test)]
mod tests;
