//! Wall time and processor time of one frame, from its pixels to its score, with their targets:
//! `cargo bench -p fpass-face --bench frame`. Several threads compute, so the two times differ.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    missing_docs,
    reason = "a failed benchmark may panic"
)]

mod fixtures;

use std::io::{self, Write};
use std::time::{Duration, Instant};

use fpass_face::Comparator;
use nix::time::ClockId;

use fixtures::{SIDES, face, frames, gallery, recogniser, view};

/// Frames measured for each row.
const RUNS: usize = 200;
/// Target of the wall time: the interval of 30 frames per second.
const WALL_MAX: Duration = Duration::from_millis(33);
/// Target of the processor time of one tracked frame of 640×480 pixels.
const CPU_MAX: Duration = Duration::from_millis(50);

/// Processor time of this process so far, all threads together.
fn processor_time() -> Duration {
    ClockId::CLOCK_PROCESS_CPUTIME_ID.now().unwrap().into()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn milliseconds(time: Duration) -> f64 {
    1000.0 * time.as_secs_f64()
}

fn met(yes: bool) -> &'static str {
    if yes { "met" } else { "NOT MET" }
}

fn main() {
    let mut out = io::stdout().lock();
    let mut recogniser = recogniser();
    let known = gallery(&mut recogniser, 1);
    writeln!(out, "One frame, pixels to score, medians of {RUNS}:").unwrap();
    for sides in SIDES {
        let frames = frames(sides);
        for (name, searched) in [("tracked", false), ("searched as a whole", true)] {
            let (mut wall, mut cpu) = (Vec::new(), Vec::new());
            for frame in frames.iter().cycle().take(RUNS) {
                let view = view(frame);
                recogniser.begin();
                if !searched {
                    face(&mut recogniser, &fixtures::view(&frames[0]));
                }
                let (start, spent) = (Instant::now(), processor_time());
                let seen = face(&mut recogniser, &view);
                let probe = recogniser.embed(&view, &seen, Comparator::Fused).unwrap();
                std::hint::black_box(known.score(&probe, Comparator::Fused));
                wall.push(start.elapsed());
                cpu.push(processor_time() - spent);
            }
            let (wall, cpu) = (median(wall), median(cpu));
            writeln!(
                out,
                "{:>4}x{} {name:<20} wall {:6.1} ms (≤ 33: {})  CPU {:6.1} ms (≤ 50: {})",
                sides.0,
                sides.1,
                milliseconds(wall),
                met(wall <= WALL_MAX),
                milliseconds(cpu),
                met(cpu <= CPU_MAX),
            )
            .unwrap();
        }
    }
}
