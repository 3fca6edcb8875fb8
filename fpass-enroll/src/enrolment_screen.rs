//! The screen of an enrolment on a terminal: the person's own picture as in a mirror, what to do,
//! and a ring that fills as frames are taken.

mod drawing;

use std::env;
use std::io::{self, IsTerminal, Stderr, Write};

use fpass_language::Wording;
use fpass_proto::Guidance;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, size};

use self::drawing::draw;
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

/// The screen, until it is dropped: then the terminal is as it was.
#[derive(Debug)]
pub(crate) struct EnrolmentScreen {
    terminal: Terminal<CrosstermBackend<Stderr>>,
    palette: Palette,
    scene: Scene,
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
        execute!(io::stderr(), EnterAlternateScreen, Hide).ok()?;
        match Terminal::new(CrosstermBackend::new(io::stderr())) {
            Ok(terminal) => {
                let (scene, said) = (Scene::default(), Vec::new());
                Some(Self { terminal, palette, scene, said })
            }
            Err(_) => {
                restore();
                None
            }
        }
    }

    /// Shows how many frames are taken, and a hint.
    pub(crate) fn show(&mut self, taken: u32, wanted: u32, hint: Guidance) -> Result<(), Error> {
        self.scene.frames = (taken, wanted);
        self.scene.hint = Some(hint);
        self.redraw()
    }

    /// Shows how far the head has turned as asked, in percent.
    pub(crate) fn follow_turn(&mut self, percent: u32) -> Result<(), Error> {
        self.scene.turned = Some(percent);
        self.redraw()
    }

    /// Shows a picture.
    pub(crate) fn show_picture(&mut self, picture: Picture) -> Result<(), Error> {
        self.scene.picture = Some(picture);
        self.redraw()
    }

    /// Shows a sentence, which stays on the terminal afterwards.
    pub(crate) fn announce(&mut self, sentence: &Wording) -> Result<(), Error> {
        self.scene.prompt = Some(sentence.clone());
        self.scene.turned = self.scene.turned.map(|_| 0);
        self.said.push(sentence.clone());
        self.redraw()
    }

    fn redraw(&mut self) -> Result<(), Error> {
        let Self { terminal, palette, scene, .. } = self;
        terminal.draw(|frame| draw(frame, scene, *palette))?;
        Ok(())
    }
}

impl Drop for EnrolmentScreen {
    fn drop(&mut self) {
        restore();
        for sentence in &self.said {
            // A terminal that does not take it is gone.
            let _ = writeln!(io::stderr(), "{sentence}");
        }
    }
}

/// Leaves the screen. A terminal that does not take it is gone.
fn restore() {
    let _ = execute!(io::stderr(), LeaveAlternateScreen, Show);
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
