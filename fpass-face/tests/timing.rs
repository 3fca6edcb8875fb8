//! The time of a comparison does not tell which template is similar: Welch's t-test on interleaved
//! measurements (Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?", 2017).

#![allow(clippy::unwrap_used, reason = "all of this program is tests")]

use std::{hint::black_box, time::Instant};

use fpass_face::{
    Comparator, Embedding, Features, Gallery, Score, Template, calibration::TEMPLATES_MAX,
    embedder::EMBEDDING_LENGTH,
};

/// |t| above which two times differ: 10^-5 by chance, according to that paper.
const T_MAX: f64 = 4.5;
/// Measurements of one round.
const MEASUREMENTS: usize = 20_000;
/// Rounds with each order of the probes in memory. Other programs disturb single rounds in either
/// direction; a difference in the code shows in all of them, and so in their median.
const ROUNDS: usize = 7;
/// Number of times that a difference must show. The address of a probe causes one too, while the
/// probe stays there.
const TRIES: usize = 3;
/// Share of the measurements that are kept; the slowest ones were interrupted.
const KEPT: f64 = 0.9;

/// Features in the direction of `axis`.
fn features(axis: usize) -> Features {
    let values: Vec<f32> = (0..EMBEDDING_LENGTH)
        .map(|index| if index % TEMPLATES_MAX == axis { 0.25 } else { 0.01 })
        .collect();
    let embedding = Embedding::from_values(&values).unwrap();
    Features { sface: Some(embedding.normalised().unwrap()), dlib: Some(embedding) }
}

/// The next pseudo-random number (xorshift).
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

#[derive(Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let off = value - self.mean;
        self.mean += off / self.count;
        self.squares += off * (value - self.mean);
    }

    /// Variance of the mean.
    fn variance(&self) -> f64 {
        self.squares / (self.count - 1.0) / self.count
    }
}

/// Welch's t for the time of `work` with a probe similar to the first template and one similar to
/// the last.
fn welch(seed: u64, swapped: bool, work: impl Fn(&Features) -> Score) -> f64 {
    // `swapped` changes the order of the probes in memory.
    let mut probes = [features(0), features(TEMPLATES_MAX - 1)];
    if swapped {
        probes = [features(TEMPLATES_MAX - 1), features(0)];
        probes.swap(0, 1);
    }
    let mut state = seed;
    let mut times: Vec<(usize, f64)> = (0..MEASUREMENTS)
        .map(|_| {
            let class = usize::from(next(&mut state) >> 40 & 1 == 1);
            // A copy at the same address for both, so caches make no difference.
            let probe = black_box(probes.get(class).unwrap().clone());
            let started = Instant::now();
            black_box(work(black_box(&probe)));
            (class, started.elapsed().as_secs_f64() * 1e9)
        })
        .collect();
    times.sort_by(|(_, one), (_, other)| one.total_cmp(other));
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of a small number"
    )]
    times.truncate((MEASUREMENTS as f64 * KEPT) as usize);
    let mut classes = [Moments::default(), Moments::default()];
    for (class, time) in times {
        classes.get_mut(class).unwrap().add(time);
    }
    let [near, far] = classes;
    (near.mean - far.mean) / (near.variance() + far.variance()).sqrt()
}

/// The mean of the two medians of t over the rounds of each order, and every t.
fn median(work: impl Fn(&Features) -> Score) -> (f64, Vec<f64>) {
    let rounds = |swapped: bool| -> Vec<f64> {
        (1..=ROUNDS).map(|seed| welch(0x9e37 + seed as u64, swapped, &work)).collect()
    };
    let middle = |rounds: &[f64]| {
        let mut sorted = rounds.to_vec();
        sorted.sort_by(f64::total_cmp);
        *sorted.get(ROUNDS / 2).unwrap()
    };
    let (straight, swapped) = (rounds(false), rounds(true));
    let t = f64::midpoint(middle(&straight), middle(&swapped));
    (t, [straight, swapped].concat())
}

fn templates() -> Vec<Template> {
    (0..TEMPLATES_MAX).map(|axis| Template::new(&[features(axis)]).unwrap()).collect()
}

#[test]
fn the_time_of_a_score_does_not_tell_which_template_is_similar() {
    for comparator in Comparator::ALL {
        let mut seen = Vec::new();
        let differs = (0..TRIES).all(|_| {
            let gallery = Gallery::new(templates());
            let (t, rounds) = median(|probe| gallery.score(probe, comparator));
            println!("{comparator}: t of {} rounds: {t:.2}, all: {rounds:.1?}", 2 * ROUNDS);
            seen.push(t);
            t.abs() >= T_MAX
        });
        assert!(!differs, "{comparator}: {seen:.1?}");
    }
}

#[test]
fn a_comparison_that_stops_at_the_near_template_is_found_out() {
    let templates = templates();
    let early = |probe: &Features| {
        let near = Score::new(0.5);
        let scores =
            templates.iter().map(|template| Comparator::Sface.score(probe, template.mean()));
        let mut best = Score::NONE;
        for score in scores {
            best = best.max(score);
            if best.reaches(near) {
                break;
            }
        }
        best
    };
    let (t, rounds) = median(early);
    assert!(t.abs() > T_MAX, "{rounds:.1?}");
}
