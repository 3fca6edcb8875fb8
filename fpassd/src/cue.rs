//! What the caller of an attempt hears while it runs.

use std::time::Duration;

use fpass_proto::{FaceFeedback, Prompt, limits::TURN_SIGNAL_EVERY};

/// Something for the person in front of the camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cue {
    /// The person should do this.
    Prompt(Prompt),
    /// How far the head has turned as asked: percent of what is needed, in tens.
    Turned(u8),
    /// The camera sees this.
    Feedback(FaceFeedback),
}

/// Decides when the progress of a turn is told: when it has changed, and not too often.
#[derive(Debug, Default)]
pub(crate) struct TurnMeter {
    /// When something was told last, and what.
    told: Option<(Duration, u8)>,
}

impl TurnMeter {
    /// The percentage to tell at a time, if any. `share` is of what is asked, 0 to 1.
    pub(crate) fn read(&mut self, time: Duration, share: f32) -> Option<u8> {
        let percent = tens(share);
        let is_due = match self.told {
            Some((since, told)) => {
                percent != told && time.saturating_sub(since) >= TURN_SIGNAL_EVERY
            }
            None => percent > 0,
        };
        is_due.then(|| {
            self.told = Some((time, percent));
            percent
        })
    }
}

/// A share in percent, rounded down to tens.
fn tens(share: f32) -> u8 {
    let reached = (1..=10_u8).filter(|tenth| share * 10.0 >= f32::from(*tenth));
    reached.max().unwrap_or_default() * 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tens_are_told_when_they_change_and_not_more_often_than_allowed() {
        let mut meter = TurnMeter::default();
        let mut told = Vec::new();
        for frame in 0..100_u32 {
            let time = Duration::from_millis(u64::from(frame) * 33);
            let share = f32::from(u8::try_from(frame).unwrap()) / 60.0;
            told.extend(meter.read(time, share).map(|percent| (time, percent)));
        }
        assert!(told.first().unwrap().1 > 0 && told.last().unwrap().1 == 100, "{told:?}");
        for pair in told.windows(2) {
            assert!(pair[1].0 - pair[0].0 >= TURN_SIGNAL_EVERY && pair[1].1 > pair[0].1);
        }
        for share in [0.0, 0.05, -1.0, f32::NAN] {
            assert_eq!(TurnMeter::default().read(Duration::ZERO, share), None, "{share}");
        }
        assert_eq!(TurnMeter::default().read(Duration::ZERO, 7.0), Some(100));
    }
}
