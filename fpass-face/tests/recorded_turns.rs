//! The decision about recorded turns and prints, as numbers: landmarks, corners that were tracked,
//! and fits.

#[cfg(test)]
mod shared {
    use std::collections::BTreeMap;
    use std::fs::File;
    use std::io::Read;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use fpass_face::liveness::{
        DepthFit, DepthTemplate, FrameSight, MeasuredFace, Placement, PromptOutcome, TurnJudge,
        TurnRule,
    };
    use fpass_face::{Landmarks5, Point};

    /// Cosine of every turned face to its neutral one: the median of those measured. It was not
    /// recorded.
    const COSINE: f32 = 0.85;
    /// Fewest corners for a fit, rounds of reweighting, and the residual in face widths from which
    /// on a corner loses weight: those of the recording.
    const CORNERS_MIN: usize = 40;
    const ROUNDS: usize = 6;
    const HUBER: f64 = 0.006;

    /// An array of numbers of a recording.
    struct Array {
        shape: Vec<usize>,
        values: Vec<f64>,
    }

    impl Array {
        /// Reads the format of NumPy, version 1, little-endian.
        fn parse(bytes: &[u8]) -> Self {
            let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
            let header = std::str::from_utf8(&bytes[10..10 + length]).unwrap();
            assert!(header.contains("'fortran_order': False"), "{header}");
            let between = |start: &str, end: &str| {
                let rest = header.split_once(start).unwrap().1;
                rest.split_once(end).unwrap().0.to_owned()
            };
            let shape = between("'shape': (", ")");
            let shape = shape.split(',').map(str::trim).filter(|side| !side.is_empty());
            let shape: Vec<usize> = shape.map(|side| side.parse().unwrap()).collect();
            let body = &bytes[10 + length..];
            let values: Vec<f64> = match between("'descr': '", "'").as_str() {
                "<f4" => {
                    let (words, []) = body.as_chunks::<4>() else { panic!("{header}") };
                    words.iter().map(|word| f32::from_le_bytes(*word).into()).collect()
                }
                "<f8" => {
                    let (words, []) = body.as_chunks::<8>() else { panic!("{header}") };
                    words.iter().map(|word| f64::from_le_bytes(*word)).collect()
                }
                "<i2" => {
                    let (words, []) = body.as_chunks::<2>() else { panic!("{header}") };
                    words.iter().map(|word| i16::from_le_bytes(*word).into()).collect()
                }
                other => panic!("unknown type {other}"),
            };
            assert_eq!(values.len(), shape.iter().product::<usize>());
            Self { shape, values }
        }

        /// The points of one frame.
        fn points(&self, frame: usize) -> &[[f64; 2]] {
            let [_, count, 2] = self.shape[..] else { panic!("{:?}", self.shape) };
            &self.values.as_chunks::<2>().0[frame * count..(frame + 1) * count]
        }
    }

    /// One attempt, and what it must give.
    struct Attempt {
        name: String,
        is_live: bool,
        sign: f32,
        depth_max: f64,
        arrays: BTreeMap<String, Array>,
    }

    impl Attempt {
        fn array(&self, name: &str) -> &Array {
            &self.arrays[name]
        }

        /// The landmarks of a frame; `None` when the detector was not run on it.
        #[expect(clippy::cast_possible_truncation, reason = "recorded in single precision")]
        fn landmarks(&self, frame: usize) -> Option<Landmarks5> {
            let points: [[f64; 2]; 5] = self.array("lm5").points(frame).try_into().unwrap();
            let known = points.iter().flatten().all(|number| number.is_finite());
            let points = points.map(|[x, y]| Point { x: x as f32, y: y as f32 });
            known.then(|| Landmarks5::from_points(points))
        }

        /// The outcome of the attempt when a turn with this sign is asked for at the neutral frame.
        #[expect(clippy::cast_possible_truncation, reason = "recorded in single precision")]
        fn judge(&self, sign: f32) -> Option<PromptOutcome> {
            let times = &self.array("t").values;
            let since = |frame: usize| Duration::from_secs_f64(1.0 + times[frame] - times[0]);
            let neutral = MeasuredFace::new(&self.landmarks(0).unwrap(), DepthFit::default());
            let neutral = neutral.unwrap();
            let start = since(0);
            let mut judge = TurnJudge::new(TurnRule::TURN, sign, &neutral, start, start);
            (1..times.len()).find_map(|frame| {
                let recorded = |name: &str| self.array(name).values[frame] as f32;
                let fit = DepthFit {
                    across: recorded("da_kx"),
                    down: recorded("da_ky"),
                    correlation: recorded("da_ncc"),
                };
                let face = self.landmarks(frame).map(|points| MeasuredFace::new(&points, fit));
                let sight =
                    face.map_or(FrameSight::NoFace, |face| FrameSight::OneFace(face.unwrap()));
                judge.judge(since(frame), &sight, Some(COSINE))
            })
        }
    }

    fn directory() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/liveness/tracks")
    }

    fn attempts() -> Vec<Attempt> {
        let index = File::open(directory().join("index.json")).unwrap();
        let index: Vec<serde_json::Value> = serde_json::from_reader(index).unwrap();
        assert!(!index.is_empty());
        let read = |entry: &serde_json::Value| {
            let name = entry["file"].as_str().unwrap().to_owned();
            let mut archive = zip::ZipArchive::new(File::open(directory().join(&name)).unwrap());
            let archive = archive.as_mut().unwrap();
            let arrays = (0..archive.len()).map(|index| {
                let mut member = archive.by_index(index).unwrap();
                let name = member.name().unwrap().trim_end_matches(".npy").to_owned();
                let mut bytes = Vec::new();
                member.read_to_end(&mut bytes).unwrap();
                (name, Array::parse(&bytes))
            });
            let arrays = arrays.collect();
            let sign = if entry["demanded_sign"].as_i64().unwrap() > 0 { 1.0 } else { -1.0 };
            let is_live = match entry["label"].as_str().unwrap() {
                "live" => true,
                "attack" => false,
                other => panic!("{name}: unknown label {other}"),
            };
            let depth_max = entry["lk_k_max"].as_f64().unwrap();
            Attempt { name, is_live, sign, depth_max, arrays }
        };
        index.iter().map(read).collect()
    }

    #[test]
    fn every_recorded_attempt_is_judged_as_the_index_says() {
        for attempt in attempts() {
            let (asked, opposite) = (attempt.judge(attempt.sign), attempt.judge(-attempt.sign));
            println!("{}: {asked:?}, opposite {opposite:?}", attempt.name);
            if attempt.is_live {
                assert_eq!(asked, Some(PromptOutcome::Followed), "{}", attempt.name);
                assert_eq!(opposite, Some(PromptOutcome::WrongWay), "{}", attempt.name);
            } else {
                assert_ne!(asked, Some(PromptOutcome::Followed), "{}", attempt.name);
                assert_ne!(opposite, Some(PromptOutcome::Followed), "{}", attempt.name);
            }
        }
    }

    /// Solves seven normal equations.
    fn solve(mut rows: [[f64; 8]; 7]) -> [f64; 7] {
        for pivot in 0..7 {
            let best =
                (pivot..7).max_by(|a, b| rows[*a][pivot].abs().total_cmp(&rows[*b][pivot].abs()));
            rows.swap(pivot, best.unwrap());
            for row in 0..7 {
                if row != pivot {
                    let factor = rows[row][pivot] / rows[pivot][pivot];
                    let above = rows[pivot];
                    rows[row].iter_mut().zip(above).for_each(|(value, a)| *value -= factor * a);
                }
            }
        }
        std::array::from_fn(|index| rows[index][7] / rows[index][index])
    }

    /// The coefficient of the depth in the displacement across of tracked corners.
    fn depth_coefficient(corners: &[([f64; 2], f64, f64)]) -> f64 {
        let mut weights = vec![1.0; corners.len()];
        let mut found = [0.0; 7];
        for _ in 0..ROUNDS {
            let mut rows = [[0.0; 8]; 7];
            let terms = |[u, v]: [f64; 2], depth: f64| [1.0, u, v, u * u, u * v, v * v, depth];
            for ((place, depth, moved), weight) in corners.iter().zip(&weights) {
                let terms = terms(*place, *depth);
                for (row, term) in rows.iter_mut().zip(terms) {
                    for (value, other) in row.iter_mut().zip(terms.into_iter().chain([*moved])) {
                        *value += weight * term * other;
                    }
                }
            }
            found = solve(rows);
            for ((place, depth, moved), weight) in corners.iter().zip(&mut weights) {
                let fitted: f64 =
                    terms(*place, *depth).iter().zip(found).map(|(term, c)| term * c).sum();
                *weight = (HUBER / (moved - fitted).abs().max(1e-9)).min(1.0);
            }
        }
        found[6]
    }

    /// The recorded corners, placed by this crate and fitted with the recorded depths.
    #[test]
    fn the_coefficients_of_depth_are_the_recorded_ones() {
        for attempt in attempts() {
            let placement = Placement::of(&attempt.landmarks(0).unwrap()).unwrap();
            let width = attempt.array("face_w").values[0];
            assert!((placement.width() / width - 1.0).abs() < 1e-3, "{}", attempt.name);
            let (tracks, depths) = (attempt.array("tracks"), attempt.array("z"));
            let recorded = &attempt.array("lk_kx").values;
            let (mut compared, mut farthest) = (0, 0.0_f64);
            let mut largest = 0.0_f64;
            for (frame, recorded) in recorded.iter().enumerate().skip(1) {
                let pairs = tracks.points(0).iter().zip(tracks.points(frame)).zip(&depths.values);
                let seen = pairs.filter(|((_, now), _)| now[0].is_finite());
                let corners: Vec<([f64; 2], f64, f64)> = seen
                    .map(|((before, now), depth)| {
                        let (before, now) = (placement.face(*before), placement.face(*now));
                        (before, *depth, now[0] - before[0])
                    })
                    .collect();
                if corners.len() < CORNERS_MIN || !recorded.is_finite() {
                    continue;
                }
                let depth = depth_coefficient(&corners);
                compared += 1;
                farthest = farthest.max((depth - recorded).abs());
                let wanted =
                    if attempt.is_live { f64::from(attempt.sign) * depth } else { depth.abs() };
                largest = largest.max(wanted);
            }
            println!("{}: {compared} frames, within {farthest:.4}", attempt.name);
            // A print that jumps from frame to frame loses its corners at once.
            assert!(compared > 0 || !attempt.is_live, "{}", attempt.name);
            assert!(farthest < 0.01, "{}: {farthest}", attempt.name);
            // The index rounds to four digits, and takes the larger axis of some attacks.
            if attempt.is_live {
                let off = (largest - attempt.depth_max).abs();
                assert!(off < 0.01, "{}: {largest} {}", attempt.name, attempt.depth_max);
            }
        }
    }

    /// The recording weighed the nearest points of the mesh at each corner; the grid interpolates.
    #[test]
    #[expect(clippy::cast_possible_truncation, reason = "face coordinates are near 0")]
    fn the_depths_are_those_of_the_recording() {
        let template = DepthTemplate::embedded().unwrap();
        let (mut sum, mut count) = (0.0, 0.0);
        for attempt in attempts() {
            let placement = Placement::of(&attempt.landmarks(0).unwrap()).unwrap();
            let corners = attempt.array("tracks").points(0).iter();
            for (corner, depth) in corners.zip(&attempt.array("z").values) {
                let [u, v] = placement.face(*corner);
                sum += (f64::from(template.depth_at(u as f32, v as f32)) - depth).abs();
                count += 1.0;
            }
        }
        println!("mean difference of depth at {count} corners: {:.4} face widths", sum / count);
        assert!(sum / count < 0.01);
    }
}
