//! Devices that do what drivers were reported to do: each gives the right picture or the right
//! sentence.

#[cfg(test)]
mod flat_jpeg;
#[cfg(test)]
mod grab_example;
#[cfg(test)]
mod shim;

#[cfg(test)]
mod tests {
    use std::{fs, path::Path, process::Command};

    use image::{ExtendedColorType, ImageEncoder, codecs::jpeg::JpegEncoder};
    use tempfile::TempDir;

    use crate::{
        flat_jpeg::flat_jpeg,
        grab_example::{example, text},
        shim::compiled,
    };

    /// Capabilities of a camera: capture and streaming.
    const CAMERA: &str = "node /dev/video0 uvcvideo usb-1 0x04000001\n";
    const YUYV: &str = "format YUYV 640x480@30\n";
    const MJPG: &str = "format MJPG 640x480@30\n";

    /// What `grab` prints for the first device of a script.
    fn grab(script: &str, mode: &str) -> String {
        let directory = TempDir::new().unwrap();
        grab_in(directory.path(), script, mode, "3")
    }

    fn grab_in(directory: &Path, script: &str, mode: &str, frames: &str) -> String {
        let path = directory.join("script");
        fs::write(&path, script).unwrap();
        let shim = compiled(directory, "tests/scripted_device.c");
        let output = Command::new(example())
            .args(["v4l2", "/dev/video0", mode, frames, "500"])
            .env("LD_PRELOAD", shim)
            .env("SCRIPTED_DEVICE", path)
            .output()
            .unwrap();
        text(&output)
    }

    fn assert_shows(script: &str, opened: &str) {
        let text = grab(script, "640x480@30");
        assert!(text.contains(&format!("Scripted), {opened} at ")), "{script}\n{text}");
        assert!(text.contains("\n3 frames, "), "{script}\n{text}");
    }

    fn assert_refuses(script: &str, sentence: &str) {
        let text = grab(script, "640x480@30");
        assert!(text.contains(&format!("error {sentence}")), "{script}\n{text}");
        assert!(!text.contains("\nframe "), "{script}\n{text}");
    }

    /// 64×48 pixels as JPEG, without its Huffman tables, after these bytes.
    fn bare_jpeg(before: &[u8]) -> Vec<u8> {
        let mut whole = Vec::new();
        JpegEncoder::new_with_quality(&mut whole, 95)
            .write_image(&[20, 200, 40].repeat(64 * 48), 64, 48, ExtendedColorType::Rgb8)
            .unwrap();
        let mut bare = before.to_vec();
        bare.extend_from_slice(&whole[..2]);
        let mut at = 2;
        while whole[at + 1] != 0xda {
            let length = usize::from(u16::from_be_bytes([whole[at + 2], whole[at + 3]]));
            if whole[at + 1] != 0xc4 {
                bare.extend_from_slice(&whole[at..at + 2 + length]);
            }
            at += 2 + length;
        }
        bare.extend_from_slice(&whole[at..]);
        bare
    }

    #[test]
    fn dates_that_are_wrong_by_a_constant_or_drift() {
        for (error, drift) in [
            (-5_000_000, 0),
            (-900_000, 0),
            (-200_000, 0),
            (300_000, 0),
            (5_000_000, 0),
            (-900_000, 50_000),
            (300_000, -50_000),
        ] {
            assert_shows(&format!("{CAMERA}dates {error} {drift}\n{YUYV}"), "640x480 YUYV");
        }
    }

    #[test]
    fn dates_that_do_not_advance_are_a_fault() {
        let script = format!("{CAMERA}dates -900000 -1000000\n{YUYV}");
        assert_refuses(
            &script,
            "The camera stopped working (its frames are older than its opening)",
        );
    }

    #[test]
    fn a_format_without_sizes_is_passed_over() {
        for errno in [22, 25, 5] {
            let failing = format!(
                "{CAMERA}fail FRAMESIZES {errno} YUYV\n{YUYV}{MJPG}format GREY 640x480@30\n"
            );
            // This MJPG has no pictures, so the choice is read from the opening.
            let text = grab(&failing, "640x480@30");
            assert!(text.contains("640x480 MJPG at "), "{errno} {text}");
            let other = format!("{CAMERA}fail FRAMESIZES {errno} MJPG\n{YUYV}{MJPG}");
            assert_shows(&other, "640x480 YUYV");
            let only = format!("{CAMERA}fail FRAMESIZES {errno}\n{YUYV}");
            assert_shows(&only, "640x480 YUYV");
        }
    }

    #[test]
    fn a_format_that_cannot_be_set_or_started_is_passed_over() {
        for request in ["S_FMT", "REQBUFS", "STREAMON"] {
            for errno in [22, 25, 28, 5] {
                let script =
                    format!("{CAMERA}fail {request} {errno} YUYV\n{YUYV}format GREY 640x480@30\n");
                assert_shows(&script, "640x480 GREY");
            }
        }
    }

    #[test]
    fn the_cause_of_a_refused_start_is_named() {
        for (request, errno, sentence) in [
            ("S_FMT", 16, "Another program is using the camera"),
            ("REQBUFS", 16, "Another program is using the camera"),
            ("STREAMON", 16, "Another program is using the camera"),
            ("STREAMON", 28, "The USB port has no bandwidth left for the camera"),
            ("STREAMON", 5, "The camera stopped working (Input/output error"),
            ("STREAMON", 19, "No camera was found"),
            ("S_FMT", 22, "F-pass cannot read any picture format"),
        ] {
            assert_refuses(&format!("{CAMERA}fail {request} {errno}\n{YUYV}"), sentence);
        }
    }

    #[test]
    fn a_first_frame_after_seconds_is_waited_for() {
        // The frame timeout of these tests is half a second.
        assert_shows(&format!("{CAMERA}start 3000\n{YUYV}"), "640x480 YUYV");
    }

    #[test]
    fn a_camera_that_only_libcamera_can_use_says_so() {
        let many_planes =
            "node /dev/video0 rkisp1 platform:rkisp1 0x04001000\nformat NV12 640x480@30\n";
        assert_refuses(many_planes, "This camera gives only multi-planar pictures");
        for code in ["BA10", "ip3G", "pRAA", "RG12"] {
            let raw = format!("node /dev/video0 isys PCI:1 0x04000001\nformat {code} 640x480@30\n");
            assert_refuses(&raw, "This camera gives only raw pictures of its sensor");
        }
    }

    #[test]
    fn a_node_without_pictures_says_so() {
        for capabilities in ["0x04800000", "0x04004000", "0x04003000"] {
            let script = format!("node /dev/video0 uvcvideo usb-1 {capabilities}\n");
            assert_refuses(&script, "This device captures no pictures");
        }
    }

    #[test]
    fn a_covered_camera_says_so_and_pictures_outweigh_its_report() {
        for script in [
            format!("{CAMERA}{YUYV}shade 16\n"),
            format!("{CAMERA}privacy 1\n{YUYV}shade 16\n"),
            format!("{CAMERA}privacy 1\nstart 60000\n{YUYV}"),
        ] {
            let directory = TempDir::new().unwrap();
            let text = grab_in(directory.path(), &script, "640x480@30", "all");
            assert!(text.contains("error The camera sees only black"), "{script}\n{text}");
        }
        assert_shows(&format!("{CAMERA}privacy 1\n{YUYV}"), "640x480 YUYV");
        assert_shows(&format!("{CAMERA}privacy 0\n{YUYV}"), "640x480 YUYV");
    }

    #[test]
    fn a_hint_of_an_unknown_kind_is_passed_over() {
        assert_shows(&format!("{CAMERA}rotation odd\n{YUYV}"), "640x480 YUYV");
    }

    #[test]
    fn the_configured_format_is_the_only_one() {
        let script = format!("{CAMERA}{YUYV}shade 200\nformat GREY 640x480@30\n");
        let text = grab(&script, "640x480@30:grey");
        assert!(text.contains("640x480 GREY at ") && text.contains("\n3 frames"), "{text}");
        let text = grab(&script, "640x480@30:MJPG");
        assert!(text.contains("leave it empty: YUYV, GREY."), "{text}");
    }

    #[test]
    fn single_empty_frames_are_dropped_and_empty_frames_only_are_silence() {
        assert_shows(&format!("{CAMERA}empty 2\n{YUYV}"), "640x480 YUYV");
        assert_refuses(&format!("{CAMERA}empty 1\n{YUYV}"), "The camera sends no pictures");
    }

    #[test]
    fn a_picture_without_tables_after_empty_ones_is_shown() {
        for before in [&[][..], &[0xff, 0xd8], &[0xff, 0xd8, 0xff, 0xd9].repeat(2)] {
            let directory = TempDir::new().unwrap();
            let picture = directory.path().join("picture.jpg");
            fs::write(&picture, bare_jpeg(before)).unwrap();
            let script = format!("{CAMERA}format MJPG 64x48@30\npicture {}\n", picture.display());
            let text = grab_in(directory.path(), &script, "64x48@30", "1");
            assert!(text.contains(" 64x48 mean 20 200 39\n"), "{before:?} {text}");
        }
    }

    #[test]
    fn colours_with_fewer_samples_than_the_brightness_are_shown() {
        for sampling in [[1, 1], [2, 1], [1, 2], [2, 2]] {
            let directory = TempDir::new().unwrap();
            let picture = directory.path().join("picture.jpg");
            fs::write(&picture, flat_jpeg([72, 40], sampling, [120, 100, 160])).unwrap();
            let script = format!("{CAMERA}format MJPG 72x40@30\npicture {}\n", picture.display());
            let text = grab_in(directory.path(), &script, "72x40@30", "1");
            assert!(text.contains(" 72x40 mean 165 107 70\n"), "{sampling:?} {text}");
        }
    }

    #[test]
    fn odd_sizes_and_upright_pictures_are_shown() {
        for size in ["340x340", "341x341", "480x640", "1080x1920", "161x121"] {
            let script = format!("{CAMERA}format GREY {size}@30\n");
            assert_shows(&script, &format!("{size} GREY"));
        }
    }
}

/// The descriptions of cameras that people reported.
#[cfg(test)]
mod shared {
    use std::{
        fs,
        path::{Path, PathBuf},
        process::Command,
    };

    use tempfile::TempDir;

    use crate::{
        flat_jpeg::flat_jpeg,
        grab_example::{example, text},
        shim::compiled,
    };

    const SHOWN: &str = "\n3 frames, ";

    fn cases() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/cameras")
    }

    fn grab(shim: &Path, case: &str, mode: &str) -> String {
        grab_in(&cases(), shim, case, mode)
    }

    /// Frames are named relative to the directory.
    fn grab_in(directory: &Path, shim: &Path, case: &str, mode: &str) -> String {
        let description = fs::read_to_string(directory.join(case)).unwrap();
        let device = description.lines().find_map(|line| line.strip_prefix("dev ")).unwrap();
        let output = Command::new(example())
            .args(["v4l2", device.split(' ').next().unwrap(), mode, "3"])
            .current_dir(directory)
            .env("LD_PRELOAD", shim)
            .env("ODDCAM", case)
            .output()
            .unwrap();
        text(&output)
    }

    #[test]
    fn each_camera_gives_its_picture_or_its_sentence() {
        let directory = TempDir::new().unwrap();
        let shim = compiled(directory.path(), "../../shared/cases/oddcam.c");
        for (case, mode, expected) in [
            ("einval-and-other", "640x480@30", SHOWN),
            ("facelock-89-ipu7", "640x480@30", "error This camera gives only raw pictures"),
            ("howdy-1033-busy", "640x480@30", "error Another program is using the camera"),
            ("howdy-232-sr300", "640x480@30", SHOWN),
            ("howdy-27-yuyv-broken-mjpg-right", "640x480@30:MJPG", " 640x480 mean 146 12"),
            ("howdy-51-emitter-only-340", "340x340@30", " 340x340 YUYV at 30 per second"),
            ("mcm-371-enotty", "640x480@30", SHOWN),
            ("metadata-first", "640x480@30", "error This device captures no pictures"),
            ("mjpg-dht-missing", "640x480@30", " 640x480 mean 146 12"),
            ("mjpg-double-soi", "640x480@30", " 640x480 mean 146 12"),
            ("mjpg-extraneous-rst", "640x480@30", " 640x480 mean 146 12"),
            ("mjpg-rst", "640x480@30", " 640x480 mean 146 12"),
            ("mjpg-soi-eoi-prefix", "640x480@30", " 640x480 mean 146 12"),
            ("mjpg-truncated-tail", "640x480@30", " 640x480 mean 146 12"),
            ("mplane-only", "640x480@30", "error This camera gives only multi-planar pictures"),
            ("one-format-einval", "640x480@30", SHOWN),
            ("portrait-480x640-grey", "640x480@30", " 480x640 mean 10"),
            ("rpi-1318-timestamps-900ms-back", "640x480@30", SHOWN),
            ("slow-start-3s", "640x480@30", SHOWN),
            ("streamon-enospc", "640x480@30", "error The USB port has no bandwidth left"),
            ("surface-2197-ipu3", "640x480@30", "error This camera gives only raw pictures"),
            ("timestamps-300ms-ahead", "640x480@30", SHOWN),
        ] {
            let text = grab(&shim, &format!("{case}.cam"), mode);
            assert!(text.contains(expected), "{case}: {text}");
        }
    }

    /// The description comes without its pictures.
    #[test]
    fn a_camera_whose_colours_have_a_quarter_of_the_samples_gives_its_picture() {
        let directory = TempDir::new().unwrap();
        let shim = compiled(directory.path(), "../../shared/cases/oddcam.c");
        let case = "mjpg-yuv420.cam";
        fs::copy(cases().join(case), directory.path().join(case)).unwrap();
        let picture = flat_jpeg([640, 480], [2, 2], [120, 100, 160]);
        for number in 0..10 {
            fs::write(directory.path().join(format!("yuv420-{number}.jpg")), &picture).unwrap();
        }
        let text = grab_in(directory.path(), &shim, case, "640x480@30");
        assert!(text.contains(" 640x480 mean 165 107 70\n"), "{text}");
    }
}
