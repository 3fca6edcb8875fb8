//! A small picture of a frame, and its sealed file.

use std::{
    fs::File,
    io::{self, Write},
    os::fd::OwnedFd,
};

use fpass_face::{FaceBox, Observation, RgbView};
use fpass_proto::limits::{PICTURE_HEIGHT_MAX, PICTURE_WIDTH_MAX};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use zeroize::Zeroizing;

/// A frame, made smaller: RGB8, rows from top to bottom without padding.
pub(super) struct Picture {
    width: u32,
    height: u32,
    pixels: Zeroizing<Vec<u8>>,
    /// Left, top, width and height of the one face, in pixels of the picture; zeros without one.
    face: [u32; 4],
}

/// A picture as a file that nobody can change.
#[derive(Debug)]
pub(crate) struct SealedPicture {
    /// Its pixels: RGB8, rows from top to bottom without padding.
    pub(crate) file: OwnedFd,
    /// Pixels in a row.
    pub(crate) width: u32,
    /// Rows.
    pub(crate) height: u32,
    /// Left, top, width and height of the one face, in pixels of the picture; zeros without one.
    pub(crate) face: [u32; 4],
}

impl Picture {
    /// The picture of a frame: each pixel is the mean of a square of the frame.
    pub(super) fn of(view: &RgbView<'_>, observation: &Observation) -> Self {
        let side = view.width().div_ceil(PICTURE_WIDTH_MAX);
        let side = side.max(view.height().div_ceil(PICTURE_HEIGHT_MAX)).max(1);
        let (width, height) = ((view.width() / side).max(1), (view.height() / side).max(1));
        let row_length = width as usize * 3;
        let mut pixels = Zeroizing::new(Vec::with_capacity(row_length * height as usize));
        let mut sums = vec![0_u32; row_length];
        for y in 0..height {
            sums.fill(0);
            let rows = (y * side..(y + 1) * side).filter(|row| *row < view.height());
            let mut count = 0;
            for row in rows {
                count += 1;
                for (square, sum) in
                    view.row(row).chunks(side as usize).zip(sums.chunks_exact_mut(3))
                {
                    for pixel in square {
                        for (sum, value) in sum.iter_mut().zip(pixel) {
                            *sum += u32::from(*value);
                        }
                    }
                }
            }
            let area = (count * side.min(view.width())).max(1);
            pixels.extend(sums.iter().map(|sum| u8::try_from(sum / area).unwrap_or(u8::MAX)));
        }
        let face = match observation {
            Observation::OneFace(face) => outline(&face.bounds, side),
            Observation::NoFace { .. } | Observation::SeveralFaces(_) => [0; 4],
        };
        Self { width, height, pixels, face }
    }

    /// Writes the picture into a file in memory and seals it.
    pub(super) fn seal(&self) -> io::Result<SealedPicture> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let mut file = File::from(memfd_create(c"picture", flags)?);
        file.write_all(&self.pixels)?;
        let seals = SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE;
        fcntl_add_seals(&file, seals)?;
        let Self { width, height, face, .. } = *self;
        Ok(SealedPicture { file: file.into(), width, height, face })
    }
}

/// The box in pixels of a picture whose pixels are squares of `side` pixels of the frame.
fn outline(bounds: &FaceBox, side: u32) -> [u32; 4] {
    [bounds.left(), bounds.top(), bounds.width(), bounds.height()].map(|number| number / side)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek};

    use super::*;

    fn nobody() -> Observation {
        Observation::NoFace { frame_brightness: 20.0 }
    }

    #[test]
    fn every_frame_fits_and_keeps_its_form() {
        for (width, height, wanted) in [
            (16, 16, (16, 16)),
            (320, 240, (320, 240)),
            (321, 240, (160, 120)),
            (640, 480, (320, 240)),
            (1280, 720, (320, 180)),
            (1920, 1080, (320, 180)),
            (480, 640, (160, 213)),
            (16, 4096, (1, 227)),
            (4096, 16, (315, 1)),
        ] {
            let pixels = [9, 90, 200].repeat(width as usize * height as usize);
            let picture = Picture::of(&RgbView::new(width, height, &pixels).unwrap(), &nobody());
            assert_eq!((picture.width, picture.height), wanted, "{width}x{height}");
            let length = wanted.0 as usize * wanted.1 as usize * 3;
            assert_eq!(picture.pixels.len(), length, "{width}x{height}");
            assert!(picture.pixels.chunks(3).all(|pixel| pixel == [9, 90, 200]), "{width}");
        }
    }

    #[test]
    fn a_pixel_is_the_mean_of_its_square() {
        // Columns of black and white: a square has half of each.
        let row = [[0_u8; 3], [200; 3]].concat().repeat(320);
        let picture = Picture::of(&RgbView::new(640, 480, &row.repeat(480)).unwrap(), &nobody());
        assert!(picture.pixels.iter().all(|value| *value == 100));
    }

    #[test]
    fn a_sealed_file_has_the_pixels_and_cannot_be_changed() {
        let pixels = [1, 2, 3].repeat(16 * 16);
        let picture = Picture::of(&RgbView::new(16, 16, &pixels).unwrap(), &nobody());
        let sealed = picture.seal().unwrap();
        let mut file = File::from(sealed.file);
        assert!(file.write_all(b"x").is_err());
        assert!(file.set_len(1).is_err() && file.set_len(100).is_err());
        assert!(fcntl_add_seals(&file, SealFlags::FUTURE_WRITE).is_err());
        file.rewind().unwrap();
        let mut read = Vec::new();
        file.read_to_end(&mut read).unwrap();
        assert_eq!(read, pixels);
    }
}
