//! The species of presentation attacks.

use std::fmt;

macro_rules! species {
    ($($(#[$doc:meta])+ $variant:ident = $word:literal,)+) => {
        /// A species of presentation attack that can be made.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Species { $($(#[$doc])+ $variant,)+ }

        impl Species {
            /// Every species.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Name of its folder.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

species! {
    /// A flat print that is turned, tilted, shifted or brought nearer.
    PrintFlat = "print-flat",
    /// A print bent to a part of a cylinder, turned or tilted.
    PrintBent = "print-bent",
    /// A print whose bend grows while it turns.
    PrintFlexing = "print-flexing",
    /// A print with one crease, folded or being folded, turned or tilted.
    PrintFolded = "print-folded",
    /// A print that two hands bend to and fro while they turn it.
    PrintTwoHands = "print-two-hands",
    /// A print with a ridge of paper at the nose, turned.
    PrintPaperNose = "print-paper-nose",
    /// A print over which an object slides.
    PrintSlidingObject = "print-sliding-object",
    /// A small print, cut out near the face, whose border is in view.
    PrintBorder = "print-border",
    /// A screen that shows a still picture, moved like a print.
    ScreenStill = "screen-still",
    /// A screen that plays the clip of the person.
    ScreenReplay = "screen-replay",
}

impl Species {
    /// Whether it plays the clip instead of showing one frame of it.
    pub(crate) const fn is_replay(self) -> bool {
        matches!(self, Self::ScreenReplay)
    }

    /// Whether it is a screen.
    pub(crate) const fn is_screen(self) -> bool {
        matches!(self, Self::ScreenStill | Self::ScreenReplay)
    }

    /// The species of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|species| species.as_str() == name)
    }
}

impl fmt::Display for Species {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
