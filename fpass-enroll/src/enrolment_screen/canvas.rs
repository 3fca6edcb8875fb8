//! The alternate screen of the terminal: entered, drawn on, left, by the program or by Ctrl-Z.

use std::io::{self, Stderr};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use nix::unistd::getpgrp;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen};
use rustix::termios::tcgetpgrp;

use super::drawing::draw;
use super::{Palette, Scene};

/// Whether the terminal shows the alternate screen.
static IS_SHOWN: AtomicBool = AtomicBool::new(false);

/// A screen that the program and the thread for Ctrl-Z share.
#[derive(Debug)]
pub(super) struct SharedCanvas(Mutex<Canvas>);

#[derive(Debug)]
struct Canvas {
    terminal: Terminal<CrosstermBackend<Stderr>>,
    palette: Palette,
    scene: Scene,
    is_closed: bool,
}

impl SharedCanvas {
    /// Enters the alternate screen.
    ///
    /// # Errors
    /// When the terminal does not take it.
    pub(super) fn enter(palette: Palette) -> io::Result<Self> {
        leave_on_panic();
        let terminal = show()?;
        Ok(Self(Mutex::new(Canvas {
            terminal,
            palette,
            scene: Scene::default(),
            is_closed: false,
        })))
    }

    /// Changes what is shown.
    ///
    /// # Errors
    /// When the terminal does not take it.
    pub(super) fn change(&self, change: impl FnOnce(&mut Scene)) -> io::Result<()> {
        let mut canvas = self.lock();
        change(&mut canvas.scene);
        canvas.draw()
    }

    /// Leaves the screen for good.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        leave();
    }

    /// Leaves the screen, stops, and draws the screen again. Meanwhile nothing is drawn.
    pub(super) fn suspend(&self, stop: impl FnOnce()) {
        let mut canvas = self.lock();
        leave();
        stop();
        canvas.draw_again();
    }

    /// Draws the whole screen again.
    pub(super) fn resume(&self) {
        self.lock().draw_again();
    }

    fn lock(&self) -> MutexGuard<'_, Canvas> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Canvas {
    /// Draws the whole screen. A terminal that does not take it shows the next change.
    fn draw_again(&mut self) {
        IS_SHOWN.store(false, Ordering::Relaxed);
        let _ = self.draw();
    }

    /// Draws the scene, unless another program has the terminal.
    fn draw(&mut self) -> io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        if !is_in_foreground() {
            IS_SHOWN.store(false, Ordering::Relaxed);
            return Ok(());
        }
        if !IS_SHOWN.load(Ordering::Relaxed) {
            self.terminal = show()?;
        }
        let Self { terminal, palette, scene, .. } = self;
        terminal.draw(|frame| draw(frame, scene, *palette))?;
        Ok(())
    }
}

/// Enters the alternate screen and empties it.
fn show() -> io::Result<Terminal<CrosstermBackend<Stderr>>> {
    let terminal = Terminal::new(CrosstermBackend::new(io::stderr()))?;
    IS_SHOWN.store(true, Ordering::Relaxed);
    let shown = execute!(io::stderr(), EnterAlternateScreen, Clear(ClearType::All), Hide);
    if shown.is_err() {
        leave();
    }
    shown.map(|()| terminal)
}

/// Leaves the screen, if it is shown. A terminal that does not take it is gone.
fn leave() {
    if IS_SHOWN.swap(false, Ordering::Relaxed) {
        let _ = execute!(io::stderr(), LeaveAlternateScreen, Show);
    }
}

/// Makes a panic leave the screen before its message, which would otherwise vanish with it.
fn leave_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            leave();
            report(info);
        }));
    });
}

/// Whether this program may draw: another one has the terminal after `bg`.
fn is_in_foreground() -> bool {
    tcgetpgrp(io::stderr()).map_or(true, |group| group.as_raw_nonzero().get() == getpgrp().as_raw())
}
