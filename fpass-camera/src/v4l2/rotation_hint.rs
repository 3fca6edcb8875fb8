//! How the driver says that the sensor is mounted.

use v4l::{Device, control::Value};

use super::controls;
use crate::Rotation;

/// `V4L2_CID_CAMERA_SENSOR_ROTATION` of `linux/v4l2-controls.h`, Linux 5.10 and later.
const SENSOR_ROTATION: u32 = 0x009a_0923;

/// The rotation that the frames need, or `None` when the driver does not know.
pub(super) fn read(device: &Device) -> Option<Rotation> {
    match controls::read(device, SENSOR_ROTATION)? {
        Value::Integer(degrees) => of_control(degrees),
        _ => None,
    }
}

/// The control gives the correction in degrees counter-clockwise, from 0 to 360.
fn of_control(degrees: i64) -> Option<Rotation> {
    Rotation::of_degrees(u16::try_from(degrees).ok()? % 360).map(Rotation::inverse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_angles_are_no_hint() {
        for degrees in [-90, -1, 1, 45, 359, 1 << 20, i64::MAX, i64::MIN] {
            assert_eq!(of_control(degrees), None, "{degrees}");
        }
    }

    #[test]
    fn the_correction_is_counter_clockwise() {
        let rows = [
            (0, Rotation::None),
            (90, Rotation::ThreeQuarters),
            (180, Rotation::Half),
            (270, Rotation::Quarter),
            (360, Rotation::None),
        ];
        for (degrees, rotation) in rows {
            assert_eq!(of_control(degrees), Some(rotation), "{degrees}");
        }
    }
}
