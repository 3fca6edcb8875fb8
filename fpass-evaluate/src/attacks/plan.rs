//! What one attack does: how its sheet is bent and moved over time.
//!
//! It is held still at first, as before a prompt, and then moved as somebody would who wants to
//! pass a prompt to turn.

use std::f32::consts::TAU;

use super::random::Random;
use super::sheet::{Bend, Pose};
use super::species::Species;

/// Width of an average face in centimetres (`docs/adr/0055`).
pub(super) const FACE_WIDTH: f32 = 15.3;
/// Length of an attack with a still picture, in seconds.
pub(super) const SECONDS: f32 = 3.0;

/// The sheet at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SheetState {
    /// Where it is.
    pub(super) pose: Pose,
    /// How it is bent.
    pub(super) bend: Bend,
    /// Angle between the axis of the bend and the vertical of the sheet, in radians.
    pub(super) axis: f32,
    /// Place of the sliding object, 0 at one side of the face and 1 at the other.
    pub(super) slid: f32,
}

/// A swing from 0 to 1, and back to −1 or not.
#[derive(Clone, Copy, Debug)]
struct Swing {
    start: f32,
    duration: f32,
    returns: bool,
}

impl Swing {
    fn new(random: &mut Random) -> Self {
        Self {
            start: random.between(0.7, 1.1),
            duration: random.between(0.5, 1.5),
            returns: random.chance(0.4),
        }
    }

    /// How far the first swing has come, 0 to 1.
    fn first(&self, time: f32) -> f32 {
        eased((time - self.start) / self.duration)
    }

    fn at(&self, time: f32) -> f32 {
        let second = eased((time - self.start - self.duration - 0.3) / self.duration);
        self.first(time) - if self.returns { 2.0 * second } else { 0.0 }
    }
}

fn eased(share: f32) -> f32 {
    let share = share.clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}

/// The unrest of a hand: three waves.
#[derive(Clone, Copy, Debug)]
struct Tremor {
    waves: [(f32, f32, f32); 3],
}

impl Tremor {
    fn new(random: &mut Random, strength: f32) -> Self {
        let wave = |frequency: f32, random: &mut Random| {
            (random.between(0.2, 1.0) * strength, frequency, random.between(0.0, TAU))
        };
        let frequencies = [0.4, 1.3, 5.0].map(|frequency| frequency * random.between(0.7, 1.4));
        Self { waves: frequencies.map(|frequency| wave(frequency, random)) }
    }

    fn at(&self, time: f32) -> f32 {
        let waves = self.waves.iter().zip([1.0, 0.5, 0.1]);
        waves.map(|((size, f, phase), share)| share * size * (TAU * f * time + phase).sin()).sum()
    }
}

/// How the whole sheet is moved, beyond the unrest of the hand.
#[derive(Clone, Copy, Debug)]
struct Manoeuvre {
    /// Turn about the vertical, the horizontal and the camera's axis at the end of a swing.
    turn: [f32; 3],
    /// Shift in centimetres at its end.
    shift: [f32; 3],
}

impl Manoeuvre {
    /// A turn about the vertical between two angles in degrees, with a little of the rest.
    fn turn(random: &mut Random, low: f32, high: f32) -> Self {
        let yaw = random.sign() * random.between(low, high);
        let rest = [random.between(-5.0, 5.0), random.between(-4.0, 4.0)];
        let shift =
            [random.between(-2.0, 2.0), random.between(-1.0, 1.0), random.between(-2.0, 2.0)];
        Self { turn: [yaw, rest[0], rest[1]].map(f32::to_radians), shift }
    }

    /// Like a turn, about the horizontal.
    fn tilt(random: &mut Random, low: f32, high: f32) -> Self {
        let Self { turn: [yaw, pitch, roll], shift } = Self::turn(random, low, high);
        Self { turn: [pitch, yaw, roll], shift }
    }

    /// Any way to move a flat thing.
    fn any(random: &mut Random) -> Self {
        match random.below(5) {
            0 | 1 => Self::turn(random, 20.0, 50.0),
            2 => Self::tilt(random, 20.0, 45.0),
            3 => {
                let turn = [random.between(-10.0, 10.0), 0.0, random.between(-25.0, 25.0)];
                let nearer = random.sign() * random.between(4.0, 12.0);
                Self { turn: turn.map(f32::to_radians), shift: [0.0, 0.0, nearer] }
            }
            _ => {
                let yaw = random.sign() * random.between(0.0, 25.0);
                let aside = random.sign() * random.between(5.0, 11.0);
                let shift = [aside, random.between(-2.0, 2.0), 0.0];
                Self { turn: [yaw.to_radians(), 0.0, 0.0], shift }
            }
        }
    }
}

/// The bend over time.
#[derive(Clone, Copy, Debug)]
enum Bending {
    /// Always the same.
    Fixed(Bend),
    /// A bend that grows with the swing.
    Growing(Bend),
    /// A bend that goes to and fro: largest curvature, times a second, phase.
    ToAndFro(f32, f32, f32),
}

/// Everything that is fixed for one attack.
#[derive(Clone, Debug)]
pub(super) struct AttackPlan {
    /// The species.
    pub(super) species: Species,
    /// Frames per second.
    pub(super) frame_rate: u32,
    /// Size of the picture on the sheet, as a share of life-size.
    pub(super) scale: f32,
    /// Rows of the sheet in centimetres between which it is bent; elsewhere it is flat.
    pub(super) bent_rows: Option<(f32, f32)>,
    /// Half the sides of the picture on the sheet in centimetres.
    pub(super) half_sides: [f32; 2],
    /// Width in centimetres of the paper or the frame around it.
    pub(super) margin: f32,
    rest: Pose,
    swing: Swing,
    manoeuvre: Manoeuvre,
    bending: Bending,
    axis: f32,
    unrest: [Tremor; 6],
}

impl AttackPlan {
    /// Plans an attack with a camera of a focal length in pixels, whose pictures are `height`
    /// pixels high.
    pub(super) fn new(species: Species, focal: f32, height: f32, random: &mut Random) -> Self {
        let frame_rate = if random.chance(0.7) { 15 } else { 30 };
        let scale = match species {
            Species::ScreenStill | Species::ScreenReplay => random.between(0.45, 1.0),
            Species::PrintBorder => random.between(0.4, 0.9),
            _ => random.between(0.8, 1.1),
        };
        let face_pixels = random.between(0.22, 0.38) * height;
        let distance = focal * FACE_WIDTH * scale / face_pixels;
        let turned = match species {
            Species::ScreenReplay => 2.0,
            _ => 4.0,
        };
        let mut degrees = |spread: f32| (spread * random.normal().clamp(-1.5, 1.5)).to_radians();
        let rest = Pose {
            yaw: degrees(turned * 0.4),
            pitch: degrees(turned * 0.5),
            roll: degrees(turned * 0.5),
            shift: [0.0, 0.0, distance],
        };
        let aside = [random.between(-2.0, 2.0), random.between(-1.0, 1.0)];
        let rest = Pose { shift: [aside[0], aside[1], distance], ..rest };
        let (bending, axis, manoeuvre) = bending(species, random);
        let half_sides = match species {
            Species::PrintBorder => [random.between(0.55, 0.75), random.between(0.8, 1.0)],
            _ if species.is_screen() => [random.between(0.9, 1.4), random.between(0.9, 1.3)],
            _ => [random.between(0.7, 1.2), random.between(0.95, 1.3)],
        };
        let small = if species.is_screen() { 0.5 } else { 1.0 };
        let strengths = [0.12, 0.12, 0.15, 0.9, 0.9, 0.6].map(|strength| small * strength);
        Self {
            species,
            frame_rate,
            scale,
            bent_rows: (species == Species::PrintPaperNose && random.chance(0.5))
                .then_some((-2.0 * scale, 3.0 * scale)),
            half_sides: half_sides.map(|side| side * FACE_WIDTH * scale),
            margin: random.between(0.0, if species.is_screen() { 2.0 } else { 0.8 }),
            rest,
            swing: Swing::new(random),
            manoeuvre,
            bending,
            axis,
            unrest: strengths.map(|strength| Tremor::new(random, strength)),
        }
    }

    /// The sheet at a time in seconds since the start.
    pub(super) fn state(&self, time: f32) -> SheetState {
        let swung = self.swing.at(time);
        let unrest = self.unrest.map(|tremor| tremor.at(time));
        let Manoeuvre { turn, shift } = self.manoeuvre;
        let [yaw, pitch, roll] = turn.map(|angle| angle * swung);
        let mut place = self.rest.shift;
        for ((place, shift), unrest) in place.iter_mut().zip(shift).zip(unrest) {
            *place += shift * swung * self.scale + unrest;
        }
        let [_, _, _, shaken_yaw, shaken_pitch, shaken_roll] = unrest;
        let pose = Pose {
            yaw: self.rest.yaw + yaw + shaken_yaw.to_radians(),
            pitch: self.rest.pitch + pitch + shaken_pitch.to_radians(),
            roll: self.rest.roll + roll + shaken_roll.to_radians(),
            shift: place,
        };
        let bend = match self.bending {
            Bending::Fixed(bend) => bend,
            Bending::Growing(bend) => weakened(bend, self.swing.first(time)),
            Bending::ToAndFro(curvature, frequency, phase) => {
                let begun = eased((time - self.swing.start) / 0.3);
                Bend::Arc(curvature * begun * (TAU * frequency * time + phase).sin())
            }
        };
        SheetState { pose, bend, axis: self.axis, slid: self.swing.first(time) }
    }

    /// Whether the sheet is still at rest.
    #[cfg(test)]
    pub(super) fn rests(&self, time: f32) -> bool {
        time < self.swing.start
    }
}

/// A bend of a share of its strength.
fn weakened(bend: Bend, share: f32) -> Bend {
    match bend {
        Bend::Arc(curvature) => Bend::Arc(share * curvature),
        Bend::Crease { at, angle } => Bend::Crease { at, angle: share * angle },
        Bend::Ridge { half_width, angle } => Bend::Ridge { half_width, angle: share * angle },
    }
}

/// How a species is bent, the axis of its bend, and how it is moved.
fn bending(species: Species, random: &mut Random) -> (Bending, f32, Manoeuvre) {
    let curvature = |random: &mut Random, low: f32, high: f32| 1.0 / random.between(low, high);
    let upright_or_across = |random: &mut Random| {
        if random.chance(0.7) { 0.0 } else { std::f32::consts::FRAC_PI_2 }
    };
    match species {
        Species::PrintBent => {
            let side = if random.chance(0.8) { 1.0 } else { -1.0 };
            let bend = Bend::Arc(side * curvature(random, 7.0, 12.0));
            let axis = upright_or_across(random);
            let moved = if random.chance(0.6) {
                Manoeuvre::turn(random, 15.0, 40.0)
            } else {
                Manoeuvre::tilt(random, 15.0, 45.0)
            };
            (Bending::Fixed(bend), axis, moved)
        }
        Species::PrintFlexing => {
            let side = if random.chance(0.7) { 1.0 } else { -1.0 };
            let bend = Bend::Arc(side * curvature(random, 6.0, 11.0));
            let oblique = random.sign() * random.between(20.0, 70.0);
            let axis = [0.0, std::f32::consts::FRAC_PI_2, oblique.to_radians()];
            let axis = axis.get(random.below(3) as usize).copied().unwrap_or(0.0);
            let moved = if random.chance(0.7) {
                Manoeuvre::turn(random, 10.0, 35.0)
            } else {
                Manoeuvre::turn(random, 0.0, 3.0)
            };
            (Bending::Growing(bend), axis, moved)
        }
        Species::PrintFolded => {
            let angle = random.between(10.0, 35.0).to_radians();
            let crease = Bend::Crease { at: random.between(-1.5, 1.5), angle };
            let axis = upright_or_across(random);
            let moved = if axis > 0.0 {
                Manoeuvre::tilt(random, 10.0, 35.0)
            } else {
                Manoeuvre::turn(random, 10.0, 35.0)
            };
            let fixed = random.chance(0.5);
            (if fixed { Bending::Fixed(crease) } else { Bending::Growing(crease) }, axis, moved)
        }
        Species::PrintTwoHands => {
            let bend = curvature(random, 7.0, 14.0);
            let (frequency, phase) = (random.between(0.4, 1.0), random.between(0.0, TAU));
            let axis = random.between(-30.0, 30.0).to_radians();
            (Bending::ToAndFro(bend, frequency, phase), axis, Manoeuvre::turn(random, 10.0, 30.0))
        }
        Species::PrintPaperNose => {
            let (height, foot) = (random.between(0.8, 2.2), random.between(1.8, 2.6));
            let ridge = Bend::Ridge { half_width: height.hypot(foot), angle: height.atan2(foot) };
            (Bending::Fixed(ridge), 0.0, Manoeuvre::turn(random, 15.0, 35.0))
        }
        Species::PrintSlidingObject => {
            (Bending::Fixed(Bend::Arc(0.0)), 0.0, Manoeuvre::turn(random, 15.0, 50.0))
        }
        Species::ScreenReplay => {
            (Bending::Fixed(Bend::Arc(0.0)), 0.0, Manoeuvre::turn(random, 0.0, 2.0))
        }
        Species::PrintFlat | Species::PrintBorder | Species::ScreenStill => {
            (Bending::Fixed(Bend::Arc(0.0)), 0.0, Manoeuvre::any(random))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(species: Species, seed: u64) -> AttackPlan {
        AttackPlan::new(species, 600.0, 480.0, &mut Random::new(seed, &[species.as_str()]))
    }

    #[test]
    fn every_species_rests_at_first_and_moves_then() {
        for &species in Species::ALL {
            for seed in 0..20 {
                let plan = plan(species, seed);
                let (first, last) = (plan.state(0.0), plan.state(0.5));
                assert!(plan.rests(0.6));
                let moved = |a: &SheetState, b: &SheetState| (a.pose.yaw - b.pose.yaw).abs();
                // Less than two degrees by the unrest of a hand.
                assert!(moved(&first, &last) < 0.07, "{species} {seed}");
                let later = (0..34_u8).map(|tenth| plan.state(f32::from(tenth) / 10.0));
                assert!(later.into_iter().any(|state| state.pose != first.pose));
            }
        }
    }

    #[test]
    fn prints_are_turned_to_both_sides_and_far_enough_for_a_prompt() {
        for &species in Species::ALL.iter().filter(|species| !species.is_screen()) {
            let most = |seed| {
                let plan = plan(species, seed);
                let yaws = (0..34_u8).map(|tenth| plan.state(f32::from(tenth) / 10.0).pose.yaw);
                yaws.fold((0.0_f32, 0.0_f32), |(low, high), yaw| (low.min(yaw), high.max(yaw)))
            };
            let spans: Vec<(f32, f32)> = (0..100).map(most).collect();
            assert!(spans.iter().any(|(low, _)| *low < -0.25), "{species}");
            assert!(spans.iter().any(|(_, high)| *high > 0.25), "{species}");
        }
    }

    #[test]
    fn a_seed_determines_the_plan() {
        let states = |seed| plan(Species::PrintFlexing, seed).state(2.0);
        assert_eq!(states(5), states(5));
        assert_ne!(states(5), states(6));
    }
}
