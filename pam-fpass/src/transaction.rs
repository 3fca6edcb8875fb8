//! What the module uses of a PAM transaction.

use std::ffi::{CStr, CString};

use fpass_language::{Language, Wording};
use pamsm::{LogLvl, Pam, PamError, PamLibExt};

use crate::ffi::{self, ConversationError, MessageStyle, Secret};
use crate::interrupt;
use crate::locale;
use crate::outcome::Outcome;

/// Whether the application showed a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// It did, as far as it says.
    Shown,
    /// It cannot: it has no conversation function, or that function answers `PAM_CONV_ERR`.
    Unshown,
}

/// Priority of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// A wrong configuration, or a suspected attack.
    Error,
    /// An attempt was refused.
    Notice,
    /// An attempt succeeded.
    Info,
    /// Written only with `debug`.
    Debug,
}

/// The items, the conversation and the log of one PAM transaction. The module never sets an item.
pub(crate) trait Transaction {
    /// The user name; libpam asks for it if it has none.
    ///
    /// # Errors
    /// The outcome to end with.
    fn user(&self) -> Result<String, Outcome>;

    /// The user name that PAM already has.
    ///
    /// # Errors
    /// The outcome to end with.
    fn known_user(&self) -> Result<Option<String>, Outcome>;

    /// `PAM_SERVICE`.
    ///
    /// # Errors
    /// The outcome to end with.
    fn service(&self) -> Result<Option<String>, Outcome>;

    /// `PAM_RHOST`.
    ///
    /// # Errors
    /// The outcome to end with.
    fn remote_host(&self) -> Result<Option<String>, Outcome>;

    /// `PAM_TTY`, if it can be read.
    fn terminal(&self) -> Option<String>;

    /// `PAM_XDISPLAY`, if it can be read.
    fn display(&self) -> Option<String>;

    /// Whether an earlier module has left a password that is not empty.
    ///
    /// # Errors
    /// The outcome to end with.
    fn password_typed(&self) -> Result<bool, Outcome>;

    /// The language that the application has set for its own messages.
    fn language(&self) -> Language;

    /// Shows a sentence to the user, if the application can.
    ///
    /// # Errors
    /// The outcome to end with: the user or the application has ended the login.
    fn say(&self, style: MessageStyle, sentence: &Wording) -> Result<Delivery, Outcome>;

    /// Asks the user a question; the reply is not shown while it is typed.
    ///
    /// # Errors
    /// The outcome to end with.
    fn ask(&self, question: &Wording) -> Result<Secret, Outcome>;

    /// Writes a line to the system log.
    fn log(&self, level: Level, line: &str);
}

impl Transaction for Pam {
    fn user(&self) -> Result<String, Outcome> {
        let name = self.get_user(None).map_err(|error| match error {
            PamError::BUF_ERR => Outcome::OutOfMemory,
            PamError::CONV_ERR | PamError::CONV_AGAIN => Outcome::ConversationFailed,
            _ => Outcome::ItemUnavailable,
        })?;
        text(name, Outcome::UnsupportedUserName)?.ok_or(Outcome::UnknownUser)
    }

    fn known_user(&self) -> Result<Option<String>, Outcome> {
        text(self.get_cached_user().map_err(item_error)?, Outcome::UnsupportedUserName)
    }

    fn service(&self) -> Result<Option<String>, Outcome> {
        text(self.get_service().map_err(item_error)?, Outcome::ServiceNotAllowed)
    }

    fn remote_host(&self) -> Result<Option<String>, Outcome> {
        text(self.get_rhost().map_err(item_error)?, Outcome::RemoteHost)
    }

    fn terminal(&self) -> Option<String> {
        ffi::terminal(self)
    }

    fn display(&self) -> Option<String> {
        ffi::display(self)
    }

    fn password_typed(&self) -> Result<bool, Outcome> {
        let password = self.get_cached_authtok().map_err(item_error)?;
        Ok(password.is_some_and(|password| !password.is_empty()))
    }

    fn language(&self) -> Language {
        locale::language()
    }

    fn say(&self, style: MessageStyle, sentence: &Wording) -> Result<Delivery, Outcome> {
        let sentence = CString::new(sentence.as_str()).map_err(|_| Outcome::ConversationFailed)?;
        let (shown, stopped) = interrupt::watch_during(|| ffi::show(self, style, &sentence));
        if stopped {
            return Err(Outcome::Interrupted);
        }
        match shown {
            Ok(()) => Ok(Delivery::Shown),
            Err(ConversationError::Missing | ConversationError::Failed) => Ok(Delivery::Unshown),
            Err(error) => Err(conversation_error(error)),
        }
    }

    fn ask(&self, question: &Wording) -> Result<Secret, Outcome> {
        let question = CString::new(question.as_str()).map_err(|_| Outcome::ConversationFailed)?;
        ffi::ask(self, &question).map_err(conversation_error)
    }

    fn log(&self, level: Level, line: &str) {
        let level = match level {
            Level::Error => LogLvl::ERR,
            Level::Notice => LogLvl::NOTICE,
            Level::Info => LogLvl::INFO,
            Level::Debug => LogLvl::DEBUG,
        };
        // Fails only for a NUL in the line, and no line of this module has one.
        let _ = self.syslog(level, line);
    }
}

/// Copies an item; `not_utf8` is the outcome when it is not UTF-8.
fn text(item: Option<&CStr>, not_utf8: Outcome) -> Result<Option<String>, Outcome> {
    item.map(|item| item.to_str().map(str::to_owned).map_err(|_| not_utf8)).transpose()
}

fn conversation_error(error: ConversationError) -> Outcome {
    match error {
        ConversationError::OutOfMemory => Outcome::OutOfMemory,
        ConversationError::Missing | ConversationError::Failed | ConversationError::Ended => {
            Outcome::ConversationFailed
        }
    }
}

fn item_error(error: PamError) -> Outcome {
    match error {
        PamError::BUF_ERR => Outcome::OutOfMemory,
        _ => Outcome::ItemUnavailable,
    }
}
