//! The live display of an enrolment: a bar on a terminal, lines elsewhere.

use std::io::{self, IsTerminal, Write};

use fpass_proto::Guidance;
use indicatif::{ProgressBar, ProgressStyle};

use crate::error::Error;

/// The display that the person in front of the camera sees during an enrolment.
#[derive(Debug)]
pub(crate) enum Progress {
    /// Redrawn in place on the terminal behind standard error.
    Bar(ProgressBar),
    /// One line on standard output for each change.
    Lines {
        /// The last line: frames taken and the hint.
        last: Option<(u32, Guidance)>,
    },
}

impl Progress {
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
            Self::Bar(bar) => {
                bar.set_length(u64::from(wanted));
                bar.set_position(u64::from(taken.min(wanted)));
                bar.set_message(hint.to_string());
            }
            Self::Lines { last } => {
                if last.replace((taken, hint)) != Some((taken, hint)) {
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
    pub(crate) fn announce(&mut self, sentence: &str) -> Result<(), Error> {
        match self {
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
