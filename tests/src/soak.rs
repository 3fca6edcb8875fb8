//! Many attempts by one daemon, and what it holds meanwhile.

use std::fs;

use crate::{ALICE, Ground, GroundError, Reply, Scene, scene::OBAMA};

/// Threads of the daemon's runtime that come and go with look-ups.
pub const BLOCKING_MAX: usize = 16;

/// What the daemon holds after so many attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Attempts so far.
    pub attempts: u32,
    /// Resident memory in KiB.
    pub resident: u64,
    /// Open descriptors.
    pub descriptors: usize,
    /// Threads.
    pub threads: usize,
}

impl Holding {
    fn of(ground: &Ground, attempts: u32) -> Result<Self, GroundError> {
        let process = format!("/proc/{}", ground.daemon_id().unwrap_or_default());
        let count = |what: &str| {
            let entries = fs::read_dir(format!("{process}/{what}"));
            entries.map(Iterator::count).map_err(GroundError::io("looking at the daemon"))
        };
        let status = fs::read_to_string(format!("{process}/status"))
            .map_err(GroundError::io("looking at the daemon"))?;
        let resident = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix("kB"))
            .and_then(|number| number.trim().parse().ok())
            .unwrap_or_default();
        Ok(Self { attempts, resident, descriptors: count("fd")?, threads: count("task")? })
    }
}

/// A machine on which alice is enrolled and sits before a camera with 120 frames per second, and one
/// frame is enough: attempts are as short as they can be.
///
/// # Errors
/// Those of setting it up.
pub fn prepare() -> Result<Ground, GroundError> {
    let mut ground = Ground::new()?;
    ground.configure("[verification]\nagreeing_frames = 1\n")?;
    ground.start_daemon()?;
    ground.camera_shows(&Scene::person(OBAMA))?;
    ground.enrol(ALICE)?;
    ground.camera_shows_at(&Scene::person(OBAMA), 120)?;
    Ok(ground)
}

/// Attempts one after the other, as root for alice, every one a match; what the daemon holds after
/// each `every`, told to `look` at once.
///
/// # Errors
/// [`GroundError::Answer`] for the first attempt that is no match.
pub fn soak(
    ground: &Ground,
    attempts: u32,
    every: u32,
    mut look: impl FnMut(&Holding),
) -> Result<Vec<Holding>, GroundError> {
    let expected = Reply::Answer("match".to_owned());
    let mut seen = Vec::new();
    for attempt in 0..=attempts {
        if attempt % every == 0 {
            let holding = Holding::of(ground, attempt)?;
            look(&holding);
            seen.push(holding);
        }
        let reply = ground.verify("root", ALICE)?;
        if reply != expected {
            let output = format!("attempt {attempt}: {reply:?}");
            return Err(GroundError::Answer { program: "fpassd", output });
        }
    }
    Ok(seen)
}

/// Growth of resident memory in KiB for each attempt: the slope of the least-squares line.
#[must_use]
pub fn slope(seen: &[Holding]) -> f64 {
    let points = || {
        seen.iter().filter_map(|holding| {
            let resident = f64::from(u32::try_from(holding.resident).ok()?);
            Some((f64::from(holding.attempts), resident))
        })
    };
    let (mut count, mut sum) = (0.0, (0.0, 0.0));
    for (attempts, resident) in points() {
        count += 1.0;
        sum = (sum.0 + attempts, sum.1 + resident);
    }
    let mean = (sum.0 / count, sum.1 / count);
    let (mut over, mut under) = (0.0, 0.0);
    for (attempts, resident) in points() {
        over += (attempts - mean.0) * (resident - mean.1);
        under += (attempts - mean.0) * (attempts - mean.0);
    }
    over / under
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_is_that_of_the_line() {
        let holding =
            |attempts, resident| Holding { attempts, resident, descriptors: 1, threads: 1 };
        let line = [holding(0, 100), holding(10, 120), holding(20, 140)];
        assert!((slope(&line) - 2.0).abs() < 1e-9);
        let flat = [holding(0, 100), holding(10, 101), holding(20, 100)];
        assert!(slope(&flat).abs() < 1e-9);
    }
}
