//! The live displays: of an enrolment, a screen with a picture or a bar on a terminal, and lines
//! elsewhere; of a turn of the head, a bar on a terminal.

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};

use fpass_language::Wording;
use fpass_proto::Guidance;
use fpass_proto::proxy::EnrollProgress;
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
    Bar {
        /// The bar.
        bar: ProgressBar,
        /// Whether it follows a turn of the head.
        is_turn: bool,
    },
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

    /// A screen where the terminal can show one; lines elsewhere.
    #[must_use]
    pub(crate) fn preview(is_plain: bool) -> Self {
        let screen = if is_plain { None } else { EnrolmentScreen::open() };
        screen.map_or(Self::Lines { last: None }, |screen| Self::Screen(Box::new(screen)))
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
            Self::Bar { .. } | Self::Lines { .. } => Ok(()),
        }
    }

    /// A bar when standard error is a terminal, lines otherwise.
    #[must_use]
    pub(crate) fn new() -> Self {
        if !io::stderr().is_terminal() {
            return Self::Lines { last: None };
        }
        Self::Bar { bar: bar("[{bar:24}] {pos}/{len}  {wide_msg}", 1), is_turn: false }
    }

    /// Shows what a signal of the daemon reports about a request. Signals about others are ignored.
    ///
    /// # Errors
    /// [`Error::VersionSkew`] for an unknown hint; those of [`Progress::show`].
    pub(crate) fn show_signal(
        &mut self,
        signal: &EnrollProgress,
        request: u32,
    ) -> Result<(), Error> {
        let seen = signal.args()?;
        if seen.request != request {
            return Ok(());
        }
        let hint = Guidance::parse(seen.guidance).ok_or(Error::VersionSkew)?;
        self.show(seen.taken, seen.wanted, hint)
    }

    /// Shows that `taken` of `wanted` frames are stored, and the hint. A preview wants none.
    ///
    /// # Errors
    /// When standard output does not take the line.
    pub(crate) fn show(&mut self, taken: u32, wanted: u32, hint: Guidance) -> Result<(), Error> {
        match self {
            Self::Screen(screen) => screen.show(taken, wanted, hint)?,
            Self::Bar { bar, is_turn } => {
                if !*is_turn {
                    bar.set_length(u64::from(wanted));
                    bar.set_position(u64::from(taken.min(wanted)));
                }
                bar.set_message(hint.text().wording(spoken()).to_string());
            }
            Self::Lines { last } => {
                if last.replace((taken, hint)) != Some((taken, hint)) {
                    let hint = hint.text().wording(spoken());
                    match wanted {
                        0 => writeln!(io::stdout(), "{hint}")?,
                        _ => writeln!(io::stdout(), "{taken}/{wanted}  {hint}")?,
                    }
                }
            }
        }
        Ok(())
    }
}

impl Progress {
    /// Shows how far the head has turned, in percent. Nothing is shown without a terminal.
    ///
    /// # Errors
    /// When the terminal does not take it.
    pub(crate) fn follow_turn(&mut self, percent: u32) -> Result<(), Error> {
        match self {
            Self::Screen(screen) => screen.follow_turn(percent)?,
            Self::Bar { bar, is_turn } => {
                if !std::mem::replace(is_turn, true) {
                    set_style(bar, TURN);
                    bar.set_length(u64::from(PERCENT));
                }
                bar.set_position(u64::from(percent.min(PERCENT)));
            }
            Self::Lines { .. } => {}
        }
        Ok(())
    }

    /// Writes a sentence on a line of its own, which stays there.
    ///
    /// # Errors
    /// When the output does not take it.
    pub(crate) fn announce(&mut self, sentence: &Wording) -> Result<(), Error> {
        match self {
            Self::Screen(screen) => screen.announce(sentence)?,
            Self::Bar { bar, is_turn } => {
                if *is_turn {
                    bar.set_position(0);
                }
                bar.suspend(|| writeln!(io::stderr(), "{sentence}"))?;
            }
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
        if let Self::Bar { bar, .. } = self {
            bar.finish_and_clear();
        }
    }
}

/// A bar that follows a turn of the head, redrawn in place on the terminal behind standard error.
/// Without a terminal nothing is shown.
#[derive(Debug)]
pub(crate) struct TurnBar {
    bar: Option<ProgressBar>,
    is_drawn: Cell<bool>,
}

impl TurnBar {
    /// A bar that is first drawn when the head turns.
    #[must_use]
    pub(crate) fn new() -> Self {
        let bar = io::stderr().is_terminal().then(|| bar(TURN, u64::from(PERCENT)));
        Self { bar, is_drawn: Cell::new(false) }
    }

    /// Shows how far the head has turned, in percent.
    pub(crate) fn show(&self, percent: u32) {
        if let Some(bar) = &self.bar {
            self.is_drawn.set(true);
            bar.set_position(u64::from(percent.min(PERCENT)));
        }
    }

    /// Writes lines above the bar, which begins again.
    ///
    /// # Errors
    /// Those of `write`.
    pub(crate) fn make_way(&self, write: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        match &self.bar {
            Some(bar) if self.is_drawn.get() => {
                bar.reset();
                bar.suspend(write)
            }
            Some(_) | None => write(),
        }
    }
}

impl Drop for TurnBar {
    /// Removes the bar from the terminal.
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// How a turn is shown.
const TURN: &str = "[{bar:24}] {percent:>3} %  {wide_msg}";
const PERCENT: u32 = 100;

fn bar(template: &str, length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length);
    set_style(&bar, template);
    bar
}

fn set_style(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
}
