//! The configuration: root owns its files, unknown keys are refused, and numbers have ranges.

mod drop_in;
mod liveness;

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use fpass_camera::{RecordingSettings, Source, V4l2Settings, formats::PixelFormat, v4l2};
use fpass_face::{
    Comparator,
    calibration::{FALSE_MATCH_RATE_MAX, FALSE_MATCH_RATE_MIN},
};
use fpass_proto::SeatConfig;
use serde::Deserialize;
use thiserror::Error;

use self::drop_in::ConfigFile;
use self::liveness::turn_time;
pub(crate) use self::liveness::{LivenessConfig, LivenessMode};
use crate::{frame_rotation::RotationSetting, liveness_check::LivenessCheck};

/// Why the configuration cannot be used.
#[derive(Debug, Error)]
pub(crate) enum ConfigError {
    #[error("{path} cannot be read ({cause}); create it or name another file with --config")]
    Unreadable { path: PathBuf, cause: io::Error },
    #[error("{path} is larger than 64 KiB; restore the shipped file")]
    TooLarge { path: PathBuf },
    #[error("{path} is not a valid configuration; correct it: {cause}")]
    Syntax { path: PathBuf, cause: Box<toml::de::Error> },
    #[error("{path}: {key} = {value} is outside {low} to {high}; correct it")]
    Range { path: PathBuf, key: &'static str, value: f64, low: f64, high: f64 },
    #[error(
        "{path} must be a regular file that root owns and only root may write; correct its owner and \
         mode"
    )]
    Untrusted { path: PathBuf },
    #[error(
        "{path} must be a directory that root owns and only root may write; correct its owner and mode"
    )]
    UntrustedDirectory { path: PathBuf },
    #[error("{path} holds more than 64 files whose names end in .toml; merge some of them")]
    TooMany { path: PathBuf },
    #[error(
        "{path}: verification.judged_frames is less than verification.agreeing_frames; raise it"
    )]
    Hopeless { path: PathBuf },
    #[error("{path}: camera.source is \"recorded\" but camera.path is empty; name a recording")]
    NoRecording { path: PathBuf },
    #[error(
        "{path}: adaptation.enabled needs the features of both networks; set \
         recognition.recogniser to \"fused\" or turn adaptation off"
    )]
    HalfAdapted { path: PathBuf },
    #[error(
        "{path}: camera.device is not a device; write a path below /dev, \"usb:VENDOR:PRODUCT\" with four \
         hexadecimal digits each, or \"\""
    )]
    Device { path: PathBuf },
    #[error("{path}: camera.format is not a known format; write \"\" or one of: {known}")]
    Format { path: PathBuf, known: String },
}

/// The values of `camera.format`.
fn known_formats() -> String {
    PixelFormat::ALL.map(|format| format.to_string().trim_end().to_owned()).join(", ")
}

/// Everything an administrator can set.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    pub(crate) camera: CameraConfig,
    pub(crate) recognition: RecognitionConfig,
    pub(crate) verification: VerificationConfig,
    pub(crate) liveness: LivenessConfig,
    pub(crate) enrolment: EnrolmentConfig,
    pub(crate) adaptation: AdaptationConfig,
    pub(crate) models: ModelsConfig,
    pub(crate) storage: StorageConfig,
    pub(crate) seat: SeatConfig,
}

/// Which kind of camera the frames come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SourceKind {
    #[default]
    V4l2,
    Recorded,
}

/// `[camera]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CameraConfig {
    /// Where frames come from.
    pub(crate) source: SourceKind,
    /// Device for `v4l2`: node, link, or USB ids. Empty means the best device that is not virtual.
    pub(crate) device: String,
    /// Format for `v4l2`: a four-character code. Empty means the best one that the camera offers.
    pub(crate) format: String,
    /// Whether users are recognised only with a camera that they enrolled with.
    pub(crate) pin: bool,
    /// Directory of pictures or clip for `recorded`.
    pub(crate) path: PathBuf,
    /// Wanted frames per second; for a directory of pictures, the rate at which they are played.
    pub(crate) frame_rate: u32,
    /// Wanted frame width in pixels.
    pub(crate) width: u32,
    /// Wanted frame height in pixels.
    pub(crate) height: u32,
    /// By how many degrees frames are turned clockwise.
    pub(crate) rotation: RotationSetting,
    /// Most frames discarded after the camera starts, while its exposure settles.
    pub(crate) warm_up_frames: u32,
    /// Milliseconds without a frame after which the camera counts as silent.
    pub(crate) frame_timeout_ms: u64,
}

impl Default for CameraConfig {
    fn default() -> Self {
        Self {
            source: SourceKind::V4l2,
            device: String::new(),
            format: String::new(),
            pin: true,
            path: PathBuf::new(),
            frame_rate: 30,
            width: 640,
            height: 480,
            rotation: RotationSetting::Auto,
            warm_up_frames: 30,
            frame_timeout_ms: 2000,
        }
    }
}

/// `[recognition]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RecognitionConfig {
    /// Longer side, in pixels, of the scaled frame in which faces are searched.
    pub(crate) detection_side: u32,
    /// Networks whose embeddings are compared.
    pub(crate) recogniser: Comparator,
    /// Share of attempts by other people that may match by chance.
    pub(crate) false_match_rate: f64,
}

impl Default for RecognitionConfig {
    fn default() -> Self {
        Self { detection_side: 160, recogniser: Comparator::default(), false_match_rate: 1e-5 }
    }
}

/// `[verification]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct VerificationConfig {
    /// Longest time of one attempt, in milliseconds.
    pub(crate) timeout_ms: u64,
    /// Frames in a row that must agree before the answer is `match`.
    pub(crate) agreeing_frames: u32,
    /// Frames that may be judged before the answer is `no-match`.
    pub(crate) judged_frames: u32,
}

impl Default for VerificationConfig {
    fn default() -> Self {
        Self { timeout_ms: 5000, agreeing_frames: 2, judged_frames: 12 }
    }
}

/// `[enrolment]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EnrolmentConfig {
    /// Number of differing frames in a template.
    pub(crate) frames: u32,
    /// Longest time of an enrolment, in milliseconds.
    pub(crate) timeout_ms: u64,
}

impl Default for EnrolmentConfig {
    fn default() -> Self {
        Self { frames: 7, timeout_ms: 60_000 }
    }
}

/// `[adaptation]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AdaptationConfig {
    /// Whether samples of certain matches are added to templates, and compared.
    pub(crate) enabled: bool,
    /// Days after which an added sample expires.
    pub(crate) expiry_days: u32,
}

impl Default for AdaptationConfig {
    fn default() -> Self {
        Self { enabled: false, expiry_days: 90 }
    }
}

/// `[models]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ModelsConfig {
    /// Directory of the weight files.
    pub(crate) directory: PathBuf,
}

impl Default for ModelsConfig {
    fn default() -> Self {
        Self { directory: PathBuf::from("/usr/share/fpass/models") }
    }
}

/// `[storage]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StorageConfig {
    /// Directory of templates and key, with mode 0700 and owned by the daemon.
    pub(crate) directory: PathBuf,
}

impl Default for StorageConfig {
    fn default() -> Self {
        Self { directory: PathBuf::from("/var/lib/fpass") }
    }
}

impl Config {
    /// Reads and checks a file and its drop-ins.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        Self::of(&drop_in::read(path)?)
    }

    /// Checks the text of one file; `path` is named in errors only.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        Self::of(&[drop_in::parse(text, path)?])
    }

    /// Merges files that are valid by themselves, and checks what depends on several keys.
    fn of(files: &[ConfigFile]) -> Result<Self, ConfigError> {
        let set_by = |keys: &[(&str, &str)]| drop_in::origin(files, keys);
        let config: Self = drop_in::merge(files)
            .try_into()
            .map_err(|cause| ConfigError::Syntax { path: set_by(&[]), cause: Box::new(cause) })?;
        let Self { camera, recognition, verification, adaptation, .. } = &config;
        if verification.judged_frames < verification.agreeing_frames {
            let keys = ["judged_frames", "agreeing_frames"].map(|key| ("verification", key));
            return Err(ConfigError::Hopeless { path: set_by(&keys) });
        }
        if adaptation.enabled && recognition.recogniser != Comparator::Fused {
            let keys = [("adaptation", "enabled"), ("recognition", "recogniser")];
            return Err(ConfigError::HalfAdapted { path: set_by(&keys) });
        }
        if camera.source == SourceKind::Recorded && camera.path.as_os_str().is_empty() {
            let keys = ["source", "path"].map(|key| ("camera", key));
            return Err(ConfigError::NoRecording { path: set_by(&keys) });
        }
        Ok(config)
    }

    /// Checks each key by itself; `path` is the file that sets them.
    fn check_keys(&self, path: &Path) -> Result<(), ConfigError> {
        for (key, value, low, high) in self.ranges() {
            if !(low..=high).contains(&value) {
                return Err(ConfigError::Range { path: path.to_owned(), key, value, low, high });
            }
        }
        if !v4l2::is_selector(&self.camera.device) {
            return Err(ConfigError::Device { path: path.to_owned() });
        }
        let format = &self.camera.format;
        if !format.is_empty() && PixelFormat::parse(format).is_none() {
            return Err(ConfigError::Format { path: path.to_owned(), known: known_formats() });
        }
        Ok(())
    }

    /// Every number with its allowed range.
    #[allow(clippy::cast_precision_loss, reason = "milliseconds far below 2^52")]
    fn ranges(&self) -> [(&'static str, f64, f64, f64); 14] {
        let Self { camera, recognition, verification, liveness, enrolment, adaptation, .. } = self;
        [
            ("camera.frame_rate", camera.frame_rate.into(), 1.0, 120.0),
            ("camera.width", camera.width.into(), 160.0, 1920.0),
            ("camera.height", camera.height.into(), 120.0, 1920.0),
            ("camera.warm_up_frames", camera.warm_up_frames.into(), 0.0, 60.0),
            ("camera.frame_timeout_ms", camera.frame_timeout_ms as f64, 100.0, 10_000.0),
            ("recognition.detection_side", recognition.detection_side.into(), 80.0, 1920.0),
            (
                "recognition.false_match_rate",
                recognition.false_match_rate,
                FALSE_MATCH_RATE_MIN,
                FALSE_MATCH_RATE_MAX,
            ),
            ("verification.timeout_ms", verification.timeout_ms as f64, 500.0, 30_000.0),
            ("verification.agreeing_frames", verification.agreeing_frames.into(), 1.0, 10.0),
            ("verification.judged_frames", verification.judged_frames.into(), 1.0, 100.0),
            (
                "liveness.remember_minutes",
                liveness.remember_minutes.into(),
                0.0,
                LivenessConfig::REMEMBER_MINUTES_MAX.into(),
            ),
            ("enrolment.frames", enrolment.frames.into(), 5.0, 20.0),
            ("enrolment.timeout_ms", enrolment.timeout_ms as f64, 5_000.0, 300_000.0),
            ("adaptation.expiry_days", adaptation.expiry_days.into(), 1.0, 3650.0),
        ]
    }

    /// Longest time in front of the camera for one attempt with this check.
    pub(crate) fn judging_time(&self, liveness: Option<LivenessCheck>) -> Duration {
        let recognition = Duration::from_millis(self.verification.timeout_ms);
        match liveness {
            Some(LivenessCheck::Turn(demand)) => recognition.max(turn_time(demand)),
            Some(LivenessCheck::Infrared) | None => recognition,
        }
    }

    /// Longest time of an enrolment, with the check at its end.
    pub(crate) fn enrolment_time(&self) -> Duration {
        let samples = Duration::from_millis(self.enrolment.timeout_ms);
        match self.liveness.mode(None).check() {
            Some(LivenessCheck::Turn(demand)) => samples + turn_time(demand),
            Some(LivenessCheck::Infrared) => {
                samples + Duration::from_millis(self.verification.timeout_ms)
            }
            None => samples,
        }
    }

    /// The camera that attempts use.
    pub(crate) fn source(&self) -> Source {
        let camera = &self.camera;
        let frame_timeout = Duration::from_millis(camera.frame_timeout_ms);
        match camera.source {
            SourceKind::V4l2 => Source::V4l2(V4l2Settings {
                device: camera.device.clone(),
                format: PixelFormat::parse(&camera.format),
                width: camera.width,
                height: camera.height,
                frame_rate: camera.frame_rate,
                warm_up_frames: camera.warm_up_frames,
                frame_timeout,
            }),
            SourceKind::Recorded => Source::Recorded(RecordingSettings {
                path: camera.path.clone(),
                frame_rate: camera.frame_rate,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use fpass_proto::seat_config::SERVICES_MAX;

    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, Path::new("fpassd.toml"))
    }

    #[test]
    fn unknown_sections_and_keys_are_refused() {
        for text in ["[cameras]\n", "[camera]\nsauce = 1\n", "verbose = true\n"] {
            assert!(matches!(parse(text), Err(ConfigError::Syntax { .. })), "{text}");
        }
    }

    #[test]
    fn both_bounds_of_every_number_are_checked() {
        for (key, _, low, high) in Config::default().ranges() {
            let (section, name) = key.split_once('.').unwrap();
            for value in [low - 1.0, high + 1.0, 0.0_f64.min(low - 1.0)] {
                let text = format!("[{section}]\n{name} = {value}\n");
                assert!(parse(&text).is_err(), "{text}");
            }
        }
        assert!(parse("[recognition]\nfalse_match_rate = nan\n").is_err());
    }

    #[test]
    fn a_key_of_an_earlier_version_is_ignored_and_the_rest_of_its_file_is_read() {
        let text = "[recognition]\ndetector = \"hog\"\ndetection_side = 320\n";
        assert_eq!(parse(text).unwrap().recognition.detection_side, 320);
        let error = parse("[recognition]\ndetector = \"hog\"\nno_such_key = 1\n").unwrap_err();
        assert!(error.to_string().contains("no_such_key"), "{error}");
    }

    #[test]
    fn fewer_judged_than_agreeing_frames_could_never_match() {
        let text = "[verification]\nagreeing_frames = 5\njudged_frames = 4\n";
        assert!(matches!(parse(text), Err(ConfigError::Hopeless { .. })));
    }

    #[test]
    fn a_file_that_others_may_write_and_a_directory_are_not_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("fpassd.toml");
        fs::write(&path, "").unwrap();
        for mode in [0o666, 0o664, 0o646] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(Config::read(&path), Err(ConfigError::Untrusted { .. })), "{mode:o}");
        }
        assert!(matches!(Config::read(directory.path()), Err(ConfigError::Untrusted { .. })));
    }

    #[test]
    fn adaptation_is_off_unless_asked_for_and_needs_both_networks() {
        assert!(!parse("").unwrap().adaptation.enabled);
        let on = "[adaptation]\nenabled = true\n";
        assert!(parse(on).unwrap().adaptation.enabled);
        for recogniser in ["dlib", "sface"] {
            let text = format!("{on}[recognition]\nrecogniser = \"{recogniser}\"\n");
            assert!(matches!(parse(&text), Err(ConfigError::HalfAdapted { .. })), "{recogniser}");
        }
    }

    #[test]
    fn a_malformed_service_name_is_refused() {
        for list in ["console_services", "login_screen_services", "agent_services"] {
            let text = format!("[seat]\n{list} = [\"su do\"]\n");
            assert!(matches!(parse(&text), Err(ConfigError::Syntax { .. })), "{text}");
        }
    }

    #[test]
    fn a_format_must_be_one_that_can_be_decoded() {
        for format in ["H264", "MJPEG", "YUYV, MJPG", " "] {
            let text = format!("[camera]\nformat = \"{format}\"\n");
            let error = parse(&text).unwrap_err().to_string();
            assert!(error.contains("YUYV") && error.contains("Y10,"), "{error}");
        }
        for (format, expected) in [
            ("", None),
            ("MJPG", Some(PixelFormat::Mjpeg)),
            ("y10", Some(PixelFormat::Y10)),
            ("GREY", Some(PixelFormat::Grey)),
        ] {
            let source = parse(&format!("[camera]\nformat = \"{format}\"\n")).unwrap().source();
            let Source::V4l2(settings) = source else { panic!("{source:?}") };
            assert_eq!(settings.format, expected, "{format}");
        }
    }

    #[test]
    fn a_long_list_of_services_is_refused() {
        for (length, accepted) in [(SERVICES_MAX, true), (SERVICES_MAX + 1, false)] {
            let text = format!("[seat]\nagent_services = {:?}\n", vec!["x"; length]);
            assert_eq!(parse(&text).is_ok(), accepted, "{length}");
        }
    }

    #[test]
    fn a_device_must_be_a_path_below_dev_or_usb_ids() {
        for device in ["video0", "usb:46d:825", "usb:"] {
            let text = format!("[camera]\ndevice = \"{device}\"\n");
            assert!(matches!(parse(&text), Err(ConfigError::Device { .. })), "{device}");
        }
        for device in
            ["/dev/v4l/by-path/pci-0000-video-index0", "usb:046d:0825", "usb:046D:0825:A1"]
        {
            assert!(parse(&format!("[camera]\ndevice = \"{device}\"\n")).is_ok(), "{device}");
        }
    }

    #[test]
    fn a_recorded_camera_needs_a_recording() {
        let refused = parse("[camera]\nsource = \"recorded\"\n");
        assert!(matches!(refused, Err(ConfigError::NoRecording { .. })));
        assert!(parse("[camera]\nsource = \"recorded\"\npath = \"/clip\"\n").is_ok());
    }

    #[test]
    fn an_empty_file_means_the_defaults_and_they_are_in_range() {
        assert_eq!(parse("").unwrap(), Config::default());
    }

    #[test]
    fn the_shipped_file_states_the_defaults() {
        let shipped = include_str!("../../packaging/etc/fpass/fpassd.toml");
        assert_eq!(parse(shipped).unwrap(), Config::default());
    }

    #[test]
    fn the_error_names_a_missing_file() {
        let error = Config::read(Path::new("does-not-exist.toml")).unwrap_err();
        assert!(error.to_string().contains("does-not-exist.toml"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics_and_accepted_numbers_are_in_range(text in ".{0,200}") {
            if let Ok(config) = parse(&text) {
                for (_, value, low, high) in config.ranges() {
                    proptest::prop_assert!((low..=high).contains(&value));
                }
            }
        }
    }
}
