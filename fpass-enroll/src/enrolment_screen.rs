//! The screen of an enrolment on a terminal: the person's own picture as in a mirror, what to do,
//! and a ring that fills as frames are taken.

mod canvas;
mod drawing;
mod suspension;

use std::env;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use fpass_language::Wording;
use fpass_proto::Guidance;
use ratatui::crossterm::terminal::size;

use self::canvas::SharedCanvas;
use crate::error::Error;
use crate::picture::Picture;

/// Least columns and lines: with fewer the picture would be too small.
const LEAST: (u16, u16) = (60, 18);

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Palette {
    /// 24 bits for each colour.
    True,
    /// The 256 colours of xterm.
    Indexed,
}

/// What the screen shows.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    /// Frames taken, of how many.
    pub(crate) frames: (u32, u32),
    /// How far the head has turned as asked, in percent; `None` before that.
    pub(crate) turned: Option<u32>,
    /// The last hint.
    pub(crate) hint: Option<Guidance>,
    /// The last prompt.
    pub(crate) prompt: Option<Wording>,
    /// The last picture.
    pub(crate) picture: Option<Picture>,
}

/// The screen, until it is dropped: then the terminal is as it was. Ctrl-Z and a panic restore the
/// terminal too.
#[derive(Debug)]
pub(crate) struct EnrolmentScreen {
    canvas: Arc<SharedCanvas>,
    /// Sentences that stay on the terminal when the screen is gone.
    said: Vec<Wording>,
}

impl EnrolmentScreen {
    /// A screen, or `None` where lines serve better: without a terminal or with a small one, with
    /// few colours, or where the environment asks for no colour.
    pub(crate) fn open() -> Option<Self> {
        let is_terminal = io::stdout().is_terminal() && io::stderr().is_terminal();
        let (columns, lines) = size().ok()?;
        let palette = palette(|name| env::var(name).ok())?;
        if !is_terminal || columns < LEAST.0 || lines < LEAST.1 {
            return None;
        }
        let canvas = Arc::new(SharedCanvas::enter(palette).ok()?);
        let screen = Self { canvas, said: Vec::new() };
        suspension::protect(Arc::downgrade(&screen.canvas)).ok()?;
        Some(screen)
    }

    /// Shows how many frames are taken, and a hint.
    pub(crate) fn show(&mut self, taken: u32, wanted: u32, hint: Guidance) -> Result<(), Error> {
        self.change(|scene| {
            scene.frames = (taken, wanted);
            scene.hint = Some(hint);
        })
    }

    /// Shows how far the head has turned as asked, in percent.
    pub(crate) fn follow_turn(&mut self, percent: u32) -> Result<(), Error> {
        self.change(|scene| scene.turned = Some(percent))
    }

    /// Shows a picture.
    pub(crate) fn show_picture(&mut self, picture: Picture) -> Result<(), Error> {
        self.change(|scene| scene.picture = Some(picture))
    }

    /// Shows a sentence, which stays on the terminal afterwards.
    pub(crate) fn announce(&mut self, sentence: &Wording) -> Result<(), Error> {
        self.said.push(sentence.clone());
        self.change(|scene| {
            scene.prompt = Some(sentence.clone());
            scene.turned = scene.turned.map(|_| 0);
        })
    }

    fn change(&self, change: impl FnOnce(&mut Scene)) -> Result<(), Error> {
        Ok(self.canvas.change(change)?)
    }
}

impl Drop for EnrolmentScreen {
    fn drop(&mut self) {
        self.canvas.close();
        for sentence in &self.said {
            // A terminal that does not take it is gone.
            let _ = writeln!(io::stderr(), "{sentence}");
        }
    }
}

/// The colours of the terminal, as its environment tells; `None` for few or none.
fn palette(variable: impl Fn(&str) -> Option<String>) -> Option<Palette> {
    if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return None;
    }
    let term = variable("TERM")?;
    match variable("COLORTERM").as_deref() {
        Some("truecolor" | "24bit") => Some(Palette::True),
        _ if term.ends_with("-direct") => Some(Palette::True),
        _ if term.contains("256color") => Some(Palette::Indexed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_terminal_with_many_colours_gets_a_screen() {
        for (term, colours, none, wanted) in [
            ("xterm-256color", "truecolor", "", Some(Palette::True)),
            ("xterm-256color", "24bit", "", Some(Palette::True)),
            ("xterm-direct", "", "", Some(Palette::True)),
            ("tmux-256color", "", "", Some(Palette::Indexed)),
            ("xterm-256color", "truecolor", "1", None),
            ("linux", "", "", None),
            ("dumb", "", "", None),
            ("", "", "", None),
        ] {
            let variable = |name: &str| {
                let value = match name {
                    "TERM" => term,
                    "COLORTERM" => colours,
                    "NO_COLOR" => none,
                    _ => "",
                };
                Some(value.to_owned())
            };
            assert_eq!(palette(variable), wanted, "{term} {colours} {none}");
        }
        assert_eq!(palette(|_| None), None);
    }
}
