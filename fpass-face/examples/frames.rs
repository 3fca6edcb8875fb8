//! Measures how much the rule that several frames must agree lowers the false match rate.
//!
//! `cargo run --release -p fpass-face --example frames -- MODELS CLIPS PEOPLE`
//!
//! `CLIPS` is a directory of clips. Each clip is a directory of frames; unpack one with `ffmpeg -i
//! CLIP DIRECTORY/%03d.png`. `PEOPLE` is a directory of other people, with one directory of
//! pictures each. Every clip counts as an attempt against every picture.
//!
//! The thresholds are those that a given share of single frames reach. The program prints the share
//! of attempts in which any frame reaches them, and in which two to four frames in a row do, and
//! the correlation of the scores of neighbouring frames.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a tool for developers"
)]

use std::fs;
use std::path::{Path, PathBuf};

use fpass_face::{Comparator, Features, Manifest, Recogniser, RecogniserSettings, RgbView, Score};

const RATES: [f64; 3] = [1e-2, 1e-3, 1e-4];
const RUNS: [usize; 4] = [1, 2, 3, 4];

fn entries(directory: &Path) -> Vec<PathBuf> {
    let listed = fs::read_dir(directory).expect("a directory");
    let mut paths: Vec<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The features of the face nearest to the centre of a picture.
fn features(recogniser: &mut Recogniser, path: &Path) -> Option<Features> {
    let picture = image::open(path).ok()?.to_rgb8();
    let view = RgbView::new(picture.width(), picture.height(), picture.as_raw()).ok()?;
    let middle =
        fpass_face::Point { x: picture.width() as f32 / 2.0, y: picture.height() as f32 / 2.0 };
    let mut places = recogniser.search(&view).unwrap();
    places.sort_by(|a, b| a.centre().distance(middle).total_cmp(&b.centre().distance(middle)));
    let face = places.iter().find_map(|place| recogniser.inspect(&view, place).unwrap())?;
    recogniser.embed(&view, &face, Comparator::Fused).ok()
}

fn all(recogniser: &mut Recogniser, directory: &Path) -> Vec<Features> {
    entries(directory).iter().filter_map(|path| features(recogniser, path)).collect()
}

fn correlation(pairs: &[(f32, f32)]) -> f64 {
    let n = pairs.len() as f64;
    let mean = |of: fn(&(f32, f32)) -> f32| pairs.iter().map(|p| f64::from(of(p))).sum::<f64>() / n;
    let (mx, my) = (mean(|p| p.0), mean(|p| p.1));
    let sum = |of: &dyn Fn(f64, f64) -> f64| {
        pairs.iter().map(|p| of(f64::from(p.0) - mx, f64::from(p.1) - my)).sum::<f64>()
    };
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}

fn main() {
    let arguments: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    let [models, clips, people] = arguments.as_slice() else {
        println!("usage: frames MODELS CLIPS PEOPLE");
        return;
    };
    let models = Manifest::embedded().unwrap().verify(models).expect("verified models");
    let mut recogniser = Recogniser::load(&models, RecogniserSettings::default()).unwrap();
    let clips: Vec<Vec<Features>> =
        entries(clips).iter().map(|clip| all(&mut recogniser, clip)).collect();
    let people: Vec<Features> =
        entries(people).iter().flat_map(|person| all(&mut recogniser, person)).collect();
    let frames: usize = clips.iter().map(Vec::len).sum();
    println!("{} clips with {frames} frames against {} pictures", clips.len(), people.len());

    // One row of scores for each attempt, which is a clip against a picture.
    let attempts: Vec<Vec<f32>> = clips
        .iter()
        .flat_map(|clip| {
            people.iter().map(|picture| {
                clip.iter().map(|frame| Comparator::Fused.score(frame, picture).value()).collect()
            })
        })
        .collect();
    let mut scores: Vec<f32> = attempts.iter().flatten().copied().collect();
    scores.sort_by(|a, b| b.total_cmp(a));
    println!("share of   share of attempts with a frame, with 2, 3, 4 frames in a row,");
    println!("frames     at the same threshold, and as a multiple of the share of frames");
    for rate in RATES {
        let index = (scores.len() as f64 * rate) as usize;
        let threshold = Score::new(scores[index.max(1) - 1]);
        let reached = |attempt: &[f32], run: usize| {
            attempt.windows(run).any(|w| w.iter().all(|&s| Score::new(s).reaches(threshold)))
        };
        let cells: Vec<String> = RUNS
            .iter()
            .map(|&run| {
                let count = attempts.iter().filter(|attempt| reached(attempt, run)).count();
                let share = count as f64 / attempts.len() as f64;
                format!("{share:.2e} (×{:.2})", share / rate)
            })
            .collect();
        println!("{rate:<8.0e}   {}", cells.join("   "));
    }
    let neighbours: Vec<(f32, f32)> =
        attempts.iter().flat_map(|a| a.windows(2).map(|w| (w[0], w[1]))).collect();
    println!("correlation of neighbouring frames: {:.3}", correlation(&neighbours));
}
