//! Whether a face is upright in its frame.
//!
//! YuNet half finds faces that are upside down or on their side, with landmarks as if they were
//! upright. The embeddings of such faces are close to one another, even of different people. So
//! thresholds do not hold for them. The detector itself tells them: it is surer of a face in the
//! orientation of the pictures that it was trained on.

/// Lowest confidence of an upright face that is compared. One of 4,048 upright faces of press
/// photographs is below it (`docs/adr/0049`).
const UPRIGHT_CONFIDENCE: f32 = 0.85;
/// Lowest confidence in the most likely orientation at which a frame counts as turned.
const TURNED_CONFIDENCE: f32 = 0.85;

/// By how much a frame is turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuarterTurn {
    /// A quarter of a turn.
    Quarter,
    /// Half a turn: upside down.
    Half,
    /// Three quarters of a turn.
    ThreeQuarters,
}

/// What the detector says about the orientation of a face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orientation {
    /// The face is upright.
    Upright,
    /// The face would be upright if the frame were turned clockwise by this much.
    Turned(QuarterTurn),
    /// The detector is not sure that there is a face, however the frame is turned.
    Doubtful,
}

/// Confidence of the detector in a face, 0 to 1, in the frame as it is and turned clockwise by one,
/// two and three quarters.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TurnedConfidences(pub [f32; 4]);

impl TurnedConfidences {
    /// The orientation that the confidences speak for. The upright one needs the highest confidence
    /// and a limit of its own. A confidence that is NaN speaks for nothing.
    #[must_use]
    pub fn orientation(&self) -> Orientation {
        let [upright, quarter, half, three_quarters] = self.0;
        let turned = quarter.max(half).max(three_quarters);
        if upright >= UPRIGHT_CONFIDENCE && upright > turned {
            Orientation::Upright
        } else if !(turned >= TURNED_CONFIDENCE && turned > upright) {
            Orientation::Doubtful
        } else if half >= turned {
            Orientation::Turned(QuarterTurn::Half)
        } else if quarter >= turned {
            Orientation::Turned(QuarterTurn::Quarter)
        } else {
            Orientation::Turned(QuarterTurn::ThreeQuarters)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orientation(confidences: [f32; 4]) -> Orientation {
        TurnedConfidences(confidences).orientation()
    }

    #[test]
    fn only_the_surest_orientation_above_its_limit_is_upright() {
        let least = UPRIGHT_CONFIDENCE;
        assert_eq!(orientation([least, 0.0, 0.0, 0.0]), Orientation::Upright);
        assert_eq!(orientation([0.95, 0.9, 0.94, 0.9]), Orientation::Upright);
        for refused in [
            [least - 0.01, 0.0, 0.0, 0.0],
            [0.9, 0.9, 0.0, 0.0],
            [0.9, 0.0, 0.9, 0.0],
            [0.9, 0.0, 0.0, 0.9],
            [f32::NAN, 0.0, 0.0, 0.0],
            [f32::NAN, 0.0, 0.9, 0.0],
            [0.0; 4],
        ] {
            assert_eq!(orientation(refused), Orientation::Doubtful, "{refused:?}");
        }
    }

    #[test]
    fn the_surest_turn_is_named() {
        let rows = [
            ([0.7, 0.9, 0.1, 0.1], QuarterTurn::Quarter),
            ([0.88, 0.1, 0.9, 0.1], QuarterTurn::Half),
            ([0.0, 0.1, 0.1, 0.95], QuarterTurn::ThreeQuarters),
        ];
        for (confidences, turn) in rows {
            assert_eq!(orientation(confidences), Orientation::Turned(turn), "{confidences:?}");
        }
        assert_eq!(orientation([0.5, 0.1, 0.6, 0.1]), Orientation::Doubtful, "too unsure");
    }
}
