//! Turning of frames whose camera does not stand upright.

use crate::formats::CHANNELS;

/// By how much the frames of a camera must be turned clockwise to be upright.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rotation {
    /// Not at all: the camera is upright.
    #[default]
    None,
    /// A quarter of a turn.
    Quarter,
    /// Half a turn: the camera is upside down.
    Half,
    /// Three quarters of a turn.
    ThreeQuarters,
}

impl Rotation {
    /// Every rotation, by rising angle.
    pub const ALL: [Self; 4] = [Self::None, Self::Quarter, Self::Half, Self::ThreeQuarters];

    /// The angle in degrees: 0, 90, 180 or 270.
    #[must_use]
    pub const fn degrees(self) -> u16 {
        match self {
            Self::None => 0,
            Self::Quarter => 90,
            Self::Half => 180,
            Self::ThreeQuarters => 270,
        }
    }

    /// The rotation by this angle in degrees, or `None` for any other angle.
    #[must_use]
    pub fn of_degrees(degrees: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|rotation| rotation.degrees() == degrees)
    }

    /// The rotation that undoes this one.
    #[must_use]
    pub const fn inverse(self) -> Self {
        match self {
            Self::None => Self::None,
            Self::Quarter => Self::ThreeQuarters,
            Self::Half => Self::Half,
            Self::ThreeQuarters => Self::Quarter,
        }
    }

    /// This rotation followed by another one.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::of_degrees((self.degrees() + other.degrees()) % 360).unwrap_or_default()
    }

    /// The sides of a turned picture of `width` × `height` pixels.
    pub(crate) const fn sides(self, width: u32, height: u32) -> (u32, u32) {
        match self {
            Self::None | Self::Half => (width, height),
            Self::Quarter | Self::ThreeQuarters => (height, width),
        }
    }

    /// The turned picture. `pixels` has `width` pixels a row.
    pub(crate) fn turn(self, pixels: &[u8], width: u32) -> Vec<u8> {
        let mut turned = Vec::with_capacity(pixels.len());
        let width = width as usize;
        let rows = pixels.chunks_exact(CHANNELS * width);
        let column = |x: usize| {
            rows.clone().filter_map(move |row| row.get(CHANNELS * x..CHANNELS * (x + 1)))
        };
        match self {
            Self::None => turned.extend_from_slice(pixels),
            Self::Half => turned.extend(pixels.rchunks_exact(CHANNELS).flatten()),
            // The left column, from bottom to top, becomes the upper row.
            Self::Quarter => (0..width).for_each(|x| turned.extend(column(x).rev().flatten())),
            Self::ThreeQuarters => {
                (0..width).rev().for_each(|x| turned.extend(column(x).flatten()));
            }
        }
        turned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of 3 × 2 pixels, numbered row by row.
    const PICTURE: [u8; 18] = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5];

    fn shown(rotation: Rotation) -> Vec<u8> {
        rotation.turn(&PICTURE, 3).iter().step_by(3).copied().collect()
    }

    #[test]
    fn only_whole_quarters_are_rotations() {
        for degrees in [1, 45, 89, 360, 450, u16::MAX] {
            assert_eq!(Rotation::of_degrees(degrees), None, "{degrees}");
        }
        for rotation in Rotation::ALL {
            assert_eq!(Rotation::of_degrees(rotation.degrees()), Some(rotation));
            assert_eq!(rotation.and(rotation.inverse()), Rotation::None);
        }
        assert_eq!(Rotation::Half.and(Rotation::ThreeQuarters), Rotation::Quarter);
    }

    #[test]
    fn pictures_are_turned_clockwise() {
        assert_eq!(shown(Rotation::None), [0, 1, 2, 3, 4, 5]);
        assert_eq!(shown(Rotation::Quarter), [3, 0, 4, 1, 5, 2]);
        assert_eq!(shown(Rotation::Half), [5, 4, 3, 2, 1, 0]);
        assert_eq!(shown(Rotation::ThreeQuarters), [2, 5, 1, 4, 0, 3]);
    }

    #[test]
    fn a_picture_turned_and_turned_back_is_the_same() {
        for rotation in Rotation::ALL {
            let turned = rotation.turn(&PICTURE, 3);
            let (width, height) = rotation.sides(3, 2);
            assert_eq!(rotation.inverse().turn(&turned, width), PICTURE);
            assert_eq!(rotation.inverse().sides(width, height), (3, 2));
        }
    }
}
