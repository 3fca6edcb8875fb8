//! Thousands of attempts by one daemon, with its resources: `scripts/soak-daemon` runs it. It fails
//! when an attempt does not match, when memory grows by a KiB for each attempt, or when a
//! descriptor or a thread is left over.

use std::{
    io::{self, Write},
    process::ExitCode,
    time::Instant,
};

use fpass_tests::{
    TestbedError,
    soak::{BLOCKING_MAX, Holding, prepare, slope, soak},
};

/// Default number of attempts.
const ATTEMPTS: u32 = 10_000;
/// Attempts before the slope is computed: pools and caches fill once.
const WARM_UP: u32 = 500;
/// Largest accepted growth, in KiB for each attempt.
const SLOPE_MAX: f64 = 1.0;

fn say(line: impl std::fmt::Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

fn run(attempts: u32) -> Result<bool, TestbedError> {
    let mut testbed = prepare()?;
    testbed.hide_logs();
    let every = (attempts / 20).max(1);
    say("attempts  resident KiB  descriptors  threads");
    let started = Instant::now();
    let seen = soak(&testbed, attempts, every, |holding| {
        let Holding { attempts, resident, descriptors, threads } = holding;
        say(format!("{attempts:8}  {resident:12}  {descriptors:11}  {threads:7}"));
    })?;
    let settled: Vec<Holding> =
        seen.into_iter().filter(|holding| holding.attempts >= WARM_UP.min(attempts / 2)).collect();
    let slope = slope(&settled);
    say(format!(
        "{attempts} attempts, all a match, in {:.0} s: {slope:+.3} KiB for each attempt",
        started.elapsed().as_secs_f64()
    ));
    let (Some(first), Some(last)) = (settled.first(), settled.last()) else {
        return Ok(false);
    };
    Ok(slope < SLOPE_MAX
        && last.descriptors <= first.descriptors
        && last.threads <= first.threads + BLOCKING_MAX)
}

fn main() -> ExitCode {
    let attempts = std::env::args().nth(1).and_then(|number| number.parse().ok());
    match run(attempts.unwrap_or(ATTEMPTS)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            say("soak: the daemon holds more and more");
            ExitCode::FAILURE
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "soak: {error}");
            ExitCode::FAILURE
        }
    }
}
