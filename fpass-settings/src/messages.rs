//! What passes between the window and the thread that speaks to the bus.

use std::fmt;

use fpass_proto::{Guidance, Label, Prompt, Strength, Verdict};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::picture::Picture;
use crate::snapshot::Snapshot;

/// What the window asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// Read everything that the pages show.
    Read,
    /// Do something that takes a while.
    Do(Task),
    /// End what runs.
    Stop,
}

/// Something that takes a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Enrol a look.
    Enrol(Label),
    /// Compare the face with the looks, as a login does.
    Test,
    /// Give a look another name.
    Rename {
        /// The name that it has, as the daemon told it.
        old: String,
        /// The new name.
        new: Label,
    },
    /// Remove a look, by its name as the daemon told it.
    Remove(String),
    /// Make new recovery codes.
    MakeCodes,
    /// Make every recovery code void.
    VoidCodes,
}

/// How a task ended well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// A look was enrolled.
    Enrolled(Strength),
    /// The face was compared.
    Tested(Verdict),
    /// A look has another name.
    Renamed {
        /// The name that it had.
        old: String,
        /// The name that it has.
        new: Label,
    },
    /// A look was removed.
    Removed(String),
    /// New codes.
    Codes(Codes),
    /// There are no codes any more.
    CodesVoid,
}

/// Recovery codes to be shown once. They are overwritten in memory when they are dropped.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Codes(Vec<Zeroizing<String>>);

impl Codes {
    /// Takes the codes that the daemon made. Only letters, digits and hyphens stay, so that nothing
    /// else can be shown or printed.
    pub(crate) fn of(codes: Vec<String>) -> Self {
        let plain = |code: &str| {
            Zeroizing::new(
                code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect(),
            )
        };
        Self(codes.into_iter().map(Zeroizing::new).map(|code| plain(&code)).collect())
    }

    /// Each code.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|code| code.as_str())
    }

    /// The codes as a text with a line for each.
    pub(crate) fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(1024));
        for code in self.iter() {
            text.push_str(code);
            text.push('\n');
        }
        text
    }
}

impl fmt::Debug for Codes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Codes").field("count", &self.0.len()).finish_non_exhaustive()
    }
}

/// What the thread tells the window.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// Everything was read, or could not be.
    Read(Result<Box<Snapshot>, Failure>),
    /// The person should do this.
    Prompted(Prompt),
    /// A frame of an enrolment was examined.
    Progress {
        /// Frames taken.
        taken: u32,
        /// Frames wanted.
        wanted: u32,
        /// What to do.
        hint: Guidance,
    },
    /// A picture of an enrolment.
    Picture(Picture),
    /// The task ended.
    Ended(Result<Done, Failure>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_plain_text_and_their_debug_form_is_empty() {
        let codes = Codes::of(vec!["ab-12".to_owned(), "\u{1b}[2Jcd\n34".to_owned()]);
        assert_eq!(codes.text().as_str(), "ab-12\n2Jcd34\n");
        assert_eq!(codes.iter().count(), 2);
        assert!(!format!("{codes:?}").contains("ab-12"));
    }
}
