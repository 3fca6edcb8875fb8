//! The picture that is on the paper or the screen.

use super::numbers::{real, whole};

/// A colour, each channel 0 to 255.
pub(super) type Colour = [f32; 3];

/// A picture with its place on the sheet.
#[derive(Clone, Debug)]
pub(super) struct Texture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
    /// Where the middle of the sheet is in the picture, in pixels.
    centre: [f32; 2],
    /// One centimetre of the sheet to its right, in pixels of the picture.
    across: [f32; 2],
}

impl Texture {
    /// A picture of RGB8. `across` is one centimetre of the sheet to its right, in pixels.
    pub(super) fn new(
        (width, height): (u32, u32),
        pixels: Vec<u8>,
        centre: [f32; 2],
        across: [f32; 2],
    ) -> Self {
        let side = |side: u32| usize::try_from(side).unwrap_or(0);
        Self { width: side(width), height: side(height), pixels, centre, across }
    }

    /// The same place with another picture of the same size.
    pub(super) fn replace(&mut self, pixels: &[u8]) {
        if pixels.len() == self.pixels.len() {
            self.pixels.copy_from_slice(pixels);
        }
    }

    /// How far the picture reaches from its middle on the sheet, in centimetres to the nearest
    /// border across and down.
    pub(super) fn reach(&self) -> [f32; 2] {
        let scale = self.across[0].hypot(self.across[1]).max(f32::MIN_POSITIVE);
        let nearest = |at: f32, side: usize| at.min(real(side) - at).max(0.0) / scale;
        [nearest(self.centre[0], self.width), nearest(self.centre[1], self.height)]
    }

    /// The colour at a place of the sheet, in centimetres from its middle. Beyond a border it is
    /// that of the border.
    pub(super) fn at(&self, x: f32, y: f32) -> Colour {
        let [a, b] = self.across;
        let (u, v) = (self.centre[0] + a * x - b * y, self.centre[1] + b * x + a * y);
        let (u, v) = (u.clamp(0.0, real(self.width) - 1.0), v.clamp(0.0, real(self.height) - 1.0));
        let (left, top) = (whole(u), whole(v));
        let (du, dv) = (u - real(left), v - real(top));
        let (right, bottom) =
            ((left + 1).min(self.width.max(1) - 1), (top + 1).min(self.height.max(1) - 1));
        let corners = [
            (self.pixel(left, top), (1.0 - du) * (1.0 - dv)),
            (self.pixel(right, top), du * (1.0 - dv)),
            (self.pixel(left, bottom), (1.0 - du) * dv),
            (self.pixel(right, bottom), du * dv),
        ];
        let mut colour = [0.0; 3];
        for (corner, share) in corners {
            colour.iter_mut().zip(corner).for_each(|(sum, part)| *sum += share * f32::from(part));
        }
        colour
    }

    fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        let start = 3 * (y * self.width + x);
        let found = self.pixels.get(start..start + 3).and_then(|found| found.first_chunk());
        found.copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_on_the_sheet_are_those_of_the_picture() {
        let pixels = (0..48).map(|value| value * 5).collect();
        let texture = Texture::new((4, 4), pixels, [1.0, 1.0], [2.0, 0.0]);
        assert_eq!(texture.at(0.0, 0.0), [75.0, 80.0, 85.0]);
        assert_eq!(texture.at(0.5, 0.0), [90.0, 95.0, 100.0]);
        assert_eq!(texture.at(0.25, 0.0), [82.5, 87.5, 92.5]);
        assert_eq!(texture.at(-9.0, -9.0), [0.0, 5.0, 10.0]);
        assert_eq!(texture.at(9.0, 9.0), [225.0, 230.0, 235.0]);
        assert_eq!(texture.reach(), [0.5, 0.5]);
    }
}
