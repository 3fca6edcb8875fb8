//! The V4L2 path from opening to pixels, with a preloaded fake device.

#[cfg(test)]
mod grab_example;
#[cfg(test)]
mod shim;

#[cfg(test)]
mod shared {
    use std::{
        fs,
        io::{BufRead, BufReader, Read},
        path::PathBuf,
        process::{Child, Command, Stdio},
        time::{Duration, Instant},
    };

    use fpass_camera::{
        Camera, CameraError, Source, V4l2Settings, formats::PixelFormat, v4l2::V4l2Camera,
    };
    use image::{ExtendedColorType, ImageEncoder, codecs::jpeg::JpegEncoder};
    use tempfile::TempDir;

    use crate::{
        grab_example::{example, text},
        shim::compiled,
    };

    const DEVICE: &str = "/dev/video0";

    /// A directory with the compiled fake device and its frame.
    struct Shim {
        directory: TempDir,
        format: String,
    }

    impl Shim {
        fn new(format: &str, frame: &[u8]) -> Self {
            let directory = TempDir::new().unwrap();
            compiled(directory.path(), "../../shared/e2e/host/v4l2shim.c");
            let shim = Self { directory, format: format.to_owned() };
            shim.show(frame);
            shim
        }

        fn frame_file(&self) -> PathBuf {
            self.directory.path().join("frame")
        }

        /// Replaces the frame atomically.
        fn show(&self, frame: &[u8]) {
            let new = self.directory.path().join("new");
            fs::write(&new, frame).unwrap();
            fs::rename(new, self.frame_file()).unwrap();
        }

        fn grab(&self, rate: &str, words: &[&str]) -> Command {
            let mut command = Command::new(example());
            command
                .args(words)
                .env("LD_PRELOAD", self.directory.path().join("shim.so"))
                .env("V4L2SHIM_DEV", DEVICE)
                .env("V4L2SHIM_FILE", self.frame_file())
                .env("V4L2SHIM_FMT", &self.format)
                .env("V4L2SHIM_FPS", rate)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            command
        }
    }

    /// 64×48 pixels of one colour as YUYV.
    fn yuyv(luma: u8, cb: u8, cr: u8) -> Vec<u8> {
        [luma, cb, luma, cr].repeat(32 * 48)
    }

    fn jpeg(colour: [u8; 3]) -> Vec<u8> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 95)
            .write_image(&colour.repeat(64 * 48), 64, 48, ExtendedColorType::Rgb8)
            .unwrap();
        bytes
    }

    /// Reads lines until one contains `wanted`, and gives all of them.
    fn lines_until(child: &mut Child, wanted: &str) -> String {
        let mut seen = String::new();
        let mut output = BufReader::new(child.stdout.as_mut().unwrap());
        while !seen.contains(wanted) {
            if output.read_line(&mut seen).unwrap() == 0 {
                let mut errors = String::new();
                child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
                panic!("no {wanted:?} in {seen:?} {errors:?}");
            }
        }
        seen
    }

    /// Checks that the first frame in `text` is 64×48 pixels of this colour.
    fn assert_shows(text: &str, colour: [i32; 3]) {
        let mean = text.split(" 64x48 mean ").nth(1).and_then(|rest| rest.lines().next());
        let mean = mean.unwrap_or_else(|| panic!("no frame in {text}"));
        let mean: Vec<i32> = mean.split(' ').map(|word| word.parse().unwrap()).collect();
        assert!(
            mean.len() == 3 && mean.iter().zip(colour).all(|(m, c)| (m - c).abs() < 6),
            "{text}"
        );
    }

    #[test]
    fn a_picture_that_never_changes_is_frozen() {
        let shim = Shim::new("YUYV:64x48", &yuyv(81, 90, 240));
        let output = shim.grab("30", &["v4l2", DEVICE, "64x48@30", "all"]).output().unwrap();
        assert!(!output.status.success());
        let text = text(&output);
        assert_eq!(text.matches("\nframe ").count(), 1, "{text}");
        assert!(text.contains("error The camera picture is frozen"), "{text}");
    }

    #[test]
    fn yuyv_colours_arrive_and_a_change_is_seen() {
        let shim = Shim::new("YUYV:64x48", &yuyv(81, 90, 240));
        let mut child = shim.grab("30", &["v4l2", DEVICE, "640x480@30", "2"]).spawn().unwrap();
        let seen = lines_until(&mut child, "frame 1 ");
        assert!(seen.contains("(Shim Cam), 64x48 YUYV at 30 per second"), "{seen}");
        assert_shows(&seen, [255, 0, 0]);
        shim.show(&yuyv(41, 240, 110));
        let seen = lines_until(&mut child, "2 frames");
        assert_shows(&seen, [0, 0, 255]);
        assert!(child.wait().unwrap().success());
    }

    #[test]
    fn mjpeg_colours_arrive() {
        let shim = Shim::new("MJPG:64x48", &jpeg([20, 200, 40]));
        let output = shim.grab("15", &["v4l2", DEVICE, "64x48@30", "1"]).output().unwrap();
        let text = text(&output);
        assert!(output.status.success(), "{text}");
        assert!(text.contains("64x48 MJPG at 15 per second"), "{text}");
        assert_shows(&text, [20, 200, 40]);
    }

    #[test]
    fn grey_of_one_and_of_two_bytes_arrives() {
        let wide = 0x5a99_u16.to_le_bytes().repeat(64 * 48);
        let ten = 0x0168_u16.to_le_bytes().repeat(64 * 48);
        for (format, frame) in [("GREY", vec![90; 64 * 48]), ("Y16 ", wide), ("Y10 ", ten)] {
            let shim = Shim::new(&format!("{format}:64x48"), &frame);
            let output = shim.grab("30", &["v4l2", DEVICE, "64x48@30", "1"]).output().unwrap();
            let text = text(&output);
            assert!(output.status.success(), "{text}");
            assert!(text.contains(&format!("64x48 {format} at 30 per second")), "{text}");
            assert_shows(&text, [90, 90, 90]);
        }
    }

    #[test]
    fn garbage_instead_of_jpeg_is_a_fault_and_no_crash() {
        let shim = Shim::new("MJPG:64x48", &[0xa5; 4000]);
        let output = shim.grab("30", &["v4l2", DEVICE, "64x48@30", "all"]).output().unwrap();
        let text = text(&output);
        assert!(!output.status.success() && text.contains("error The camera stopped"), "{text}");
        assert!(!text.contains("panicked") && !text.contains("\nframe "), "{text}");
    }

    #[test]
    fn an_unplugged_camera_has_failed() {
        let shim = Shim::new("YUYV:64x48", &yuyv(81, 90, 240));
        let mut child = shim.grab("30", &["v4l2", DEVICE, "64x48@30", "all"]).spawn().unwrap();
        lines_until(&mut child, "frame 1 ");
        fs::remove_file(shim.frame_file()).unwrap();
        let seen = lines_until(&mut child, "error ");
        assert!(seen.contains("error The camera stopped working"), "{seen}");
        assert!(!child.wait().unwrap().success());
    }

    #[test]
    fn a_camera_without_frames_is_silent_and_closed() {
        let shim = Shim::new("YUYV:64x48", &yuyv(81, 90, 240));
        // A frame every 500 ms exceeds the frame timeout of 200 ms.
        let words = ["v4l2", DEVICE, "64x48@30", "1", "200"];
        let output = shim.grab("2", &words).output().unwrap();
        let text = text(&output);
        assert!(!output.status.success(), "{text}");
        assert!(text.contains("error The camera sends no pictures"), "{text}");
    }

    /// Starts this program again with the fake device preloaded, for the test of this name only.
    fn preloaded(shim: &Shim, rate: &str, name: &str) {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env("LD_PRELOAD", shim.directory.path().join("shim.so"))
            .env("V4L2SHIM_DEV", DEVICE)
            .env("V4L2SHIM_FILE", shim.frame_file())
            .env("V4L2SHIM_FMT", &shim.format)
            .env("V4L2SHIM_FPS", rate)
            .output()
            .unwrap();
        let text = text(&output);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
    }

    fn is_preloaded() -> bool {
        std::env::var_os("V4L2SHIM_FILE").is_some()
    }

    fn settings(timeout: u64) -> V4l2Settings {
        V4l2Settings {
            device: DEVICE.to_owned(),
            format: None,
            width: 64,
            height: 48,
            frame_rate: 30,
            warm_up_frames: 0,
            frame_timeout: Duration::from_millis(timeout),
        }
    }

    /// Whether the fake device is open. It is a timer, and nothing else here opens one.
    fn light_is_on() -> bool {
        fs::read_dir("/proc/self/fd").unwrap().flatten().any(|entry| {
            fs::read_link(entry.path()).is_ok_and(|to| to.to_string_lossy().contains("timerfd"))
        })
    }

    fn capture_threads() -> usize {
        let name = |entry: fs::DirEntry| fs::read_to_string(entry.path().join("comm"));
        let threads = fs::read_dir("/proc/self/task").unwrap().flatten();
        let names = threads.filter_map(|entry| name(entry).ok());
        names.filter(|name| ["camera", "decoder"].contains(&name.trim())).count()
    }

    /// Waits for the threads to end, which they do after closing the device.
    fn assert_threads_end() {
        let limit = Instant::now() + Duration::from_secs(10);
        while capture_threads() > 0 {
            assert!(Instant::now() < limit, "{} threads are left", capture_threads());
            std::thread::yield_now();
        }
    }

    #[test]
    fn the_light_is_on_only_between_opening_and_dropping() {
        if !is_preloaded() {
            let shim = Shim::new("YUYV:64x48", &yuyv(81, 90, 240));
            preloaded(&shim, "30", "shared::the_light_is_on_only_between_opening_and_dropping");
            return;
        }
        let source = Source::V4l2(settings(2000));
        for _ in 0..3 {
            assert!(source.list_devices().iter().any(|device| device.usable));
            assert!(!light_is_on());
            let mut camera = source.open(&[]).unwrap();
            assert!(light_is_on());
            let frame = camera.frame(Instant::now() + Duration::from_secs(5)).unwrap();
            assert!(frame.is_some());
            drop(camera);
            assert!(!light_is_on());
            assert_threads_end();
        }
    }

    #[test]
    fn a_silent_camera_is_closed_too_and_leaves_no_thread() {
        if !is_preloaded() {
            let shim = Shim::new("YUYV:64x48", &yuyv(81, 90, 240));
            preloaded(&shim, "2", "shared::a_silent_camera_is_closed_too_and_leaves_no_thread");
            return;
        }
        let source = Source::V4l2(settings(200));
        for _ in 0..2 {
            let mut camera = source.open(&[]).unwrap();
            // A frame comes every 500 ms. Only the first one may take so long.
            let first = camera.frame(Instant::now() + Duration::from_secs(5)).unwrap();
            assert!(first.is_some());
            let silent = camera.frame(Instant::now() + Duration::from_secs(5));
            assert!(matches!(silent, Err(CameraError::Silent)), "{silent:?}");
            assert!(light_is_on());
            drop(camera);
            assert!(!light_is_on());
            assert_threads_end();
        }
    }

    #[test]
    fn a_camera_opened_in_one_format_uses_no_other() {
        if !is_preloaded() {
            let shim = Shim::new("GREY:64x48", &[90; 64 * 48]);
            preloaded(&shim, "30", "shared::a_camera_opened_in_one_format_uses_no_other");
            return;
        }
        let only = |format| V4l2Settings { format: Some(format), ..settings(2000) };
        let refused = V4l2Camera::open(&only(PixelFormat::Yuyv), &[]).err();
        let offered =
            matches!(&refused, Some(CameraError::FormatMissing { offered }) if offered == "GREY");
        assert!(offered, "{refused:?}");
        let mut camera = V4l2Camera::open(&only(PixelFormat::Grey), &[]).unwrap();
        let frame = camera.frame(Instant::now() + Duration::from_secs(5)).unwrap().unwrap();
        assert!(frame.pixels().iter().all(|shade| *shade == 90));
    }

    #[test]
    fn a_camera_with_a_foreign_format_is_unsuitable() {
        let shim = Shim::new("H264:64x48", &[7; 64 * 48]);
        let output = shim.grab("30", &["v4l2", DEVICE, "64x48@30", "1"]).output().unwrap();
        let text = text(&output);
        assert!(
            !output.status.success()
                && text.contains("error F-pass cannot read any picture format"),
            "{text}"
        );
    }

    #[test]
    fn the_list_names_the_format() {
        let shim = Shim::new("YUYV:64x48", &yuyv(81, 90, 240));
        let output = shim.grab("30", &["list", DEVICE]).output().unwrap();
        let text = text(&output);
        assert!(text.contains("/dev/video0 [Shim Cam] usable true: "), "{text}");
        assert!(text.contains(": colour, YUYV up to 64x48"), "{text}");
    }
}
