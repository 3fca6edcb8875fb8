//! What the daemon asks the person to do during an attempt.

use std::fmt;

use fpass_language::{Sentence, sentence};

use crate::refusal::short_form;

macro_rules! prompts {
    ($(
        $(#[$doc:meta])* $variant:ident = $word:literal, $sentence:literal $(, $short:literal)?;
    )+) => {
        /// One request to the person in front of the camera. Left and right are the person's own.
        /// `Display` is the sentence for a terminal.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Prompt { $($(#[$doc])* $variant,)+ }

        impl Prompt {
            /// Every prompt, in order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word that the daemon sends.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// Reads the word. `None` for any other word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }

            /// The sentence for a terminal, in every language.
            #[must_use]
            pub const fn text(self) -> Sentence {
                match self { $(Self::$variant => sentence!($sentence),)+ }
            }

            /// The sentence for a login screen, at most
            /// [`SCREEN_TEXT_MAX`](crate::limits::SCREEN_TEXT_MAX) columns.
            #[must_use]
            pub const fn short_text(self) -> Sentence {
                match self { $(Self::$variant => short_form!($sentence $(, $short)?),)+ }
            }
        }
    };
}

prompts! {
    /// Begins an attempt without a turn of the head.
    Look = "look", "Look at the camera.";
    /// Begins an attempt with a turn to the left.
    LookThenTurnLeft = "look-turn-left",
        "Look at the camera, then turn your head slowly to the left.";
    /// Begins an attempt with a turn to the right.
    LookThenTurnRight = "look-turn-right",
        "Look at the camera, then turn your head slowly to the right.";
    /// Another turn, to the left: the face must be seen from the front again before it.
    TurnLeft = "turn-left", "Now look straight, then turn your head slowly to the left.";
    /// Another turn, to the right.
    TurnRight = "turn-right", "Now look straight, then turn your head slowly to the right.";
    /// No turn this time.
    HoldStill = "hold-still", "Now look straight and hold your head still.";
}

impl Prompt {
    /// The English sentence for a terminal.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        self.text().english()
    }

    /// The English sentence for a login screen.
    #[must_use]
    pub const fn short_sentence(self) -> &'static str {
        self.short_text().english()
    }

    /// Whether the person has to turn the head.
    #[must_use]
    pub const fn asks_for_turn(self) -> bool {
        match self {
            Self::LookThenTurnLeft | Self::LookThenTurnRight | Self::TurnLeft | Self::TurnRight => {
                true
            }
            Self::Look | Self::HoldStill => false,
        }
    }

    /// Whether nobody can follow it without being told: what is asked is drawn at random.
    #[must_use]
    pub const fn is_challenge(self) -> bool {
        self.asks_for_turn() || matches!(self, Self::HoldStill)
    }
}

impl fmt::Display for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use fpass_language::{Language, columns};

    use super::*;
    use crate::limits::SCREEN_TEXT_MAX;

    #[test]
    fn every_language_has_its_own_sentences_which_fit_a_login_screen() {
        for language in Language::ALL {
            let mut seen = HashSet::new();
            for prompt in Prompt::ALL {
                for text in [prompt.text(), prompt.short_text()] {
                    assert!(text.is_in(language), "{prompt:?}: {language:?}");
                    assert!(text.wording(language).as_str().ends_with(['.', '。']), "{prompt:?}");
                }
                let short = prompt.short_text().wording(language);
                assert!(columns(short.as_str()) <= SCREEN_TEXT_MAX, "{short}");
                assert!(seen.insert(short.to_string()), "{short}");
            }
        }
    }

    #[test]
    fn every_word_reads_back_and_no_other_word_does() {
        for prompt in Prompt::ALL {
            assert_eq!(Prompt::parse(prompt.as_str()), Some(*prompt));
        }
        for word in ["", "Look", "look ", " look", "look\n", "look-turn", "turn", "still", "match"]
        {
            assert_eq!(Prompt::parse(word), None, "{word:?}");
        }
    }

    #[test]
    fn words_and_sentences_are_different_and_fit_a_login_screen() {
        let distinct = |text: fn(Prompt) -> &'static str| {
            Prompt::ALL.iter().map(|prompt| text(*prompt)).collect::<HashSet<_>>().len()
        };
        for text in [Prompt::as_str, Prompt::sentence, Prompt::short_sentence] {
            assert_eq!(distinct(text), Prompt::ALL.len());
        }
        for prompt in Prompt::ALL {
            let short = prompt.short_sentence();
            assert!(prompt.to_string().ends_with('.') && short.ends_with('.'), "{prompt}");
            assert_eq!(prompt.asks_for_turn(), short.contains("turn your head"), "{prompt}");
            assert_eq!(prompt.is_challenge(), *prompt != Prompt::Look, "{prompt}");
        }
    }
}
