//! What the camera sees during an attempt, for programs that show it.
//!
//! The words of the mechanism `face` in the login protocol that systemd discusses (systemd pull
//! request 39855, `docs/AUTH_PROTOCOL.md` at 7a51442: `faceFeedback`) have their meaning there. It
//! has no words for light, other faces, pose and blur; those are ours.

macro_rules! feedback {
    ($($(#[$doc:meta])* $variant:ident = $word:literal;)+) => {
        /// What a frame shows. It says nothing about whose face it is or whether it is alive.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum FaceFeedback { $($(#[$doc])* $variant,)+ }

        impl FaceFeedback {
            /// Every word, in order of declaration.
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
        }
    };
}

feedback! {
    /// The camera searches for a face, or sees one well enough.
    Scanning = "scanning";
    /// The face is too small.
    MoveCloser = "moveCloser";
    /// The face is too large.
    MoveFurther = "moveFurther";
    /// The face is cut off by the border of the frame.
    Recenter = "recenter";
    /// The face that was seen is gone.
    Lost = "lost";
    /// Several faces are seen.
    SeveralFaces = "severalFaces";
    /// The face is too dark.
    TooDark = "tooDark";
    /// The face is overexposed.
    TooBright = "tooBright";
    /// The head is turned or tilted too far, in an attempt that asks for no turn.
    LookStraight = "lookStraight";
    /// The face is blurred.
    HoldStill = "holdStill";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_and_another_is_none() {
        for seen in FaceFeedback::ALL {
            assert_eq!(FaceFeedback::parse(seen.as_str()), Some(*seen));
        }
        for word in ["", "Scanning", "lost ", "match", "blink"] {
            assert_eq!(FaceFeedback::parse(word), None, "{word}");
        }
    }
}
