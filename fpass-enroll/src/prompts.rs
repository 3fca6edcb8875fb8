//! What the daemon asks the person to do, line by line: so screen readers read it as it comes.

use std::future::Future;
use std::io::{self, Write};
use std::pin::pin;

use fpass_language::{Sentence, Wording, sentence};
use fpass_proto::Prompt;
use fpass_proto::limits::PROMPTS_MAX;
use fpass_proto::proxy::Prompted;
use futures_util::StreamExt;

use crate::daemon::{Daemon, answer};
use crate::error::Error;
use crate::language::spoken;
use crate::progress::TurnBar;

/// Said once, below the first prompt that asks for a turn.
const CANNOT_TURN: Sentence = sentence!(
    "If you cannot turn your head: log in with a recovery code, or ask an administrator for a \
     service without the turn."
);

/// Where prompts are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PromptOutput {
    /// Among the other sentences for people.
    Stdout,
    /// Apart from output that a program reads or that goes to a printer.
    Stderr,
}

impl PromptOutput {
    /// Writes a line.
    ///
    /// # Errors
    /// When it cannot be written.
    fn write(self, line: &Wording) -> io::Result<()> {
        match self {
            Self::Stdout => writeln!(io::stdout(), "{line}"),
            Self::Stderr => writeln!(io::stderr(), "{line}"),
        }
    }
}

/// The lines of the prompts of one call.
#[derive(Debug, Default)]
pub(crate) struct PromptLines {
    shown: usize,
    is_explained: bool,
}

impl PromptLines {
    /// The lines for a signal: none for one without a word.
    pub(crate) fn of_signal(&mut self, signal: &Prompted) -> Vec<Wording> {
        signal.args().map(|seen| self.of(seen.prompt)).unwrap_or_default()
    }

    /// The lines for the word of a prompt: none for an unknown one, and for one too many.
    fn of(&mut self, word: &str) -> Vec<Wording> {
        let Some(prompt) = Prompt::parse(word).filter(|_| self.shown < PROMPTS_MAX) else {
            return Vec::new();
        };
        self.shown += 1;
        let mut lines = vec![prompt.text().wording(spoken())];
        if prompt.asks_for_turn() && !self.is_explained {
            self.is_explained = true;
            lines.push(CANNOT_TURN.wording(spoken()));
        }
        lines
    }
}

/// Waits for `work`, which uses the camera. Shows its prompts, and on a terminal a bar that follows
/// a turn of the head.
///
/// # Errors
/// Those of `work`, and when a prompt cannot be shown.
pub(crate) async fn prompted<T>(
    daemon: &Daemon,
    output: PromptOutput,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let verification = daemon.verification().await?;
    // Subscribed before the call, so that no signal is missed.
    let mut prompts = answer(verification.receive_prompted()).await?;
    let mut turns = answer(verification.receive_turned()).await?;
    let mut lines = PromptLines::default();
    let bar = TurnBar::new();
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            Some(signal) = prompts.next() => {
                let lines = lines.of_signal(&signal);
                bar.make_way(|| lines.iter().try_for_each(|line| output.write(line)))?;
            }
            Some(signal) = turns.next() => bar.show(signal.args()?.percent),
            result = &mut work => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prompt_has_its_line_and_the_way_without_a_turn_is_said_once() {
        let mut lines = PromptLines::default();
        for (word, expected) in [
            ("look", vec![Prompt::Look.sentence()]),
            ("look-turn-left", vec![Prompt::LookThenTurnLeft.sentence(), CANNOT_TURN.english()]),
            ("turn-right", vec![Prompt::TurnRight.sentence()]),
            ("hold-still", vec![Prompt::HoldStill.sentence()]),
        ] {
            let said: Vec<String> = lines.of(word).iter().map(Wording::to_string).collect();
            assert_eq!(said, expected, "{word}");
        }
    }

    #[test]
    fn what_is_no_prompt_and_what_is_one_too_many_has_no_line() {
        let mut lines = PromptLines::default();
        for word in ["", "sing", "look\u{1b}[2J", "turn-left\n", "Look at the camera."] {
            assert!(lines.of(word).is_empty(), "{word:?}");
        }
        let said = (0..1000).flat_map(|_| lines.of("hold-still")).count();
        assert_eq!(said, PROMPTS_MAX);
    }
}
