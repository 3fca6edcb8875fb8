//! A sheet that is bent along one direction, and the rays of the camera that meet it.
//!
//! The sheet is a curve that is drawn along an axis. All rays leave one point, so where a ray meets
//! the curve depends on one number: its slope across the axis. A table over that number serves
//! every pixel.

use super::numbers::{real, whole};

/// A matrix by its rows.
pub(super) type Matrix = [[f32; 3]; 3];

/// Length of one straight piece of the curve in centimetres.
const STEP: f32 = 0.25;
/// Entries of the table.
const SLOPES: usize = 2048;
/// Steepest slope in the table.
const SLOPE_MAX: f32 = 2.0;

/// How the sheet is bent: the angle of its curve against the plane at a distance from its middle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Bend {
    /// A part of a cylinder by its curvature in 1/cm, positive when the middle is nearest to the
    /// camera. 0 is flat.
    Arc(f32),
    /// One crease at a distance from the middle; both halves stand back by an angle.
    Crease {
        /// Place in centimetres.
        at: f32,
        /// Angle in radians.
        angle: f32,
    },
    /// A ridge in the middle, with straight flanks.
    Ridge {
        /// Half the width at the foot, along the sheet, in centimetres.
        half_width: f32,
        /// Angle of a flank in radians.
        angle: f32,
    },
}

impl Bend {
    /// The angle of the curve in radians; positive ones go away from the camera.
    fn angle(self, place: f32) -> f32 {
        match self {
            Self::Arc(curvature) => curvature * place,
            Self::Crease { at, angle } => angle * (place - at).signum(),
            Self::Ridge { half_width, angle } if place.abs() < half_width => angle * place.signum(),
            Self::Ridge { .. } => 0.0,
        }
    }
}

/// Where the sheet is: from sheet coordinates (centimetres to its right, down, away from the
/// camera) to those of the camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pose {
    /// Turn about the vertical axis in radians.
    pub(super) yaw: f32,
    /// Turn about the horizontal axis.
    pub(super) pitch: f32,
    /// Turn about the axis of the camera.
    pub(super) roll: f32,
    /// Place of the middle in centimetres.
    pub(super) shift: [f32; 3],
}

impl Pose {
    /// The rotation from the sheet to the camera.
    fn rotation(&self) -> Matrix {
        let ((sy, cy), (sp, cp), (sr, cr)) =
            (self.yaw.sin_cos(), self.pitch.sin_cos(), self.roll.sin_cos());
        let yaw = [[cy, 0.0, sy], [0.0, 1.0, 0.0], [-sy, 0.0, cy]];
        let pitch = [[1.0, 0.0, 0.0], [0.0, cp, -sp], [0.0, sp, cp]];
        let roll = [[cr, -sr, 0.0], [sr, cr, 0.0], [0.0, 0.0, 1.0]];
        multiply(&roll, &multiply(&pitch, &yaw))
    }
}

fn multiply(a: &Matrix, b: &Matrix) -> Matrix {
    a.map(|row| {
        let mut product = [0.0; 3];
        for (factor, other) in row.iter().zip(b) {
            product.iter_mut().zip(other).for_each(|(sum, value)| *sum += factor * value);
        }
        product
    })
}

/// A matrix times a vector.
pub(super) fn apply(matrix: &Matrix, vector: [f32; 3]) -> [f32; 3] {
    matrix.map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum())
}

/// Where a ray meets the sheet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hit {
    /// Centimetres to the right of the middle, along the sheet.
    pub(super) x: f32,
    /// Centimetres below the middle.
    pub(super) y: f32,
    /// Angle of the sheet there against its plane, in radians.
    pub(super) angle: f32,
}

/// A bent sheet as the camera sees it at one moment.
#[derive(Clone, Debug)]
pub(super) struct SheetView {
    /// From the camera to the axes of the bend.
    to_bend: Matrix,
    /// The camera in the axes of the bend.
    origin: [f32; 3],
    axis: (f32, f32),
    /// Slopes of the rays between which the sheet is seen: left, top, right, bottom.
    seen_within: [f32; 4],
    /// Place along the curve, distance from the camera and angle, for each slope.
    table: Vec<Option<[f32; 3]>>,
}

impl SheetView {
    /// A sheet whose bend has an axis that is `axis` radians from its vertical, and which reaches
    /// `reach` centimetres from its middle.
    pub(super) fn new(pose: &Pose, bend: Bend, axis: f32, reach: f32) -> Self {
        let (sin, cos) = axis.sin_cos();
        let bend_axes = [[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]];
        let to_bend = multiply(&bend_axes, &transpose(&pose.rotation()));
        let origin = apply(&to_bend, pose.shift).map(|value| -value);
        let table = vec![None; SLOPES];
        let seen_within = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
        let mut view = Self { to_bend, origin, axis: (sin, cos), seen_within, table };
        for direction in [1.0, -1.0] {
            view.draw(bend, direction, reach);
        }
        view
    }

    /// Enlarges the part of the picture in which the sheet is seen, by a line of the sheet.
    fn widen(&mut self, x: f32, z: f32, reach: f32) {
        let to_camera = transpose(&self.to_bend);
        for y in [-reach, reach] {
            let [from_x, from_y, from_z] = self.origin;
            let [x, y, z] = apply(&to_camera, [x - from_x, y - from_y, z - from_z]);
            // What reaches the plane of the camera may be seen anywhere.
            let (x, y) = if z > 1.0 { (x / z, y / z) } else { (x * f32::MAX, y * f32::MAX) };
            let [left, top, right, bottom] = self.seen_within;
            self.seen_within = [left.min(x), top.min(y), right.max(x), bottom.max(y)];
        }
    }

    /// Whether a ray may meet the sheet.
    pub(super) fn may_meet(&self, [x, y, _]: [f32; 3]) -> bool {
        let [left, top, right, bottom] = self.seen_within;
        left <= x && x <= right && top <= y && y <= bottom
    }

    /// Enters one half of the curve into the table.
    fn draw(&mut self, bend: Bend, direction: f32, reach: f32) {
        let (mut place, mut x, mut z) = (0.0_f32, 0.0, 0.0);
        let mut last = self.seen(place, x, z, bend.angle(direction * STEP / 2.0));
        while place < reach {
            let angle = bend.angle(direction * (place + STEP / 2.0));
            x += direction * STEP * angle.cos();
            z += direction * STEP * angle.sin();
            place += STEP;
            let next = self.seen(direction * place, x, z, angle);
            self.enter(last, next);
            self.widen(x, z, reach);
            last = next;
        }
    }

    /// Slope of the ray to a point of the curve, in entries of the table, and what is entered.
    fn seen(&self, place: f32, x: f32, z: f32, angle: f32) -> Option<(f32, [f32; 3])> {
        let [from_x, _, from_z] = self.origin;
        let distance = z - from_z;
        let slope = (x - from_x) / distance;
        let entry = (slope / SLOPE_MAX + 1.0) / 2.0 * real(SLOPES);
        (distance > 1.0 && slope.abs() < SLOPE_MAX).then_some((entry, [place, distance, angle]))
    }

    fn enter(&mut self, from: Option<(f32, [f32; 3])>, to: Option<(f32, [f32; 3])>) {
        let (Some((start, first)), Some((end, second))) = (from, to) else { return };
        let (low, high) = (start.min(end).ceil(), start.max(end).ceil());
        for (number, entry) in (0_u16..).zip(&mut self.table) {
            let at = f32::from(number);
            if at < low {
                continue;
            }
            if at >= high {
                break;
            }
            let share = (at - start) / (end - start);
            let mix = |index: usize| -> f32 {
                let value = |point: &[f32; 3]| point.get(index).copied().unwrap_or_default();
                value(&first) + share * (value(&second) - value(&first))
            };
            let found = [mix(0), mix(1), second[2]];
            if entry.is_none_or(|[_, distance, _]| found[1] < distance) {
                *entry = Some(found);
            }
        }
    }

    /// Where the ray with this direction in camera coordinates meets the sheet's curve. The caller
    /// limits it to the sheet's sides.
    pub(super) fn meet(&self, ray: [f32; 3]) -> Option<Hit> {
        let [x, y, z] = apply(&self.to_bend, ray);
        if z <= 0.05 {
            return None;
        }
        let entry = (x / z / SLOPE_MAX + 1.0) / 2.0 * real(SLOPES);
        if !(0.0..real(SLOPES - 1)).contains(&entry) {
            return None;
        }
        let low = whole(entry);
        let share = entry - real(low);
        let [place, distance, angle] = (*self.table.get(low)?)?;
        let [next_place, next_distance, _] = (*self.table.get(low + 1)?)?;
        let along = if (next_distance - distance).abs() < 1.0 {
            // The two entries may be of different parts of the curve.
            [place + share * (next_place - place), distance + share * (next_distance - distance)]
        } else {
            [place, distance]
        };
        let [place, distance] = along;
        let down = self.origin[1] + y * distance / z;
        let (sin, cos) = self.axis;
        Some(Hit { x: cos * place - sin * down, y: sin * place + cos * down, angle })
    }
}

fn transpose(matrix: &Matrix) -> Matrix {
    let [[a, b, c], [d, e, f], [g, h, i]] = *matrix;
    [[a, d, g], [b, e, h], [c, f, i]]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pose() -> impl Strategy<Value = Pose> {
        ((-0.6_f32..0.6, -0.6_f32..0.6, -0.4_f32..0.4), (-8.0_f32..8.0, -8.0_f32..8.0))
            .prop_map(|((yaw, pitch, roll), (x, y))| Pose { yaw, pitch, roll, shift: [x, y, 50.0] })
    }

    /// The ray from the camera to a point in sheet coordinates.
    fn ray(pose: &Pose, point: [f32; 3]) -> [f32; 3] {
        let [x, y, z] = apply(&pose.rotation(), point);
        [x + pose.shift[0], y + pose.shift[1], z + pose.shift[2]]
    }

    proptest! {
        #[test]
        fn a_ray_to_a_point_of_a_flat_sheet_meets_it_there(
            pose in pose(), x in -9.0_f32..9.0, y in -12.0_f32..12.0, axis in -1.5_f32..1.5,
        ) {
            let view = SheetView::new(&pose, Bend::Arc(0.0), axis, 16.0);
            let towards = ray(&pose, [x, y, 0.0]);
            prop_assert!(view.may_meet([towards[0] / towards[2], towards[1] / towards[2], 1.0]));
            let hit = view.meet(towards).unwrap();
            prop_assert!((hit.x - x).abs() < 0.05 && (hit.y - y).abs() < 0.05, "{hit:?}");
        }

        #[test]
        fn a_ray_to_a_point_of_a_cylinder_meets_it_there(
            pose in pose(), place in -4.0_f32..4.0, y in -9.0_f32..9.0, convex: bool,
        ) {
            let curvature = if convex { 0.1_f32 } else { -0.05 };
            let view = SheetView::new(&pose, Bend::Arc(curvature), 0.0, 14.0);
            let angle = curvature * place;
            let point = [angle.sin() / curvature, y, (1.0 - angle.cos()) / curvature];
            let hit = view.meet(ray(&pose, point)).unwrap();
            // The nearer part of the sheet may hide the point, and is then met instead.
            let met = (hit.x - place).abs() < 0.1 && (hit.y - y).abs() < 0.1;
            prop_assert!(met || convex, "{hit:?}");
        }
    }

    #[test]
    fn the_middle_of_a_ridge_is_nearest_to_the_camera() {
        let pose = Pose { yaw: 0.0, pitch: 0.0, roll: 0.0, shift: [0.0, 0.0, 50.0] };
        let ridge = Bend::Ridge { half_width: 3.0, angle: 0.5 };
        let view = SheetView::new(&pose, ridge, 0.0, 14.0);
        let middle = view.meet([0.0, 0.0, 1.0]).unwrap();
        assert!(middle.x.abs() < 0.1, "{middle:?}");
        // The feet are 3 cm along the sheet, and nearer to the middle as the camera sees them.
        let foot = view.meet([2.6, 0.0, 51.4]).unwrap();
        assert!((foot.x - 3.0).abs() < 0.15, "{foot:?}");
        assert_eq!(view.meet([0.0, 0.0, -1.0]), None);
    }
}
