//! Questions to the administrator.

use std::io::{self, BufRead, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::error::Error;

/// Milliseconds between two looks at the flag of Ctrl-C.
const POLL_MS: u16 = 100;

/// An answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Go on.
    Yes,
    /// No.
    No,
    /// Make the step again.
    Repeat,
    /// Leave the step out.
    Skip,
    /// End the setup.
    Stop,
}

impl Answer {
    /// The letter that is typed for it, besides Enter for the first answer of a question.
    const fn letter(self) -> &'static str {
        match self {
            Self::Yes => "y",
            Self::No => "n",
            Self::Repeat => "r",
            Self::Skip => "s",
            Self::Stop => "q",
        }
    }
}

/// Who answers.
pub(super) trait Dialogue {
    /// One of these answers. Enter gives the first one.
    ///
    /// # Errors
    /// [`Error::Interrupted`] by Ctrl-C; when the terminal does not answer.
    fn choose(&mut self, question: &str, answers: &[Answer]) -> Result<Answer, Error>;

    /// A line.
    ///
    /// # Errors
    /// As [`choose`](Self::choose).
    fn line(&mut self, question: &str) -> Result<String, Error>;
}

/// The terminal, or nobody.
pub(super) struct Terminal<'a> {
    /// Whether questions are asked. Otherwise each is answered with [`Answer::Yes`].
    pub(super) asks: bool,
    /// Raised by Ctrl-C.
    pub(super) stopped: &'a AtomicBool,
}

impl Terminal<'_> {
    /// Checks that there is a terminal for questions.
    ///
    /// # Errors
    /// [`Error::SetupNeedsTerminal`].
    pub(super) fn require(&self) -> Result<(), Error> {
        let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
        if self.asks && !is_terminal { Err(Error::SetupNeedsTerminal) } else { Ok(()) }
    }

    /// Waits until a line can be read.
    fn wait(&self) -> Result<(), Error> {
        let stdin = io::stdin();
        loop {
            if self.stopped.load(Ordering::Relaxed) {
                return Err(Error::Interrupted);
            }
            let mut watched = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
            match poll(&mut watched, PollTimeout::from(POLL_MS)) {
                Ok(0) | Err(nix::errno::Errno::EINTR) => {}
                Ok(_) => return Ok(()),
                Err(errno) => return Err(io::Error::from(errno).into()),
            }
        }
    }
}

impl Dialogue for Terminal<'_> {
    fn choose(&mut self, question: &str, answers: &[Answer]) -> Result<Answer, Error> {
        if !self.asks {
            return Ok(Answer::Yes);
        }
        loop {
            let line = self.line(question)?;
            if let Some(answer) = chosen(&line, answers) {
                return Ok(answer);
            }
        }
    }

    fn line(&mut self, question: &str) -> Result<String, Error> {
        if !self.asks {
            return Ok(String::new());
        }
        write!(io::stdout(), "{question}: ")?;
        io::stdout().flush()?;
        self.wait()?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            // The terminal is gone, or Ctrl-D was typed.
            return Err(Error::Interrupted);
        }
        Ok(line.trim().to_owned())
    }
}

/// The answer that was typed.
fn chosen(line: &str, answers: &[Answer]) -> Option<Answer> {
    if line.is_empty() {
        return answers.first().copied();
    }
    answers.iter().find(|answer| line.eq_ignore_ascii_case(answer.letter())).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enter_is_the_first_answer_and_other_letters_are_none() {
        let answers = [Answer::Yes, Answer::Skip, Answer::Stop];
        for (line, wanted) in [
            ("", Some(Answer::Yes)),
            ("y", Some(Answer::Yes)),
            ("S", Some(Answer::Skip)),
            ("q", Some(Answer::Stop)),
            ("n", None),
            ("r", None),
            ("sq", None),
        ] {
            assert_eq!(chosen(line, &answers), wanted, "{line:?}");
        }
    }
}
