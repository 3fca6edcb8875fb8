//! The fit of a frame to the neutral one: how much of the motion follows the depth of a head.

use zeroize::Zeroize;

use super::blurred_face::{BlurredFace, Detail};
use super::contrast::ContrastNormaliser;
use super::depth_template::DepthTemplate;
use super::normal_equations::{LANES, Lanes, NormalEquations, Samples};
use super::patch::Patch;
use super::placement::{Placement, Similarity, pairs};
use super::warp::{Warp, displaced, single};
use crate::error::FaceError;
use crate::image::RgbView;
use crate::landmarks::Landmarks5;

// The constants of the fit are those that were measured
// (docs/adr/0055-liveness-by-a-head-turn.md).

/// Samples per face width of the coarse and of the fine patch.
const COARSE: u8 = 24;
const FINE: u8 = 48;
/// Most Gauss-Newton steps with each.
const COARSE_STEPS: usize = 10;
const FINE_STEPS: usize = 6;
/// Side of the neighbourhood in which contrast is normalised, in face widths.
const NEIGHBOURHOOD: f32 = 0.30;
/// Residuals above this many standard deviations lose most of their weight (Geman and McClure,
/// 1987).
const ROBUST: f32 = 1.5;
/// Standard deviation of a normal distribution over its median absolute deviation.
const DEVIATION: f32 = 1.4826;
/// Smallest standard deviation of the residuals, in units of normalised contrast.
const DEVIATION_MIN: f32 = 1e-3;
/// Below these changes of shift (face widths) and of depth the fit has converged.
const SHIFT_CONVERGED: f64 = 2e-4;
const DEPTH_CONVERGED: f64 = 1e-3;
/// Below this correlation the fit is tried again from the five landmarks.
const RETRY_BELOW: f32 = 0.85;
/// Above this correlation the next frame starts from the fit.
const KEEP_ABOVE: f32 = 0.30;

/// The result of the fit of one frame. All zero where no fit was possible.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DepthFit {
    /// Displacement across in face widths for one face width of depth: about the sine of the yaw of
    /// a solid head, positive when the nose goes to the right; about 0 for a picture.
    pub across: f32,
    /// The same downwards.
    pub down: f32,
    /// Correlation of the frame, warped back, with the neutral frame, −1 to 1.
    pub correlation: f32,
}

/// Compares frames with a neutral one. Its memory is allocated once and overwritten when dropped.
pub struct HeadFit {
    coarse: Level,
    fine: Level,
    blurred: BlurredFace,
    neutral: Option<NeutralPlace>,
    last: Warp,
}

/// Where the face was in the neutral frame.
#[derive(Clone, Copy)]
struct NeutralPlace {
    placement: Placement,
    /// The landmarks in face coordinates.
    landmarks: [[f64; 2]; 5],
}

impl HeadFit {
    /// A fit by the depth of an average head, without a neutral frame.
    #[must_use]
    pub fn new(template: &DepthTemplate) -> Self {
        Self {
            coarse: Level::new(template, COARSE, Detail::Coarse),
            fine: Level::new(template, FINE, Detail::Fine),
            blurred: BlurredFace::new(),
            neutral: None,
            last: Warp::default(),
        }
    }

    /// Takes a frame as the neutral one.
    ///
    /// # Errors
    /// [`FaceError::LandmarksUnusable`] when a landmark is outside the picture, or the landmarks
    /// have no [`Placement`].
    pub fn begin(&mut self, view: &RgbView<'_>, landmarks: &Landmarks5) -> Result<(), FaceError> {
        self.neutral = None;
        let placement = place(view, landmarks)?;
        self.blurred.scale_to(placement.width(), COARSE, FINE);
        self.blurred.fill(view, &placement);
        let to_part = self.blurred.to_part(placement.pixel_map());
        for level in [&mut self.coarse, &mut self.fine] {
            level.sample(&self.blurred, &to_part, &Warp::default());
            std::mem::swap(&mut level.current, &mut level.neutral);
        }
        let landmarks = pairs(landmarks).map(|point| placement.face(point));
        self.neutral = Some(NeutralPlace { placement, landmarks });
        self.last = Warp::default();
        Ok(())
    }

    /// Fits a later frame, starting from the fit of the frame before, or from the landmarks if that
    /// fits better. Without a neutral frame all numbers are zero.
    ///
    /// # Errors
    /// As [`HeadFit::begin`].
    pub fn fit(
        &mut self,
        view: &RgbView<'_>,
        landmarks: &Landmarks5,
    ) -> Result<DepthFit, FaceError> {
        let placement = place(view, landmarks)?;
        let Some(neutral) = self.neutral else { return Ok(DepthFit::default()) };
        self.blurred.fill(view, &placement);
        let to_part = self.blurred.to_part(neutral.placement.pixel_map());
        let start = self.last;
        let (mut warp, mut correlation) = self.align(&to_part, &start);
        if correlation < RETRY_BELOW {
            let present = pairs(landmarks).map(|point| neutral.placement.face(point));
            let start = Warp::of(&Similarity::fit(&neutral.landmarks, &present));
            let (other, other_correlation) = self.align(&to_part, &start);
            if other_correlation > correlation {
                (warp, correlation) = (other, other_correlation);
            }
        }
        if correlation > KEEP_ABOVE {
            self.last = warp;
        }
        let [across, down] = warp.depth().map(single);
        Ok(DepthFit { across, down, correlation })
    }

    /// Overwrites the neutral frame and what is left of the last one.
    pub fn forget(&mut self) {
        self.neutral = None;
        self.last = Warp::default();
        self.blurred.forget();
        self.coarse.forget();
        self.fine.forget();
    }

    /// Gauss-Newton from a start, first with the coarse patch: the warp and its correlation.
    fn align(&mut self, to_part: &Similarity, start: &Warp) -> (Warp, f32) {
        let coarse = self.coarse.descend(&self.blurred, to_part, start, COARSE_STEPS);
        let warp = self.fine.descend(&self.blurred, to_part, &coarse, FINE_STEPS);
        self.fine.sample(&self.blurred, to_part, &warp);
        (warp, self.fine.correlation())
    }
}

impl Drop for HeadFit {
    fn drop(&mut self) {
        self.forget();
    }
}

fn place(view: &RgbView<'_>, landmarks: &Landmarks5) -> Result<Placement, FaceError> {
    if !landmarks.are_inside(view.width(), view.height()) {
        return Err(FaceError::LandmarksUnusable);
    }
    Placement::of(landmarks)
}

/// The patch of one resolution in the neutral frame and in the present one.
struct Level {
    detail: Detail,
    patch: Patch,
    neutral: Field,
    current: Field,
    normaliser: ContrastNormaliser,
    residuals: Vec<f32>,
}

impl Level {
    fn new(template: &DepthTemplate, per_width: u8, detail: Detail) -> Self {
        let patch = Patch::new(template, per_width);
        let reach = crate::geometry::whole(NEIGHBOURHOOD * f32::from(per_width)) as usize / 2;
        Self {
            detail,
            neutral: Field::new(&patch),
            current: Field::new(&patch),
            normaliser: ContrastNormaliser::new(patch.columns, patch.rows, reach),
            residuals: Vec::with_capacity(patch.count()),
            patch,
        }
    }

    /// Samples the present frame where a warp says, and normalises its contrast.
    fn sample(&mut self, blurred: &BlurredFace, to_part: &Similarity, warp: &Warp) {
        let [a, b] = [to_part.a, to_part.b].map(single);
        let [left, top] = to_part.shift.map(single);
        let [across, down] = warp.single();
        let groups = self.current.values.as_chunks_mut::<LANES>().0;
        for (group, terms) in groups.iter_mut().zip(&self.patch.terms) {
            let [_, u, v, ..] = terms;
            let (u, v) = (displaced(u, &across, terms), displaced(v, &down, terms));
            for ((value, u), v) in group.iter_mut().zip(u).zip(v) {
                *value = blurred.at(self.detail, a * u - b * v + left, b * u + a * v + top);
            }
        }
        let count = self.patch.count();
        if let Some(values) = self.current.values.get_mut(..count) {
            self.normaliser.normalise(values);
        }
        self.current.differentiate(&self.patch);
    }

    /// At most `steps` Gauss-Newton steps; the last warp whose step could be computed.
    fn descend(
        &mut self,
        blurred: &BlurredFace,
        to_part: &Similarity,
        start: &Warp,
        steps: usize,
    ) -> Warp {
        let mut warp = *start;
        for _ in 0..steps {
            self.sample(blurred, to_part, &warp);
            let Some(step) = self.equations().solve() else { break };
            let stepped = warp.stepped(&step);
            if !stepped.is_bounded() {
                break;
            }
            warp = stepped;
            let shift = step.iter().map(|[shift, ..]| shift.abs()).fold(0.0, f64::max);
            let depth = step.iter().map(|[.., depth]| depth.abs()).fold(0.0, f64::max);
            if shift < SHIFT_CONVERGED && depth < DEPTH_CONVERGED {
                break;
            }
        }
        warp
    }

    /// The normal equations at the present samples. The gradient is the mean of the frame's and the
    /// neutral one's (Malis, 2004).
    fn equations(&mut self) -> NormalEquations {
        let limit = ROBUST * self.deviation();
        let half = self.patch.per_width / 2.0;
        let mut equations = NormalEquations::new();
        let groups = self.neutral.groups().zip(self.current.groups());
        let patch = self.patch.terms.iter().zip(&self.patch.inside);
        for ((neutral, current), (terms, inside)) in groups.zip(patch) {
            let gradient =
                |old: &Lanes, new: &Lanes| combine(old, new, |old, new| half * (old + new));
            let residual = combine(neutral[0], current[0], |old, new| new - old);
            let weight = combine(inside, &residual, |inside, residual| {
                let ratio = residual / limit;
                let root = 1.0 / (1.0 + ratio * ratio);
                inside * root * root
            });
            equations.add(&Samples {
                terms,
                gradient: [gradient(neutral[1], current[1]), gradient(neutral[2], current[2])],
                residual,
                weight,
            });
        }
        equations
    }

    /// Robust standard deviation of the residuals in the ellipse.
    fn deviation(&mut self) -> f32 {
        let lanes = self.patch.inside.iter().flatten();
        let pairs = self.neutral.values.iter().zip(&self.current.values).zip(lanes);
        let inside = pairs.filter(|(_, inside)| **inside > 0.0);
        self.residuals.clear();
        self.residuals.extend(inside.map(|((old, new), _)| (new - old).abs()));
        let middle = self.residuals.len() / 2;
        if self.residuals.is_empty() {
            return DEVIATION_MIN;
        }
        let (_, median, _) = self.residuals.select_nth_unstable_by(middle, f32::total_cmp);
        DEVIATION * *median + DEVIATION_MIN
    }

    /// Correlation of the two patches in the ellipse; 0 when one of them has no texture.
    fn correlation(&self) -> f32 {
        let (mut both, mut old_squares, mut new_squares) =
            ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        let groups = self.neutral.groups().zip(self.current.groups());
        for (([old, ..], [new, ..]), inside) in groups.zip(&self.patch.inside) {
            let sums = both.iter_mut().zip(&mut old_squares).zip(&mut new_squares);
            for (((both, olds), news), ((old, new), inside)) in
                sums.zip(old.iter().zip(new).zip(inside))
            {
                *both += inside * old * new;
                *olds += inside * old * old;
                *news += inside * new * new;
            }
        }
        let total = |lanes: [f32; LANES]| lanes.iter().sum::<f32>();
        let correlation = total(both) / (total(old_squares) * total(new_squares)).sqrt();
        if correlation.is_finite() { correlation.clamp(-1.0, 1.0) } else { 0.0 }
    }

    fn forget(&mut self) {
        self.neutral.forget();
        self.current.forget();
        self.normaliser.forget();
        self.residuals.zeroize();
    }
}

/// Normalised values of a patch and their gradient, per sample.
struct Field {
    values: Vec<f32>,
    across: Vec<f32>,
    down: Vec<f32>,
}

impl Field {
    fn new(patch: &Patch) -> Self {
        let plane = || vec![0.0; patch.terms.len() * LANES];
        Self { values: plane(), across: plane(), down: plane() }
    }

    /// Values and gradient in groups of [`LANES`].
    fn groups(&self) -> impl Iterator<Item = [&Lanes; 3]> {
        let [values, across, down] = [&self.values, &self.across, &self.down]
            .map(|plane| plane.as_chunks::<LANES>().0.iter());
        values.zip(across).zip(down).map(|((values, across), down)| [values, across, down])
    }

    /// Central differences, and one-sided ones at the border.
    fn differentiate(&mut self, patch: &Patch) {
        let (columns, count) = (patch.columns, patch.count());
        let Some(values) = self.values.get(..count) else { return };
        for (row, across) in values.chunks_exact(columns).zip(self.across.chunks_exact_mut(columns))
        {
            if let ([_, inner @ .., _], [_, _, next @ ..]) = (&mut *across, row) {
                halve_difference(inner, next, row);
            }
            if let ([first, .., last], [a, b, .., c, d]) = (across, row) {
                (*first, *last) = (b - a, d - c);
            }
        }
        let (Some(next), Some(inner)) =
            (values.get(2 * columns..), self.down.get_mut(columns..count - columns))
        else {
            return;
        };
        halve_difference(inner, next, values);
        let borders = [(0, columns), (count - columns, count - 2 * columns)];
        for ((border, inward), sign) in borders.into_iter().zip([-1.0, 1.0]) {
            let line = |start: usize| values.get(start..start + columns).unwrap_or_default();
            let target = self.down.get_mut(border..border + columns).unwrap_or_default();
            for ((value, outer), inner) in target.iter_mut().zip(line(border)).zip(line(inward)) {
                *value = sign * (outer - inner);
            }
        }
    }

    fn forget(&mut self) {
        for plane in [&mut self.values, &mut self.across, &mut self.down] {
            plane.as_mut_slice().zeroize();
        }
    }
}

/// Half of the difference between the neighbours on both sides.
fn halve_difference(target: &mut [f32], next: &[f32], before: &[f32]) {
    for ((value, next), before) in target.iter_mut().zip(next).zip(before) {
        *value = 0.5 * (next - before);
    }
}

fn combine(a: &Lanes, b: &Lanes, by: impl Fn(f32, f32) -> f32) -> Lanes {
    let mut lanes = [0.0; LANES];
    for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
        *lane = by(*a, *b);
    }
    lanes
}

#[cfg(test)]
mod tests;
