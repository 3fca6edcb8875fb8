//! What a webcam does to a scene: blur, noise and JPEG.

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use super::random::Random;
use super::texture::Colour;

/// Different random numbers of which the noise consists: many more than a row needs.
const NOISE: u16 = u16::MAX;
/// Places on either side that the blur reaches, and places of a row that it weighs.
const REACH: usize = 2;
const TAPS: usize = 2 * REACH + 1;
/// Values of a pixel.
const CHANNELS: usize = 3;

/// A camera with its faults.
#[derive(Clone, Debug)]
pub(super) struct SimulatedCamera {
    width: u16,
    height: u16,
    /// Weights of the blur.
    weights: [f32; TAPS],
    noise: Vec<f32>,
    quality: u8,
    random: Random,
    /// The scene, blurred along rows, then along columns too.
    across: Vec<f32>,
    blurred: Vec<f32>,
    bytes: Vec<u8>,
}

impl SimulatedCamera {
    /// A camera of these sides in pixels. Its faults are chosen by random numbers.
    pub(super) fn new((width, height): (u16, u16), random: &mut Random) -> Self {
        let deviation = random.between(0.5, 1.1);
        let grain = random.between(1.0, 4.0);
        let quality = u8::try_from(60 + random.below(31)).unwrap_or(75);
        let weight = |distance: f32| (-distance * distance / (2.0 * deviation * deviation)).exp();
        let weights = [-2.0, -1.0, 0.0, 1.0, 2.0].map(weight);
        let sum: f32 = weights.iter().sum();
        let mut own = random.clone();
        Self {
            width,
            height,
            weights: weights.map(|weight| weight / sum),
            noise: (0..NOISE).map(|_| grain * own.normal()).collect(),
            quality,
            random: own,
            across: Vec::new(),
            blurred: Vec::new(),
            bytes: Vec::new(),
        }
    }

    /// The scene as a JPEG picture.
    ///
    /// # Errors
    /// Those of the encoder.
    pub(super) fn take(&mut self, scene: &[Colour]) -> Result<Vec<u8>, image::ImageError> {
        self.blur(scene.as_flattened());
        self.bytes.clear();
        let used = 2 * u32::from(self.width);
        for row in self.blurred.chunks(CHANNELS * usize::from(self.width).max(1)) {
            let start = self.random.below(u32::from(NOISE).saturating_sub(used));
            let start = usize::try_from(start).unwrap_or(0);
            let noise = self.noise.get(start..).unwrap_or_default();
            let pixels = row.as_chunks::<CHANNELS>().0.iter().zip(noise.as_chunks::<2>().0);
            self.bytes.extend(pixels.flat_map(|([red, green, blue], [grey, tint])| {
                // Grain is mostly of brightness.
                let tint = 0.4 * tint;
                [red + grey + tint, green + grey, blue + grey - tint].map(level)
            }));
        }
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, self.quality).encode(
            &self.bytes,
            self.width.into(),
            self.height.into(),
            ExtendedColorType::Rgb8,
        )?;
        Ok(jpeg)
    }

    /// A Gauss filter along rows and columns. Beyond a border the border continues.
    fn blur(&mut self, scene: &[f32]) {
        let stride = CHANNELS * usize::from(self.width).max(1);
        self.across.clear();
        let mut padded = Vec::with_capacity(stride + 2 * REACH * CHANNELS);
        for row in scene.chunks(stride) {
            let (Some(first), Some(last)) = (row.first_chunk(), row.last_chunk()) else { continue };
            let border = |pixel: &[f32; CHANNELS]| [*pixel; REACH];
            padded.clear();
            padded.extend(border(first).as_flattened());
            padded.extend(row);
            padded.extend(border(last).as_flattened());
            let tap = |tap: usize| padded.get(CHANNELS * tap..).unwrap_or_default();
            weigh(&self.weights, std::array::from_fn(tap), stride, &mut self.across);
        }
        self.blurred.clear();
        let rows: Vec<&[f32]> = self.across.chunks(stride).collect();
        for y in 0..rows.len() {
            let tap = |tap: usize| -> &[f32] {
                let row = (y + tap).saturating_sub(REACH).min(rows.len() - 1);
                rows.get(row).copied().unwrap_or_default()
            };
            weigh(&self.weights, std::array::from_fn(tap), stride, &mut self.blurred);
        }
    }
}

/// Appends the weighted sums of the first values of some rows.
fn weigh(weights: &[f32; TAPS], rows: [&[f32]; TAPS], count: usize, sums: &mut Vec<f32>) {
    let [a, b, c, d, e] = rows;
    let [wa, wb, wc, wd, we] = weights;
    let values = a.iter().zip(b).zip(c).zip(d).zip(e).take(count);
    sums.extend(values.map(|((((a, b), c), d), e)| wa * a + wb * b + wc * c + wd * d + we * e));
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates at the range of a byte"
)]
fn level(value: f32) -> u8 {
    (value + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_scene_keeps_its_level_but_for_grain() {
        let mut camera = SimulatedCamera::new((40, 30), &mut Random::new(1, &[]));
        let jpeg = camera.take(&vec![[90.0, 120.0, 150.0]; 1200]).unwrap();
        let picture = image::load_from_memory(&jpeg).unwrap().into_rgb8();
        assert_eq!(picture.dimensions(), (40, 30));
        let mean = |channel: usize| {
            picture.pixels().map(|pixel| f64::from(pixel.0[channel])).sum::<f64>() / 1200.0
        };
        for (channel, level) in [90.0, 120.0, 150.0].into_iter().enumerate() {
            assert!((mean(channel) - level).abs() < 2.0, "{channel}");
        }
        let levels: std::collections::BTreeSet<u8> =
            picture.pixels().map(|pixel| pixel.0[1]).collect();
        assert!(levels.len() > 3);
    }

    #[test]
    fn an_edge_is_blurred_and_equal_seeds_give_equal_bytes() {
        let edge: Vec<Colour> =
            (0..1200).map(|n| [if n % 40 < 20 { 50.0 } else { 200.0 }; 3]).collect();
        let mut camera = SimulatedCamera::new((40, 30), &mut Random::new(2, &[]));
        camera.blur(edge.as_flattened());
        let row: Vec<f32> = camera.blurred[..120].iter().step_by(3).copied().collect();
        assert!((row[2] - 50.0).abs() < 0.1 && (row[37] - 200.0).abs() < 0.1);
        assert!(row[19] > 51.0 && row[20] < 199.0);
        let take = || SimulatedCamera::new((40, 30), &mut Random::new(2, &[])).take(&edge).unwrap();
        assert_eq!(take(), take());
    }
}
