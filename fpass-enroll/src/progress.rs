//! The live display of an enrolment: a screen with a picture or a bar on a terminal, lines
//! elsewhere.

use std::io::{self, IsTerminal, Write};

use fpass_language::Wording;
use fpass_proto::Guidance;
use indicatif::{ProgressBar, ProgressStyle};

use crate::enrolment_screen::EnrolmentScreen;
use crate::error::Error;
use crate::language::spoken;
use crate::picture::Picture;

/// The display that the person in front of the camera sees during an enrolment.
#[derive(Debug)]
pub(crate) enum Progress {
    /// With the picture of the person.
    Screen(Box<EnrolmentScreen>),
    /// Redrawn in place on the terminal behind standard error.
    Bar(ProgressBar),
    /// One line on standard output for each change.
    Lines {
        /// The last line: frames taken and the hint.
        last: Option<(u32, Guidance)>,
    },
}

impl Progress {
    /// A screen where the terminal can show one; lines when `is_plain`, for screen readers.
    #[must_use]
    pub(crate) fn with_picture(is_plain: bool) -> Self {
        if is_plain {
            return Self::Lines { last: None };
        }
        EnrolmentScreen::open().map_or_else(Self::new, |screen| Self::Screen(Box::new(screen)))
    }

    /// Whether it shows pictures.
    pub(crate) const fn has_picture(&self) -> bool {
        matches!(self, Self::Screen(_))
    }

    /// Shows a picture of the person, where it can.
    ///
    /// # Errors
    /// When the terminal does not take it.
    pub(crate) fn show_picture(&mut self, picture: Picture) -> Result<(), Error> {
        match self {
            Self::Screen(screen) => screen.show_picture(picture),
            Self::Bar(_) | Self::Lines { .. } => Ok(()),
        }
    }

    /// A bar when standard error is a terminal, lines otherwise.
    #[must_use]
    pub(crate) fn new() -> Self {
        if !io::stderr().is_terminal() {
            return Self::Lines { last: None };
        }
        let bar = ProgressBar::new(1);
        if let Ok(style) = ProgressStyle::with_template("[{bar:24}] {pos}/{len}  {wide_msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self::Bar(bar)
    }

    /// Shows that `taken` of `wanted` frames are stored, and the hint.
    ///
    /// # Errors
    /// When standard output does not take the line.
    pub(crate) fn show(&mut self, taken: u32, wanted: u32, hint: Guidance) -> Result<(), Error> {
        match self {
            Self::Screen(screen) => screen.show(taken, wanted, hint)?,
            Self::Bar(bar) => {
                bar.set_length(u64::from(wanted));
                bar.set_position(u64::from(taken.min(wanted)));
                bar.set_message(hint.text().wording(spoken()).to_string());
            }
            Self::Lines { last } => {
                if last.replace((taken, hint)) != Some((taken, hint)) {
                    let hint = hint.text().wording(spoken());
                    writeln!(io::stdout(), "{taken}/{wanted}  {hint}")?;
                }
            }
        }
        Ok(())
    }
}

impl Progress {
    /// Writes a sentence on a line of its own, which stays there.
    ///
    /// # Errors
    /// When the output does not take it.
    pub(crate) fn announce(&mut self, sentence: &Wording) -> Result<(), Error> {
        match self {
            Self::Screen(screen) => screen.announce(sentence)?,
            Self::Bar(bar) => bar.suspend(|| writeln!(io::stderr(), "{sentence}"))?,
            Self::Lines { .. } => writeln!(io::stdout(), "{sentence}")?,
        }
        Ok(())
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Progress {
    /// Removes the bar from the terminal.
    fn drop(&mut self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
