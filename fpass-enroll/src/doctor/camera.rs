//! The camera: whether one is usable and, for root, the brightness and rate of its pictures.

use fpass_proto::{CameraCheckReport, CameraReport};
use fpass_terminal::Printable;
use nix::unistd;

use super::Finding;
use super::finding::parts;
use super::services::Services;
use crate::daemon::answer;
use crate::error::Error;
use crate::language::told;

const CHECK: &str = "camera";
/// Mean luma (0 to 255) below which faces are too dark to be found.
const DARK: f64 = 32.0;
/// Mean luma above which faces are overexposed.
const BRIGHT: f64 = 230.0;
/// Frames per second below which an attempt gets too few frames.
const SLOW: f64 = 8.0;

pub(super) async fn check(services: &Services) -> Finding {
    let Ok(present) = &services.daemon else { return Finding::unasked(CHECK) };
    let Ok(machine) = present.daemon.machine().await else { return Finding::unasked(CHECK) };
    let cameras = match answer(machine.cameras()).await {
        Ok(cameras) => cameras,
        Err(error) => return unseen(&error),
    };
    let usable: Vec<&CameraReport> = cameras.iter().filter(|camera| camera.usable).collect();
    let Some(first) = usable.first() else {
        let known = cameras.iter().map(|camera| format!("{}: {}", camera.id, camera.detail));
        let known = known.collect::<Vec<_>>().join(", ");
        let found = match known.as_str() {
            "" => told!("no camera was found"),
            known => told!("no usable camera ({known})", known = Printable(known)),
        };
        return Finding::fail(
            CHECK,
            found,
            told!("connect a camera, or see: fpass-enroll cameras"),
        );
    };
    if !unistd::geteuid().is_root() {
        let found = told!(
            "{camera} is usable; its pictures were not checked",
            camera = Printable(&first.id),
        );
        return Finding::warn(CHECK, found, told!("run this as root to check them"));
    }
    match answer(machine.look()).await {
        Ok(look) => judge(&present.status.camera, &look),
        Err(error) => unseen(&error),
    }
}

fn unseen(error: &Error) -> Finding {
    let (found, remedy) = parts(error);
    Finding::fail(CHECK, found, remedy.unwrap_or_else(|| told!("see the journal").into()))
}

fn judge(camera: &str, look: &CameraCheckReport) -> Finding {
    let CameraCheckReport { frames, brightness, frame_rate } = *look;
    let found = told!(
        "{camera}: {frames} frames, {rate} a second, brightness {brightness} of 255",
        camera = Printable(camera),
        frames = frames,
        rate = format_args!("{frame_rate:.0}"),
        brightness = format_args!("{brightness:.0}"),
    );
    // NaN is a warning, too.
    if !(DARK..=BRIGHT).contains(&brightness) {
        let remedy = if brightness > BRIGHT {
            told!("shade the camera, and uncover its lens")
        } else {
            told!("turn on a light, and uncover its lens")
        };
        return Finding::warn(CHECK, found, remedy);
    }
    if frame_rate.is_nan() || frame_rate < SLOW {
        let remedy = told!("turn on a light, try another USB port, or set camera.frame_rate lower");
        return Finding::warn(CHECK, found, remedy);
    }
    Finding::ok(CHECK, found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Severity;

    #[test]
    fn darkness_glare_and_few_frames_are_warnings() {
        let well = CameraCheckReport { frames: 40, brightness: 110.0, frame_rate: 29.0 };
        for (look, state, remedy) in [
            (CameraCheckReport { brightness: 12.0, ..well }, Severity::Warn, "light"),
            (CameraCheckReport { brightness: 250.0, ..well }, Severity::Warn, "shade"),
            (CameraCheckReport { brightness: f64::NAN, ..well }, Severity::Warn, "lens"),
            (CameraCheckReport { frame_rate: 4.0, ..well }, Severity::Warn, "USB"),
            (CameraCheckReport { frame_rate: f64::NAN, ..well }, Severity::Warn, "USB"),
            (well, Severity::Ok, ""),
        ] {
            let finding = judge("camera", &look);
            assert_eq!(finding.state, state, "{look:?}");
            assert!(finding.remedy.contains(remedy), "{finding:?}");
        }
    }
}
