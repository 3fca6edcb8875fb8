//! What the person in front of the camera should do next.

use std::fmt;

use fpass_language::{Sentence, sentence};

use crate::refusal::short_form;

macro_rules! guidance {
    ($(
        $(#[$doc:meta])* $variant:ident = $word:literal, $sentence:literal $(, $short:literal)?;
    )+) => {
        /// One hint during enrolment or verification.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Guidance { $($(#[$doc])* $variant,)+ }

        impl Guidance {
            /// Every hint, in order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word that crosses the bus.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The sentence for a terminal, in every language.
            #[must_use]
            pub const fn text(self) -> Sentence {
                match self { $(Self::$variant => sentence!($sentence),)+ }
            }

            /// The sentence for a login screen: with the progress of a set-up before it, at most
            /// [`SCREEN_TEXT_MAX`](crate::limits::SCREEN_TEXT_MAX) columns.
            #[must_use]
            pub const fn short_text(self) -> Sentence {
                match self { $(Self::$variant => short_form!($sentence $(, $short)?),)+ }
            }

            /// Reads the word from the bus.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

    };
}

impl fmt::Display for Guidance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().english())
    }
}

guidance! {
    /// The frame was taken.
    Good = "good", "Good, keep looking at the camera.";
    /// No face was found in the frame.
    NoFace = "no-face", "No face in view: look at the camera.";
    /// More than one face was found.
    TwoFaces = "two-faces", "More than one face in view: be the only person in the picture.",
        "More than one face in view: sit alone.";
    /// The face is too small.
    ComeCloser = "come-closer", "Come closer.";
    /// The face fills the frame or leaves it.
    MoveBack = "move-back", "Move back a little.";
    /// The face is cut off by the border of the frame.
    MoveToCentre = "move-to-centre", "Move to the centre of the picture.";
    /// The face is too dark.
    TooDark = "too-dark", "Too dark: turn on a light.";
    /// The face is overexposed.
    TooBright = "too-bright", "Too bright: turn away from the light.";
    /// The head is turned or tilted too far.
    LookStraight = "look-straight", "Look straight at the camera.";
    /// The picture is upside down.
    UpsideDown = "upside-down", "The picture is upside down: turn the camera or the screen.",
        "Picture upside down: turn the camera or screen.";
    /// The picture is turned by a quarter.
    Sideways = "sideways", "The picture is on its side: turn the camera or the screen.",
        "Picture on its side: turn the camera or screen.";
    /// Another view is needed: turn to the person's own left.
    TurnLeft = "turn-left", "Turn your head a little to the left.";
    /// Another view is needed: turn to the person's own right.
    TurnRight = "turn-right", "Turn your head a little to the right.";
    /// The face is blurred.
    HoldStill = "hold-still", "Hold still.";
    /// The frame is too similar to one already taken.
    MoveALittle = "move-a-little", "Move your head a little.";
}

#[cfg(test)]
mod tests {
    use fpass_language::{Language, columns, wording};

    use super::*;
    use crate::limits::SCREEN_TEXT_MAX;

    #[test]
    fn every_language_has_every_hint_and_short_ones_leave_room_for_the_progress() {
        for language in Language::ALL {
            for hint in Guidance::ALL {
                let (long, short) = (hint.text(), hint.short_text());
                assert!(long.is_in(language) && short.is_in(language), "{hint:?}: {language:?}");
                for text in [long, short] {
                    assert!(text.wording(language).as_str().ends_with(['.', '。']), "{hint:?}");
                }
                let shown = wording!(
                    language,
                    "{taken} of {wanted}: {hint}",
                    taken = 99,
                    wanted = 99,
                    hint = short.wording(language),
                );
                let width = columns(shown.as_str());
                assert!(width <= SCREEN_TEXT_MAX, "{hint:?}: {language:?}: {width}");
            }
        }
    }

    #[test]
    fn every_word_reads_back_and_has_a_sentence() {
        for hint in Guidance::ALL {
            assert_eq!(Guidance::parse(hint.as_str()), Some(*hint));
            assert!(hint.to_string().ends_with('.'));
        }
        assert_eq!(Guidance::parse("come closer"), None);
    }
}
