//! The clocks: the date of templates and records, and the time since boot that locks are measured
//! by.

use std::process::Stdio;
use std::time::{Duration, SystemTime};

use nix::time::{ClockId, clock_gettime};
use tokio::process::Command;
use tokio::time::timeout;

use super::Finding;
use crate::language::told;

const CHECK: &str = "clock";
/// 2025-01-01 and 2100-01-01 in seconds since 1970.
const SANE: std::ops::Range<u64> = 1_735_689_600..4_102_444_800;
/// Longest wait for timedatectl.
const ANSWER: Duration = Duration::from_secs(5);

pub(super) async fn check() -> Finding {
    let uptime = clock_gettime(ClockId::CLOCK_BOOTTIME).is_ok();
    judge(now(), uptime, synchronised().await)
}

#[allow(clippy::disallowed_methods, reason = "the check is about the clock")]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

/// The answer of timedatectl; `None` without one.
async fn synchronised() -> Option<bool> {
    let output = Command::new("timedatectl")
        .args(["show", "--property=NTPSynchronized", "--value"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(ANSWER, output).await.ok()?.ok()?;
    match output.stdout.trim_ascii() {
        b"yes" => Some(true),
        b"no" => Some(false),
        _ => None,
    }
}

fn judge(now: u64, uptime: bool, synchronised: Option<bool>) -> Finding {
    if !uptime {
        let found = told!("the time since boot cannot be read");
        return Finding::fail(
            CHECK,
            found,
            told!("use a kernel with CLOCK_BOOTTIME; locks need it"),
        );
    }
    if !SANE.contains(&now) {
        let found = told!("the date is wrong: {now} seconds since 1970", now = now);
        return Finding::fail(CHECK, found, told!("run: timedatectl set-time"));
    }
    match synchronised {
        Some(true) => Finding::ok(CHECK, told!("set and synchronised")),
        Some(false) => Finding::warn(
            CHECK,
            told!("not synchronised; records may have wrong times"),
            told!("install the package systemd-timesyncd, then run: timedatectl set-ntp true"),
        ),
        None => Finding::warn(
            CHECK,
            told!("not known: timedatectl gave no answer"),
            told!("see: timedatectl status"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Severity;

    #[test]
    fn each_row() {
        const NOW: u64 = 1_764_000_000;
        for (now, uptime, synchronised, state) in [
            (NOW, false, Some(true), Severity::Fail),
            (0, true, Some(true), Severity::Fail),
            (SANE.end, true, Some(true), Severity::Fail),
            (NOW, true, Some(false), Severity::Warn),
            (NOW, true, None, Severity::Warn),
            (NOW, true, Some(true), Severity::Ok),
        ] {
            assert_eq!(judge(now, uptime, synchronised).state, state, "{now} {uptime}");
        }
    }
}
