//! YuNet: faces with five landmarks each.

use zeroize::Zeroize;

use super::candidate::{Candidate, keep_surest};
use super::canvas::Canvas;
use crate::error::FaceError;
use crate::geometry::{FaceBox, Point, pixels};
use crate::image::RgbView;
use crate::landmarks::Landmarks5;
use crate::model::Role;
use crate::network::Network;
use crate::sampler::{Channels, Planes};
use crate::transform::Square;

/// Steps in pixels between the places of which each group of outputs tells.
const STRIDES: [u32; 3] = [8, 16, 32];
/// What the network says, each for the three strides.
const OUTPUTS: [&str; 12] = [
    "cls_8", "cls_16", "cls_32", "obj_8", "obj_16", "obj_32", "bbox_8", "bbox_16", "bbox_32",
    "kps_8", "kps_16", "kps_32",
];
/// Confidence from which on a place in the reduced frame is looked at more closely.
const SEARCH_CONFIDENCE: f32 = 0.6;
/// Confidence from which on a close look is believed.
const FACE_CONFIDENCE: f32 = 0.75;
/// Side in pixels of the picture of a close look.
const CLOSE_SIDE: u32 = 128;
/// Pixels of the frame along each axis for one of a close look, at most: landmarks need no more.
const CLOSE_SAMPLES: u32 = 2;
/// Side of the square of a close look, in sides of the face.
const CLOSE_MARGIN: f32 = 2.0;

/// The YuNet detector (Wu et al., 2023), with its own small network for the whole frame and for a
/// closer look at a place.
pub struct YunetDetector {
    network: Network,
    canvas: Canvas,
    planes: Planes,
    outputs: [Vec<f32>; OUTPUTS.len()],
    candidates: Vec<Candidate>,
}

impl YunetDetector {
    /// Builds the network from the bytes of its verified file.
    ///
    /// # Errors
    /// [`FaceError::NetworkUnreadable`] when they are no such network.
    pub fn load(bytes: Vec<u8>) -> Result<Self, FaceError> {
        Ok(Self {
            network: Network::load(Role::DetectorYunet, bytes, &OUTPUTS, 1)?,
            canvas: Canvas::default(),
            planes: Planes::new(CLOSE_SIDE, CLOSE_SAMPLES),
            outputs: Default::default(),
            candidates: Vec::new(),
        })
    }

    /// Every place in the frame that may show a face, the surest first, clipped to the frame. The
    /// frame is reduced until its longer side has `longest_side` pixels.
    ///
    /// # Errors
    /// [`FaceError::NetworkFailed`].
    pub fn search(
        &mut self,
        view: &RgbView<'_>,
        longest_side: u32,
    ) -> Result<Vec<FaceBox>, FaceError> {
        self.canvas.fill(view, longest_side);
        let (width, height) = (self.canvas.width(), self.canvas.height());
        run(&self.network, &mut self.outputs, self.canvas.values(), width, height)?;
        decode(&self.outputs, (width, height), SEARCH_CONFIDENCE, &mut self.candidates);
        let scale = self.canvas.scale();
        let in_frame = self.candidates.iter().map(|c| c.in_frame(scale, Point { x: 0.0, y: 0.0 }));
        Ok(in_frame.filter_map(|candidate| bounds(&candidate, view)).collect())
    }

    /// Overwrites what is left of the last frame and of where its faces were.
    pub(crate) fn forget(&mut self) {
        self.canvas.forget();
        self.planes.forget();
        self.outputs.iter_mut().for_each(Zeroize::zeroize);
        self.candidates.clear();
    }

    /// Looks closely at the place of a box: the surest face whose middle lies in it, with its
    /// landmarks. `None` when there is none.
    ///
    /// # Errors
    /// [`FaceError::NetworkFailed`].
    pub fn look(
        &mut self,
        view: &RgbView<'_>,
        place: &FaceBox,
    ) -> Result<Option<(FaceBox, Landmarks5)>, FaceError> {
        let side = CLOSE_MARGIN * pixels(place.width().max(place.height()));
        let square = Square::upright(place.centre(), side);
        self.planes.fill(view, &square, Channels::Bgr);
        run(&self.network, &mut self.outputs, self.planes.values(), CLOSE_SIDE, CLOSE_SIDE)?;
        let sides = (CLOSE_SIDE, CLOSE_SIDE);
        decode(&self.outputs, sides, FACE_CONFIDENCE, &mut self.candidates);
        let scale = side / pixels(CLOSE_SIDE);
        let in_frame =
            self.candidates.iter().map(|c| c.in_frame((scale, scale), square.at(0.0, 0.0)));
        let mut inside = in_frame.filter(|candidate| place.contains(candidate.centre()));
        Ok(inside.find_map(|candidate| Some((bounds(&candidate, view)?, candidate.landmarks))))
    }
}

fn bounds(candidate: &Candidate, view: &RgbView<'_>) -> Option<FaceBox> {
    let (Point { x, y }, (width, height)) = (candidate.corner, candidate.size);
    FaceBox::clip(x, y, width, height, view.width(), view.height())
}

/// Runs the network and keeps its outputs.
fn run(
    network: &Network,
    outputs: &mut [Vec<f32>; OUTPUTS.len()],
    values: &[f32],
    width: u32,
    height: u32,
) -> Result<(), FaceError> {
    network.run(values, height as usize, width as usize, |number, values| {
        if let Some(output) = outputs.get_mut(number) {
            output.clear();
            output.extend_from_slice(values);
        }
    })
}

/// Reads the outputs for a picture of these sides. For each place: confidence is the geometric
/// mean of `cls` and `obj`; the middle of the box lies off the place by `bbox[0..2]` and its sides
/// are the exponentials of `bbox[2..4]`, landmarks lie off it by `kps`, all in steps.
fn decode(
    outputs: &[Vec<f32>; OUTPUTS.len()],
    (width, height): (u32, u32),
    confidence_min: f32,
    candidates: &mut Vec<Candidate>,
) {
    candidates.clear();
    let [class, object, boxes, points] = {
        let (groups, _) = outputs.as_chunks::<3>();
        let mut groups = groups.iter();
        [groups.next(), groups.next(), groups.next(), groups.next()]
    };
    let (Some(class), Some(object), Some(boxes), Some(points)) = (class, object, boxes, points)
    else {
        return;
    };
    let by_stride = STRIDES.iter().zip(class).zip(object).zip(boxes).zip(points);
    for ((((stride, class), object), boxes), points) in by_stride {
        let columns = width / stride;
        let places = (0..height / stride).flat_map(|y| (0..columns).map(move |x| (x, y)));
        let said = class.iter().zip(object).zip(boxes.as_chunks::<4>().0);
        let said = said.zip(points.as_chunks::<10>().0).zip(places);
        for ((((class, object), offsets), points), (x, y)) in said {
            let confidence = (class.clamp(0.0, 1.0) * object.clamp(0.0, 1.0)).sqrt();
            if confidence < confidence_min {
                continue;
            }
            let candidate =
                place(pixels(*stride), (pixels(x), pixels(y)), offsets, points, confidence);
            if candidate.is_sound() {
                candidates.push(candidate);
            }
        }
    }
    keep_surest(candidates);
}

fn place(
    stride: f32,
    (column, row): (f32, f32),
    &[aside, below, wide, high]: &[f32; 4],
    points: &[f32; 10],
    confidence: f32,
) -> Candidate {
    let (width, height) = (wide.exp() * stride, high.exp() * stride);
    let corner = Point {
        x: (column + aside) * stride - width / 2.0,
        y: (row + below) * stride - height / 2.0,
    };
    let &[rx, ry, lx, ly, nx, ny, mx, my, ox, oy] = points;
    let landmarks = [(rx, ry), (lx, ly), (nx, ny), (mx, my), (ox, oy)]
        .map(|(x, y)| Point { x: (column + x) * stride, y: (row + y) * stride });
    Candidate {
        corner,
        size: (width, height),
        landmarks: Landmarks5::from_points(landmarks),
        confidence,
    }
}
