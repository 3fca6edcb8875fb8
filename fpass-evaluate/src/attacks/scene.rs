//! The picture of a sheet in front of a background, without the faults of the camera.

use std::f32::consts::TAU;

use super::plan::{AttackPlan, SheetState};
use super::random::Random;
use super::sheet::{Bend, Hit, SheetView};
use super::texture::{Colour, Texture};

/// White of paper.
const PAPER: f32 = 226.0;
/// Grey of the frame of a screen.
const FRAME: f32 = 22.0;

/// What is around the sheet and what light does to it: fixed for one attack.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    width: usize,
    focal: f32,
    middle: [f32; 2],
    /// The pixels behind the sheet.
    background: Vec<Colour>,
    light: Light,
    screen: Option<Screen>,
    object: Option<SlidingObject>,
}

#[derive(Clone, Copy, Debug)]
struct Background {
    colour: Colour,
    slope: [f32; 2],
    waves: [(f32, f32, f32, f32); 3],
}

/// Light on the sheet: how it darkens what is turned away, and a highlight.
#[derive(Clone, Copy, Debug)]
struct Light {
    angle: f32,
    darkening: f32,
    highlight: f32,
    place: [f32; 2],
    size: f32,
}

/// What a screen adds to a picture.
#[derive(Clone, Copy, Debug)]
struct Screen {
    /// Distance of its pixels in centimetres.
    pitch: f32,
    /// Strength of the grid, 0 to 1. The camera samples it too coarsely, which gives moiré.
    grid: f32,
    /// Its black, as the camera sees it.
    black: f32,
    gain: f32,
    /// Bands by the beat between the screen's and the camera's clock: strength, bands in a
    /// picture, bands a second.
    beat: (f32, f32, f32),
}

#[derive(Clone, Copy, Debug)]
struct SlidingObject {
    from: [f32; 2],
    to: [f32; 2],
    half_axes: [f32; 2],
    tilt: (f32, f32),
    brightness: f32,
}

impl Scene {
    /// A scene for a camera of this focal length and these sides in pixels.
    pub(super) fn new(
        plan: &AttackPlan,
        focal: f32,
        (width, height): (u16, u16),
        random: &mut Random,
    ) -> Self {
        let middle = [f32::from(width) / 2.0, f32::from(height) / 2.0];
        let object = (plan.species == super::species::Species::PrintSlidingObject)
            .then(|| SlidingObject::new(f32::from(height) / 420.0, middle, random));
        Self {
            width: usize::from(width),
            focal,
            middle,
            background: Background::new(random).draw(width, height),
            light: Light::new(f32::from(height), plan.species.is_screen(), random),
            screen: plan.species.is_screen().then(|| Screen::new(random)),
            object,
        }
    }

    /// Draws the sheet at a time in seconds. `picture` has the pixels row by row.
    pub(super) fn draw(
        &self,
        plan: &AttackPlan,
        time: f32,
        texture: &Texture,
        picture: &mut [Colour],
    ) {
        let state = plan.state(time);
        let [half_width, half_height] = plan.half_sides;
        let reach = (half_width + plan.margin).hypot(half_height + plan.margin);
        let bent = SheetView::new(&state.pose, state.bend, state.axis, reach);
        let flat = plan
            .bent_rows
            .map(|rows| (rows, SheetView::new(&state.pose, Bend::Arc(0.0), 0.0, reach)));
        let width = self.width.max(1);
        let rows = picture.chunks_mut(width).zip(self.background.chunks(width));
        for (y, (row, behind)) in (0_u16..).zip(rows) {
            for (x, (pixel, behind)) in (0_u16..).zip(row.iter_mut().zip(behind)) {
                let (x, y) = (f32::from(x), f32::from(y));
                let ray =
                    [(x - self.middle[0]) / self.focal, (y - self.middle[1]) / self.focal, 1.0];
                let hit = match &flat {
                    None if bent.may_meet(ray) => bent.meet(ray),
                    None => None,
                    Some(((top, bottom), flat)) => flat.meet(ray).and_then(|hit| {
                        if (*top..*bottom).contains(&hit.y) { bent.meet(ray) } else { Some(hit) }
                    }),
                };
                let mut colour = self
                    .sheet(plan, hit, texture)
                    .map_or_else(|| *behind, |colour| self.lit(colour, hit, &state, [x, y], time));
                if let Some(object) = &self.object {
                    object.cover(state.slid, [x, y], &mut colour);
                }
                *pixel = colour;
            }
        }
    }

    /// The colour of the sheet where a ray meets it; `None` outside it.
    fn sheet(&self, plan: &AttackPlan, hit: Option<Hit>, texture: &Texture) -> Option<Colour> {
        let Hit { x, y, .. } = hit?;
        let beyond = |place: f32, half: f32| place.abs() - half;
        let [half_width, half_height] = plan.half_sides;
        let outside = beyond(x, half_width).max(beyond(y, half_height));
        if outside > plan.margin {
            return None;
        }
        if outside > 0.0 {
            return Some([if self.screen.is_some() { FRAME } else { PAPER }; 3]);
        }
        let colour = texture.at(x, y);
        Some(self.screen.map_or(colour, |screen| screen.shown(colour, x, y)))
    }

    /// The colour under the light.
    fn lit(
        &self,
        colour: Colour,
        hit: Option<Hit>,
        state: &SheetState,
        [x, y]: [f32; 2],
        time: f32,
    ) -> Colour {
        let Light { angle, darkening, highlight, place, size } = self.light;
        let bent = hit.map_or(0.0, |hit| hit.angle) + state.pose.yaw - angle;
        let shade = 1.0 - darkening * (1.0 - bent.cos());
        // A highlight moves about twice as far as the sheet turns.
        let (dx, dy) =
            (x - place[0] - 300.0 * state.pose.yaw, y - place[1] + 300.0 * state.pose.pitch);
        let shine = highlight * (-(dx * dx + dy * dy) / (2.0 * size * size)).exp();
        let band = self.screen.map_or(1.0, |screen| screen.band(y / (2.0 * self.middle[1]), time));
        colour.map(|value| value * shade * band + shine)
    }
}

impl Background {
    fn new(random: &mut Random) -> Self {
        let colour = [0; 3].map(|_| random.between(60.0, 190.0));
        let slope = [random.between(-0.08, 0.08), random.between(-0.08, 0.08)];
        let waves = [0; 3].map(|_| {
            let frequency = || TAU / 300.0;
            (
                frequency() * random.between(-6.0, 6.0),
                frequency() * random.between(-6.0, 6.0),
                random.between(0.0, TAU),
                random.between(3.0, 14.0),
            )
        });
        Self { colour, slope, waves }
    }

    fn draw(&self, width: u16, height: u16) -> Vec<Colour> {
        let rows = (0..height).map(f32::from);
        rows.flat_map(|y| (0..width).map(move |x| self.at(x.into(), y))).collect()
    }

    fn at(&self, x: f32, y: f32) -> Colour {
        let wave =
            |(a, b, phase, size): &(f32, f32, f32, f32)| size * (a * x + b * y + phase).sin();
        let relief = self.waves.iter().map(wave).sum::<f32>();
        let level = self.slope[0] * x + self.slope[1] * y + relief;
        self.colour.map(|value| value + level)
    }
}

impl Light {
    fn new(height: f32, is_screen: bool, random: &mut Random) -> Self {
        Self {
            angle: random.between(-0.6, 0.6),
            darkening: if is_screen { 0.15 } else { random.between(0.1, 0.5) },
            highlight: random.between(0.0, if is_screen { 90.0 } else { 30.0 }),
            place: [random.between(0.2, 1.1) * height, random.between(0.1, 0.9) * height],
            size: random.between(0.05, 0.14) * height,
        }
    }
}

impl Screen {
    fn new(random: &mut Random) -> Self {
        Self {
            pitch: random.between(0.006, 0.028),
            grid: random.between(0.02, 0.15),
            black: random.between(3.0, 18.0),
            gain: random.between(0.8, 1.05),
            beat: (random.between(0.0, 0.07), random.between(0.5, 5.0), random.between(-2.0, 2.0)),
        }
    }

    /// A colour as the screen shows it at a place in centimetres. Each third of a pixel is one
    /// channel.
    fn shown(&self, colour: Colour, x: f32, y: f32) -> Colour {
        let row = 0.5 + 0.5 * (TAU * y / self.pitch).cos();
        let mut shown = colour;
        for (value, third) in shown.iter_mut().zip([0.0, 1.0 / 3.0, 2.0 / 3.0]) {
            let column = 0.5 + 0.5 * (TAU * (x / self.pitch - third)).cos();
            let grid = 1.0 + self.grid * (column + row - 1.0);
            *value = self.black + *value * self.gain * grid;
        }
        shown
    }

    /// The brightness of a row, 0 at the top and 1 at the bottom, at a time.
    fn band(&self, row: f32, time: f32) -> f32 {
        let (strength, bands, speed) = self.beat;
        1.0 + strength * (TAU * (bands * row + speed * time)).sin()
    }
}

impl SlidingObject {
    fn new(unit: f32, [x, y]: [f32; 2], random: &mut Random) -> Self {
        let side = random.sign() * random.between(60.0, 130.0) * unit;
        let height = y + random.between(-40.0, 60.0) * unit;
        Self {
            from: [x + side, height],
            to: [x - 0.6 * side, height + random.between(-30.0, 30.0) * unit],
            half_axes: [random.between(14.0, 40.0) * unit, random.between(50.0, 110.0) * unit],
            tilt: random.between(-40.0, 40.0).to_radians().sin_cos(),
            brightness: random.between(70.0, 170.0),
        }
    }

    fn cover(&self, slid: f32, [x, y]: [f32; 2], colour: &mut Colour) {
        let at = |from: f32, to: f32| from + slid * (to - from);
        let (dx, dy) = (x - at(self.from[0], self.to[0]), y - at(self.from[1], self.to[1]));
        let (sin, cos) = self.tilt;
        let [a, b] = self.half_axes;
        let (across, along) = ((cos * dx + sin * dy) / a, (cos * dy - sin * dx) / b);
        let inside = 1.0 - across * across - along * along;
        let share = (inside * a / 3.0).clamp(0.0, 1.0);
        let skin = self.brightness + 12.0 * (dx / 9.0).sin() + 10.0 * (dy / 14.0).cos();
        for (value, tint) in colour.iter_mut().zip([1.15, 0.95, 0.85]) {
            *value += share * (skin * tint - *value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attacks::species::Species;

    fn draw(species: Species, seed: u64, time: f32) -> Vec<Colour> {
        let mut random = Random::new(seed, &[]);
        let plan = AttackPlan::new(species, 150.0, 120.0, &mut random);
        let scene = Scene::new(&plan, 150.0, (160, 120), &mut random);
        let pixels = (0..300).map(|n| if n % 2 == 0 { 20 } else { 235 }).collect();
        let texture = Texture::new((10, 10), pixels, [5.0, 5.0], [0.3, 0.0]);
        let mut picture = vec![[0.0; 3]; 160 * 120];
        scene.draw(&plan, time, &texture, &mut picture);
        picture
    }

    #[test]
    fn every_species_gives_finite_pictures_that_change_with_time_and_seed() {
        for &species in Species::ALL {
            let picture = draw(species, 1, 2.5);
            assert!(picture.iter().flatten().all(|value| value.is_finite()), "{species}");
            assert_eq!(picture, draw(species, 1, 2.5));
            assert_ne!(picture, draw(species, 1, 0.2), "{species}");
            assert_ne!(picture, draw(species, 2, 2.5), "{species}");
        }
    }
}
