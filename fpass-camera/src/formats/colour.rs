//! Y′CbCr to RGB8, one block of pixels at a time.
//!
//! The planes of a block are arrays of fixed length. For these the compiler emits vector
//! instructions and no bounds checks. Only the last step interleaves the three colours.

use super::size::CHANNELS;

/// Pixels that are converted together.
pub(crate) const BLOCK: usize = 32;

/// Range of the luma and chroma values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Range {
    /// Luma 16–235, chroma 16–240: the V4L2 default for YUYV and for clips.
    Limited,
    /// 0–255, as in JPEG files.
    Full,
}

impl Range {
    const fn matrix(self) -> Matrix {
        match self {
            Self::Limited => Matrix {
                black: 16,
                luma: 298,
                red_of_cr: 409,
                green_of_cb: -100,
                green_of_cr: -208,
                blue_of_cb: 516,
            },
            Self::Full => Matrix {
                black: 0,
                luma: 256,
                red_of_cr: 359,
                green_of_cb: -88,
                green_of_cr: -183,
                blue_of_cb: 454,
            },
        }
    }
}

/// The equations of ITU-R BT.601-7, section 2.5, with the coefficients in 1/256 (Kr = 0.299,
/// Kb = 0.114). Full range is the same matrix as in JFIF 1.02.
///
/// Vector units multiply factors of 16 bits to products of 32 bits in one instruction.
struct Matrix {
    black: i16,
    luma: i16,
    red_of_cr: i16,
    green_of_cb: i16,
    green_of_cr: i16,
    blue_of_cb: i16,
}

impl Matrix {
    #[inline(always)]
    fn rgb(&self, luma: u8, cb: u8, cr: u8) -> [u8; CHANNELS] {
        let product = |factor: i16, value: i16| i32::from(factor) * i32::from(value);
        let (cb, cr) = (i16::from(cb) - 128, i16::from(cr) - 128);
        let luma = product(self.luma, i16::from(luma) - self.black) + 128;
        let red = product(self.red_of_cr, cr);
        let green = product(self.green_of_cb, cb) + product(self.green_of_cr, cr);
        let blue = product(self.blue_of_cb, cb);
        [red, green, blue].map(|chroma| clamped((luma + chroma) >> 8))
    }
}

#[inline(always)]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is within 0 to 255, and a checked conversion keeps the loop scalar"
)]
fn clamped(value: i32) -> u8 {
    value.clamp(0, 255) as u8
}

/// Up to [`BLOCK`] pixels with a luma and two chroma samples each.
pub(crate) struct Block {
    pub(crate) luma: [u8; BLOCK],
    pub(crate) cb: [u8; BLOCK],
    pub(crate) cr: [u8; BLOCK],
}

impl Block {
    /// A black block without colour.
    pub(crate) const GREY: Self = Self { luma: [0; BLOCK], cb: [128; BLOCK], cr: [128; BLOCK] };

    /// Reads up to [`BLOCK`] pixels of YUYV: luma, Cb, luma, Cr for each pair of pixels.
    #[inline]
    pub(crate) fn unpack(&mut self, yuyv: &[u8]) {
        let luma = self.luma.as_chunks_mut::<2>().0.iter_mut();
        let cb = self.cb.as_chunks_mut::<2>().0.iter_mut();
        let cr = self.cr.as_chunks_mut::<2>().0.iter_mut();
        let pairs = yuyv.as_chunks::<4>().0;
        for (((luma, cb), cr), pair) in luma.zip(cb).zip(cr).zip(pairs) {
            *luma = [pair[0], pair[2]];
            *cb = [pair[1]; 2];
            *cr = [pair[3]; 2];
        }
    }

    /// Reads up to [`BLOCK`] pixels of two planes: luma, and Cb, Cr for each pair of pixels.
    #[inline]
    pub(crate) fn unpack_planes(&mut self, luma: &[u8], chroma: &[u8]) {
        copy_samples(luma, &mut self.luma);
        let cb = self.cb.as_chunks_mut::<2>().0.iter_mut();
        let cr = self.cr.as_chunks_mut::<2>().0.iter_mut();
        for ((cb, cr), pair) in cb.zip(cr).zip(chroma.as_chunks::<2>().0) {
            *cb = [pair[0]; 2];
            *cr = [pair[1]; 2];
        }
    }

    /// Writes as many pixels as `rgb` has room for, three bytes each: red, green, blue.
    #[inline]
    pub(crate) fn write(&self, range: Range, rgb: &mut [u8]) {
        match range {
            Range::Limited => self.write_by(&const { Range::Limited.matrix() }, rgb),
            Range::Full => self.write_by(&const { Range::Full.matrix() }, rgb),
        }
    }

    #[inline(always)]
    fn write_by(&self, matrix: &Matrix, rgb: &mut [u8]) {
        let (mut red, mut green, mut blue) = ([0; BLOCK], [0; BLOCK], [0; BLOCK]);
        let samples = self.luma.iter().zip(&self.cb).zip(&self.cr);
        let planes = red.iter_mut().zip(&mut green).zip(&mut blue);
        for (((luma, cb), cr), ((red, green), blue)) in samples.zip(planes) {
            [*red, *green, *blue] = matrix.rgb(*luma, *cb, *cr);
        }
        let pixels = rgb.as_chunks_mut::<CHANNELS>().0;
        for (((pixel, red), green), blue) in pixels.iter_mut().zip(&red).zip(&green).zip(&blue) {
            *pixel = [*red, *green, *blue];
        }
    }
}

/// Copies the values of `plane` into `samples`, as many as fit.
#[inline]
pub(crate) fn copy_samples(plane: &[u8], samples: &mut [u8; BLOCK]) {
    for (sample, &value) in samples.iter_mut().zip(plane) {
        *sample = value;
    }
}

/// Copies each value of `plane` twice into `samples`, as many as fit.
#[inline]
pub(crate) fn repeat_samples(plane: &[u8], samples: &mut [u8; BLOCK]) {
    for (pair, &value) in samples.as_chunks_mut::<2>().0.iter_mut().zip(plane) {
        *pair = [value; 2];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The equations with real numbers.
    fn exact(luma: u8, cb: u8, cr: u8, range: Range) -> [f64; 3] {
        let (scale_y, offset, scale_c) = match range {
            Range::Limited => (255.0 / 219.0, 16.0, 255.0 / 224.0),
            Range::Full => (1.0, 0.0, 1.0),
        };
        let y = (f64::from(luma) - offset) * scale_y;
        let (b, r) = ((f64::from(cb) - 128.0) * scale_c, (f64::from(cr) - 128.0) * scale_c);
        let green = (0.114 * 1.772 * b + 0.299 * 1.402 * r) / 0.587;
        [y + 1.402 * r, y - green, y + 1.772 * b].map(|value| value.clamp(0.0, 255.0))
    }

    #[test]
    fn the_integer_matrix_is_within_one_step_of_the_equations() {
        for range in [Range::Limited, Range::Full] {
            for luma in (0..=255).step_by(5) {
                for cb in (0..=255).step_by(15) {
                    for cr in (0..=255).step_by(15) {
                        let given = range.matrix().rgb(luma, cb, cr);
                        for (given, exact) in given.iter().zip(exact(luma, cb, cr, range)) {
                            assert!((f64::from(*given) - exact).abs() < 1.6, "{luma} {cb} {cr}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_block_writes_the_pixels_of_the_matrix_and_only_into_its_room() {
        let mut block = Block::GREY;
        for (at, step) in (0u8..).zip([7u8, 11, 13, 17, 19, 23].iter().cycle()).take(BLOCK) {
            let index = usize::from(at);
            block.luma[index] = at.wrapping_mul(*step);
            block.cb[index] = at.wrapping_mul(29).wrapping_add(*step);
            block.cr[index] = at.wrapping_mul(31).wrapping_sub(*step);
        }
        for range in [Range::Limited, Range::Full] {
            for pixels in 0..=BLOCK {
                let mut rgb = vec![1; pixels * CHANNELS + 2];
                block.write(range, &mut rgb);
                for (at, pixel) in rgb.chunks_exact(CHANNELS).take(BLOCK).enumerate() {
                    let wanted = range.matrix().rgb(block.luma[at], block.cb[at], block.cr[at]);
                    assert_eq!(pixel, wanted);
                }
                assert_eq!(rgb[pixels * CHANNELS..], [1; 2]);
            }
        }
    }
}
