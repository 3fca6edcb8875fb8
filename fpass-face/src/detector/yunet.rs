//! YuNet: faces, each with five landmarks.

use zeroize::Zeroize;

use super::candidate::{Candidate, suppress_non_maxima};
use super::input::DetectorInput;
use crate::error::FaceError;
use crate::geometry::{FaceBox, Point, pixels};
use crate::image::RgbView;
use crate::landmarks::Landmarks5;
use crate::model::role::Role;
use crate::observation::Sighting;
use crate::onnx::OnnxNetwork;
use crate::orientation::TurnedConfidences;
use crate::sampler::{ChannelOrder, Planes};
use crate::transform::Square;

/// Distances in pixels between the places of each group of outputs.
const STRIDES: [u32; 3] = [8, 16, 32];
/// Names of the outputs: class, object, box and landmarks, each for the three strides.
const OUTPUTS: [&str; 12] = [
    "cls_8", "cls_16", "cls_32", "obj_8", "obj_16", "obj_32", "bbox_8", "bbox_16", "bbox_32",
    "kps_8", "kps_16", "kps_32",
];
/// Lowest confidence of a place in the reduced frame that is refined.
const SEARCH_CONFIDENCE: f32 = 0.6;
/// Lowest confidence at which a refined place is a face.
const FACE_CONFIDENCE: f32 = 0.75;
/// Side in pixels of the picture in which a place is refined.
const CLOSE_SIDE: u32 = 128;
/// Most pixels of the frame along each axis that are averaged for one pixel of that picture. More
/// do not make the landmarks better.
const CLOSE_SAMPLES: u32 = 2;
/// Side of the square around a place that is refined, in sides of the place.
const CLOSE_MARGIN: f32 = 2.0;
/// Lowest confidence that [`YunetDetector::confidences`] tells from 0.
const CONFIDENCE_MIN: f32 = 0.1;

/// The YuNet detector (Wu et al., 2023). One network searches the reduced frame and refines single
/// places at a higher resolution.
pub struct YunetDetector {
    network: OnnxNetwork,
    input: DetectorInput,
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
            network: OnnxNetwork::load(Role::DetectorYunet, bytes, &OUTPUTS, 1)?,
            input: DetectorInput::default(),
            planes: Planes::new(CLOSE_SIDE, CLOSE_SAMPLES),
            outputs: Default::default(),
            candidates: Vec::new(),
        })
    }

    /// Every place in the frame that may show a face, by falling confidence, clipped to the frame.
    /// The frame is reduced so that its longer side has `longest_side` pixels.
    ///
    /// # Errors
    /// [`FaceError::NetworkFailed`].
    pub fn search(
        &mut self,
        view: &RgbView<'_>,
        longest_side: u32,
    ) -> Result<Vec<FaceBox>, FaceError> {
        self.input.fill(view, longest_side);
        let (width, height) = (self.input.width(), self.input.height());
        run(&self.network, &mut self.outputs, self.input.values(), width, height)?;
        decode(&self.outputs, (width, height), SEARCH_CONFIDENCE, &mut self.candidates);
        let scale = self.input.scale();
        let in_frame = self.candidates.iter().map(|c| c.in_frame(scale, Point { x: 0.0, y: 0.0 }));
        Ok(in_frame.filter_map(|candidate| bounds(&candidate, view)).collect())
    }

    /// Overwrites the last frame, its planes and the detections in it.
    pub(crate) fn forget(&mut self) {
        self.input.forget();
        self.planes.forget();
        self.outputs.iter_mut().for_each(Zeroize::zeroize);
        self.candidates.clear();
    }

    /// The most confident face with its centre in the box `place`, with its landmarks, found at a
    /// higher resolution than by [`search`](Self::search). `None` when there is no face.
    ///
    /// # Errors
    /// [`FaceError::NetworkFailed`].
    pub fn refine(
        &mut self,
        view: &RgbView<'_>,
        place: &FaceBox,
    ) -> Result<Option<Sighting>, FaceError> {
        let side = CLOSE_MARGIN * pixels(place.width().max(place.height()));
        let square = Square::upright(place.centre(), side);
        self.planes.fill(view, &square, ChannelOrder::Bgr);
        run(&self.network, &mut self.outputs, self.planes.values(), CLOSE_SIDE, CLOSE_SIDE)?;
        let sides = (CLOSE_SIDE, CLOSE_SIDE);
        decode(&self.outputs, sides, FACE_CONFIDENCE, &mut self.candidates);
        let scale = side / pixels(CLOSE_SIDE);
        let in_frame =
            self.candidates.iter().map(|c| c.in_frame((scale, scale), square.at(0.0, 0.0)));
        let mut inside = in_frame.filter(|candidate| place.contains(candidate.centre()));
        Ok(inside.find_map(|candidate| {
            let Candidate { landmarks, confidence, .. } = candidate;
            Some(Sighting { bounds: bounds(&candidate, view)?, landmarks, confidence })
        }))
    }

    /// The confidence in a face with its centre in the box `place`, in the frame as it is and
    /// turned by each number of quarters.
    ///
    /// # Errors
    /// [`FaceError::NetworkFailed`].
    pub fn confidences(
        &mut self,
        view: &RgbView<'_>,
        place: &FaceBox,
    ) -> Result<TurnedConfidences, FaceError> {
        let longer = pixels(place.width().max(place.height()));
        let square = Square::upright(place.centre(), CLOSE_MARGIN * longer);
        let sides = (CLOSE_SIDE, CLOSE_SIDE);
        // The place is in the middle of the square, however that is turned.
        let (middle, reach) = (pixels(CLOSE_SIDE) / 2.0, pixels(CLOSE_SIDE) / (2.0 * CLOSE_MARGIN));
        let mut confidences = [0.0; 4];
        for (quarters, confidence) in (0..).zip(&mut confidences) {
            self.planes.fill(view, &square.turned(quarters), ChannelOrder::Bgr);
            run(&self.network, &mut self.outputs, self.planes.values(), CLOSE_SIDE, CLOSE_SIDE)?;
            decode(&self.outputs, sides, CONFIDENCE_MIN, &mut self.candidates);
            let near = |Point { x, y }| (x - middle).abs() <= reach && (y - middle).abs() <= reach;
            let inside = self.candidates.iter().find(|candidate| near(candidate.centre()));
            *confidence = inside.map_or(0.0, |candidate| candidate.confidence);
        }
        Ok(TurnedConfidences(confidences))
    }
}

fn bounds(candidate: &Candidate, view: &RgbView<'_>) -> Option<FaceBox> {
    let (Point { x, y }, (width, height)) = (candidate.corner, candidate.size);
    FaceBox::clip(x, y, width, height, view.width(), view.height())
}

/// Runs the network and stores its outputs.
fn run(
    network: &OnnxNetwork,
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

/// Reads the outputs for a picture of `width` × `height` pixels. For each place, in units of the
/// stride: `bbox[0..2]` is the offset of the centre of the box, `bbox[2..4]` are the logarithms of
/// its sides, `kps` the offsets of the landmarks. Confidence is the geometric mean of `cls` and
/// `obj`.
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
    suppress_non_maxima(candidates);
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
