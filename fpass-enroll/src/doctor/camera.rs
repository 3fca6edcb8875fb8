//! The camera: whether one is usable and, for root, the brightness and rate of its pictures.

use fpass_proto::{CameraCheckReport, CameraReport};
use fpass_terminal::Printable;
use nix::unistd;

use super::Finding;
use super::services::Services;
use crate::daemon::answer;
use crate::error::Error;

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
            "" => "no camera was found".to_owned(),
            known => format!("no usable camera ({})", Printable(known)),
        };
        return Finding::fail(CHECK, found, "connect a camera, or see: fpass-enroll cameras");
    };
    if !unistd::geteuid().is_root() {
        let found = format!("{} is usable; its pictures were not checked", Printable(&first.id));
        return Finding::warn(CHECK, found, "run this as root to check them");
    }
    match answer(machine.look()).await {
        Ok(look) => judge(&present.status.camera, &look),
        Err(error) => unseen(&error),
    }
}

fn unseen(error: &Error) -> Finding {
    let sentence = error.to_string();
    let (found, remedy) = sentence.split_once("; ").unwrap_or((&sentence, "see the journal"));
    Finding::fail(CHECK, found, remedy)
}

fn judge(camera: &str, look: &CameraCheckReport) -> Finding {
    let CameraCheckReport { frames, brightness, frame_rate } = *look;
    let found = format!(
        "{}: {frames} frames, {frame_rate:.0} a second, brightness {brightness:.0} of 255",
        Printable(camera)
    );
    // NaN is a warning, too.
    if !(DARK..=BRIGHT).contains(&brightness) {
        let remedy = if brightness > BRIGHT { "shade the camera" } else { "turn on a light" };
        return Finding::warn(CHECK, found, format!("{remedy}, and uncover its lens"));
    }
    if frame_rate.is_nan() || frame_rate < SLOW {
        let remedy = "turn on a light, try another USB port, or set camera.frame_rate lower";
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
