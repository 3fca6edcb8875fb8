//! What the person is asked to do.

/// A prompt. The directions are the person's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Prompt {
    /// Turn the head to the left.
    Left,
    /// Turn the head to the right.
    Right,
    /// Keep the head still.
    Still,
}

impl Prompt {
    /// A turn, chosen by a random number.
    #[must_use]
    pub fn turn(random: u32) -> Self {
        if random & 1 == 0 { Self::Left } else { Self::Right }
    }

    /// Three prompts of which at least one is a turn, chosen by a random number: each of the 26
    /// sequences comes with the same probability, to within 26 / 2³².
    #[must_use]
    pub fn three(random: u32) -> [Self; 3] {
        // Written to base three, 26 would be three times `Still`.
        let digits = random % 26;
        [digits / 9, digits / 3, digits].map(|digit| match digit % 3 {
            0 => Self::Left,
            1 => Self::Right,
            _ => Self::Still,
        })
    }

    /// Where the nose must go: 1 to the right of the picture, −1 to its left, 0 nowhere. `mirrored`
    /// says whether the camera's picture is that of a mirror.
    #[must_use]
    pub fn sign(self, mirrored: bool) -> f32 {
        match (self, mirrored) {
            (Self::Left, false) | (Self::Right, true) => 1.0,
            (Self::Right, false) | (Self::Left, true) => -1.0,
            (Self::Still, _) => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const ALL: [Prompt; 3] = [Prompt::Left, Prompt::Right, Prompt::Still];

    #[test]
    fn the_persons_left_is_the_right_of_a_picture_that_is_not_mirrored() {
        for (prompt, mirrored, sign) in [
            (Prompt::Left, false, 1.0),
            (Prompt::Right, false, -1.0),
            (Prompt::Still, false, 0.0),
            (Prompt::Left, true, -1.0),
            (Prompt::Right, true, 1.0),
            (Prompt::Still, true, 0.0),
        ] {
            assert_eq!(prompt.sign(mirrored), sign, "{prompt:?} {mirrored}");
        }
    }

    #[test]
    fn one_turn_is_as_likely_to_either_side() {
        let left = (0..100).filter(|random| Prompt::turn(*random) == Prompt::Left).count();
        assert_eq!(left, 50);
    }

    #[test]
    fn three_prompts_are_every_sequence_with_a_turn_equally_often() {
        let mut counts = BTreeMap::new();
        for random in 0..260 {
            let places = Prompt::three(random)
                .map(|prompt| ALL.iter().position(|other| *other == prompt).unwrap());
            *counts.entry(places).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 26);
        assert!(!counts.contains_key(&[2, 2, 2]));
        assert!(counts.values().all(|count| *count == 10));
    }
}
