//! The picture of the person who enrols, as the daemon hands it out, and as a mirror shows it.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;

use fpass_proto::PictureReport;
use fpass_proto::limits::{PICTURE_HEIGHT_MAX, PICTURE_WIDTH_MAX};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// Bytes of a pixel.
pub(crate) const PIXEL: usize = 3;
/// Thickness of the outline of the face in pixels.
const LINE: u32 = 2;
/// The outline of a face whose frame was taken.
const GOOD: [u8; PIXEL] = [0, 200, 0];
/// The outline of any other face.
const OTHER: [u8; PIXEL] = [240, 200, 0];

/// A small picture in RGB8. It is overwritten in memory when it is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    width: u32,
    height: u32,
    pixels: Zeroizing<Vec<u8>>,
    /// Left, top, right and bottom of the face; right and bottom are outside.
    face: Option<(u32, u32, u32, u32)>,
}

impl Picture {
    /// Reads a picture of the daemon.
    ///
    /// # Errors
    /// [`Failure::VersionSkew`] when its sides or its face are impossible, or it cannot be read.
    pub(crate) fn read(report: PictureReport) -> Result<Self, Failure> {
        let PictureReport { pixels, width, height, face } = report;
        let sides =
            (1..=PICTURE_WIDTH_MAX).contains(&width) && (1..=PICTURE_HEIGHT_MAX).contains(&height);
        if !sides {
            return Err(Failure::VersionSkew);
        }
        let face = outline(face, width, height)?;
        let length = width as usize * height as usize * PIXEL;
        let mut bytes = Zeroizing::new(vec![0; length]);
        File::from(OwnedFd::from(pixels))
            .read_exact_at(&mut bytes, 0)
            .map_err(|_| Failure::VersionSkew)?;
        Ok(Self { width, height, pixels: bytes, face })
    }

    /// Pixels in a row.
    pub(crate) const fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub(crate) const fn height(&self) -> u32 {
        self.height
    }

    /// The pixels as in a mirror, with the outline of the face.
    pub(crate) fn mirrored(&self, is_good: bool) -> Zeroizing<Vec<u8>> {
        let colour = if is_good { GOOD } else { OTHER };
        let mut shown = Zeroizing::new(Vec::with_capacity(self.pixels.len()));
        let row_bytes = self.width as usize * PIXEL;
        for (y, row) in (0..self.height).zip(self.pixels.chunks_exact(row_bytes)) {
            let (pixels, _) = row.as_chunks::<PIXEL>();
            for (x, pixel) in (0..self.width).zip(pixels).rev() {
                shown.extend_from_slice(if self.is_outline(x, y) { &colour } else { pixel });
            }
        }
        shown
    }

    /// Whether a pixel is on the outline of the face.
    fn is_outline(&self, x: u32, y: u32) -> bool {
        self.face.is_some_and(|(left, top, right, bottom)| {
            let is_within = (left..right).contains(&x) && (top..bottom).contains(&y);
            let is_inside = (left + LINE..right.saturating_sub(LINE)).contains(&x)
                && (top + LINE..bottom.saturating_sub(LINE)).contains(&y);
            is_within && !is_inside
        })
    }
}

/// The face, or `None` without one.
fn outline(
    (left, top, across, down): (u32, u32, u32, u32),
    width: u32,
    height: u32,
) -> Result<Option<(u32, u32, u32, u32)>, Failure> {
    if (across, down) == (0, 0) {
        return Ok(None);
    }
    // The last pixel of a face may be cut off where the picture was made smaller.
    let end = |start: u32, length: u32, side: u32| {
        start.checked_add(length).filter(|end| *end <= side + 1).ok_or(Failure::VersionSkew)
    };
    Ok(Some((left, top, end(left, across, width)?, end(top, down, height)?)))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn report(width: u32, height: u32, face: (u32, u32, u32, u32), length: usize) -> PictureReport {
        let mut file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(length).collect();
        file.write_all(&bytes).unwrap();
        PictureReport { pixels: OwnedFd::from(file).into(), width, height, face }
    }

    #[test]
    fn a_picture_is_shown_as_in_a_mirror() {
        let picture = Picture::read(report(2, 2, (0, 0, 0, 0), 12)).unwrap();
        let shown = picture.mirrored(true);
        assert_eq!(*shown, [3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8]);
    }

    #[test]
    fn the_outline_is_where_the_face_is_in_the_mirror() {
        // In a row of eight pixels the face has the left six: in the mirror, the right ones.
        let picture = Picture::read(report(8, 6, (0, 0, 6, 6), 8 * 6 * 3)).unwrap();
        let shown = picture.mirrored(true);
        let (pixels, _) = shown.as_chunks::<PIXEL>();
        let third_row: Vec<bool> = pixels[16..24].iter().map(|pixel| *pixel == GOOD).collect();
        assert_eq!(third_row, [false, false, true, true, false, false, true, true]);
        assert!(picture.mirrored(false).as_chunks::<PIXEL>().0.contains(&OTHER));
    }

    #[test]
    fn impossible_pictures_are_refused() {
        for (width, height, face, length) in [
            (0, 2, (0, 0, 0, 0), 24),
            (4, 0, (0, 0, 0, 0), 24),
            (u32::MAX, 2, (0, 0, 0, 0), 24),
            (4, u32::MAX, (0, 0, 0, 0), 24),
            (4, 2, (4, 0, 2, 2), 24),
            (4, 2, (u32::MAX, 0, 2, 2), 24),
            (4, 2, (0, 1, 1, 3), 24),
            (4, 2, (0, 0, 0, 0), 23),
        ] {
            let read = Picture::read(report(width, height, face, length));
            assert_eq!(read, Err(Failure::VersionSkew), "{width}x{height} {face:?} {length}");
        }
    }
}
