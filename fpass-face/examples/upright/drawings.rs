//! Drawn faces, masks and cats, each a little different: pictures that show no human face.

use image::{Rgb, RgbImage};

/// Side of a drawing in pixels.
const SIDE: u32 = 320;

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A face in shades of skin.
    Face,
    /// A pale mask with holes for the eyes and the mouth.
    Mask,
    /// The face of a cat.
    Cat,
}

/// Numbers from 0 to 1 that depend on a seed (xorshift).
struct Dice(u32);

impl Dice {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 >> 8) as f32 / 16_777_216.0
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.next()
    }
}

/// A filled ellipse in shares of the picture, with a soft border.
struct Ellipse {
    centre: (f32, f32),
    radii: (f32, f32),
    colour: [f32; 3],
    /// Share of the radius over which it fades out.
    soft: f32,
}

/// A drawing of this kind; each seed gives another one.
pub(crate) fn draw(kind: Kind, seed: u32) -> RgbImage {
    let dice = &mut Dice(seed.wrapping_mul(2_654_435_761).max(1));
    // The first numbers of similar seeds are similar.
    (0..5).for_each(|_| {
        let _ = dice.next();
    });
    let background = [dice.between(60.0, 220.0), dice.between(60.0, 220.0), 140.0];
    let ellipses = match kind {
        Kind::Face | Kind::Mask => face(kind, dice),
        Kind::Cat => cat(dice),
    };
    let (light, grain) = (dice.between(-0.5, 0.5), dice.between(2.0, 10.0));
    let mut picture = RgbImage::new(SIDE, SIDE);
    for (column, row, pixel) in picture.enumerate_pixels_mut() {
        let (x, y) = (column as f32 / SIDE as f32, row as f32 / SIDE as f32);
        let mut colour = background;
        for ellipse in &ellipses {
            let (dx, dy) = (
                (x - ellipse.centre.0) / ellipse.radii.0,
                (y - ellipse.centre.1) / ellipse.radii.1,
            );
            let share = ((1.0 - dx.hypot(dy)) / ellipse.soft).clamp(0.0, 1.0);
            for (value, wanted) in colour.iter_mut().zip(ellipse.colour) {
                *value += share * (wanted - *value);
            }
        }
        let shade = 1.0 + light * (x - 0.5) + 0.2 * (0.5 - y);
        let noise = grain * (dice.next() - 0.5);
        *pixel = Rgb(colour.map(|value| (value * shade + noise).clamp(0.0, 255.0) as u8));
    }
    picture
}

fn face(kind: Kind, dice: &mut Dice) -> Vec<Ellipse> {
    let tone = dice.between(0.5, 1.0);
    let skin = match kind {
        Kind::Mask => [240.0 * tone, 235.0 * tone, 225.0 * tone],
        Kind::Face | Kind::Cat => [230.0 * tone, 180.0 * tone, 150.0 * tone],
    };
    let dark = skin.map(|value| value * 0.75);
    let ink = [25.0, 20.0, 20.0];
    let (width, height) = (dice.between(0.18, 0.24), dice.between(0.25, 0.32));
    let apart = width * dice.between(0.38, 0.5);
    let eyes_y = 0.5 - height * dice.between(0.1, 0.25);
    let mouth_y = 0.5 + height * dice.between(0.45, 0.6);
    let mut all = Vec::new();
    if kind == Kind::Face {
        let hair = [dice.between(20.0, 180.0), dice.between(15.0, 120.0), 30.0];
        let above = 0.5 - height * 0.25;
        all.push(ellipse((0.5, above), (width * 1.15, height), hair, 0.1));
    }
    all.push(ellipse((0.5, 0.5), (width, height), skin, 0.15));
    let size = dice.between(0.028, 0.045);
    for side in [-1.0, 1.0] {
        let x = 0.5 + side * apart;
        all.push(ellipse((x, eyes_y), (size * 1.6, size * 1.3), dark, 0.6));
        if kind == Kind::Face {
            all.push(ellipse((x, eyes_y), (size * 1.2, size * 0.7), [245.0; 3], 0.2));
            all.push(ellipse((x, eyes_y - size * 1.7), (size * 1.4, size * 0.35), ink, 0.5));
            all.push(ellipse((x, eyes_y), (size * 0.5, size * 0.6), ink, 0.3));
        } else {
            all.push(ellipse((x, eyes_y), (size * 1.3, size * 0.8), ink, 0.2));
        }
    }
    let nose_y = 0.5 + height * 0.12;
    all.push(ellipse((0.5, nose_y - 0.03), (0.016, 0.06), dark, 0.8));
    all.push(ellipse((0.5, nose_y + 0.02), (0.035, 0.018), dark, 0.6));
    let lips = if kind == Kind::Mask { ink } else { [170.0, 60.0, 60.0] };
    all.push(ellipse(
        (0.5, mouth_y),
        (dice.between(0.05, 0.09), dice.between(0.012, 0.03)),
        lips,
        0.4,
    ));
    all
}

fn cat(dice: &mut Dice) -> Vec<Ellipse> {
    let tone = dice.between(0.4, 1.0);
    let fur = [220.0 * tone, 170.0 * tone, 110.0 * tone];
    let pale = fur.map(|value| (value * 1.3).min(255.0));
    let ink = [20.0, 18.0, 18.0];
    let width = dice.between(0.22, 0.28);
    let mut all = Vec::new();
    for side in [-1.0, 1.0] {
        all.push(ellipse((0.5 + side * width * 0.75, 0.27), (0.07, 0.13), fur, 0.2));
    }
    all.push(ellipse((0.5, 0.5), (width, dice.between(0.2, 0.26)), fur, 0.15));
    let apart = width * dice.between(0.4, 0.55);
    for side in [-1.0, 1.0] {
        let x = 0.5 + side * apart;
        all.push(ellipse((x, 0.46), (0.05, 0.04), [200.0, 200.0, 60.0], 0.2));
        all.push(ellipse((x, 0.46), (0.014, 0.036), ink, 0.3));
        all.push(ellipse((0.5 + side * 0.035, 0.6), (0.05, 0.035), pale, 0.4));
    }
    all.push(ellipse((0.5, 0.56), (0.025, 0.018), [150.0, 80.0, 80.0], 0.3));
    all.push(ellipse((0.5, 0.63), (0.04, 0.008), ink, 0.5));
    all
}

fn ellipse(centre: (f32, f32), radii: (f32, f32), colour: [f32; 3], soft: f32) -> Ellipse {
    Ellipse { centre, radii, colour, soft }
}
