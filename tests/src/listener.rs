//! A person in front of the recorded camera who hears the prompts and does what they ask.

use std::path::{Path, PathBuf};

use fpass_language::Language;
use fpass_proto::Prompt;
use serde::{Deserialize, Serialize};

use crate::{
    TestbedError,
    scene::{self, Side},
};

/// The clips that follow a prompt. The program that shows prompts changes the clip of the camera.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// The clip after a prompt to turn to the left.
    pub left: PathBuf,
    /// The clip after a prompt to turn to the right.
    pub right: PathBuf,
    /// The clip that the camera plays.
    pub shown: PathBuf,
}

impl Listener {
    /// Hears a text. One with a prompt for a turn changes the clip of the camera.
    ///
    /// # Errors
    /// Says why the clip cannot be changed.
    pub fn hear(&self, text: &str) -> Result<(), TestbedError> {
        match asked_side(text) {
            Some(side) => scene::play(self.clip(side), &self.shown),
            None => Ok(()),
        }
    }

    fn clip(&self, side: Side) -> &Path {
        match side {
            Side::Left => &self.left,
            Side::Right => &self.right,
        }
    }
}

/// The side to which a text asks to turn, if it contains such a prompt.
#[must_use]
pub fn asked_side(text: &str) -> Option<Side> {
    let said = |prompt: &&Prompt| {
        Language::ALL.into_iter().any(|language| {
            [prompt.text(), prompt.short_text()]
                .iter()
                .any(|form| form.wording(language).as_str() == text.trim())
        })
    };
    side(*Prompt::ALL.iter().find(said)?)
}

/// The last prompt for a turn in what a screen has shown, in English: its place in the text, and
/// its side.
#[must_use]
pub fn last_asked_side(shown: &str) -> Option<(usize, Side)> {
    let last = |prompt: &Prompt| {
        let side = side(*prompt)?;
        let sentences = [prompt.sentence(), prompt.short_sentence()];
        let place = sentences.iter().filter_map(|sentence| shown.rfind(sentence)).max()?;
        Some((place, side))
    };
    Prompt::ALL.iter().filter_map(last).max_by_key(|(place, _)| *place)
}

fn side(prompt: Prompt) -> Option<Side> {
    match prompt {
        Prompt::LookThenTurnLeft | Prompt::TurnLeft => Some(Side::Left),
        Prompt::LookThenTurnRight | Prompt::TurnRight => Some(Side::Right),
        Prompt::Look | Prompt::HoldStill => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lengths_of_a_prompt_are_understood_and_nothing_else_is() {
        assert_eq!(asked_side(Prompt::LookThenTurnLeft.sentence()), Some(Side::Left));
        assert_eq!(asked_side(Prompt::TurnRight.short_sentence()), Some(Side::Right));
        for language in Language::ALL {
            let left = Prompt::TurnLeft.text().wording(language);
            assert_eq!(asked_side(left.as_str()), Some(Side::Left), "{language:?}");
        }
        for text in [Prompt::Look.sentence(), Prompt::HoldStill.sentence(), "left", ""] {
            assert_eq!(asked_side(text), None, "{text}");
        }
    }

    #[test]
    fn the_last_prompt_on_a_screen_counts() {
        let (left, right) = (Prompt::LookThenTurnLeft.sentence(), Prompt::TurnRight.sentence());
        let shown = format!("Password: \r\n{left}\r\n12.3 label: {right}\n");
        assert_eq!(last_asked_side(&shown).unwrap().1, Side::Right);
        assert_eq!(last_asked_side(left), Some((0, Side::Left)));
        assert_eq!(last_asked_side("Look at the camera. Turn left."), None);
    }
}
