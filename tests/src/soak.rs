//! Many attempts by one daemon, and its memory, descriptors and threads.

use std::fs;

use crate::{ALICE, Reply, Scene, Testbed, TestbedError, scene::OBAMA};

/// Largest number of the runtime's threads for look-ups, which come and go.
pub const BLOCKING_MAX: usize = 16;

/// The daemon's resources after a number of attempts.
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
    fn of(testbed: &Testbed, attempts: u32) -> Result<Self, TestbedError> {
        let process = format!("/proc/{}", testbed.daemon_id().unwrap_or_default());
        let count = |what: &str| {
            let entries = fs::read_dir(format!("{process}/{what}"));
            entries.map(Iterator::count).map_err(TestbedError::io("looking at the daemon"))
        };
        let status = fs::read_to_string(format!("{process}/status"))
            .map_err(TestbedError::io("looking at the daemon"))?;
        let resident = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix("kB"))
            .and_then(|number| number.trim().parse().ok())
            .unwrap_or_default();
        Ok(Self { attempts, resident, descriptors: count("fd")?, threads: count("task")? })
    }
}

/// A machine on which alice is enrolled and in front of a camera with 120 frames per second. One
/// frame is enough, so attempts are as short as possible.
///
/// # Errors
/// Those of setting it up.
pub fn prepare() -> Result<Testbed, TestbedError> {
    let mut testbed = Testbed::new()?;
    testbed.configure("[verification]\nagreeing_frames = 1\n")?;
    testbed.start_with_alice()?;
    testbed.camera_shows_at(&Scene::person(OBAMA), 120)?;
    Ok(testbed)
}

/// Makes attempts in sequence, as root for alice; each must match. Measures the daemon after each
/// `every` attempts, and passes each measurement to `look` at once.
///
/// # Errors
/// [`TestbedError::Answer`] for the first attempt that does not match.
pub fn soak(
    testbed: &Testbed,
    attempts: u32,
    every: u32,
    mut look: impl FnMut(&Holding),
) -> Result<Vec<Holding>, TestbedError> {
    let expected = Reply::matched();
    let mut seen = Vec::new();
    for attempt in 0..=attempts {
        if attempt % every == 0 {
            let holding = Holding::of(testbed, attempt)?;
            look(&holding);
            seen.push(holding);
        }
        let reply = testbed.verify("root", ALICE)?;
        if reply != expected {
            let output = format!("attempt {attempt}: {reply:?}");
            return Err(TestbedError::Answer { program: "fpassd", output });
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
