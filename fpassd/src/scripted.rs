//! A scripted camera and recogniser for tests. The shade of a frame determines what it shows.

mod service;

use std::{
    collections::VecDeque,
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use fpass_camera::{Camera, CameraError, CameraId, Frame, RecordingSettings, Source};
use fpass_face::{
    Comparator, Embedding, Face, FaceBox, FaceError, Features, Gallery, Landmarks5, Observation,
    Orientation, Point, Quality, QualityIssue, QuarterTurn, RgbView, Score, StageTimes, Strangers,
    Template, embedder::EMBEDDING_LENGTH,
};
use fpass_proto::{Label, Refusal, Uid};

use crate::{
    authorizer::{Authority, Subject, authority::PendingAnswer, rule::Permission},
    decide::Policy,
    drawn_prompts::{DrawnPrompts, PromptDraw},
    face_recogniser::FaceRecogniser,
    store::StoredTemplate,
    throttle::AttemptKind,
};

pub(crate) use self::service::{ALICE, service};

/// Side of a scripted frame in pixels.
pub(crate) const SIDE: u32 = 16;

/// How long the recogniser is stuck at [`Scene::Stall`].
pub(crate) const STALL: Duration = Duration::from_secs(3);

/// What a scripted frame shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scene {
    Nobody,
    Darkness,
    TwoFaces,
    Blurred,
    /// The user in the view with this number. Views differ a little.
    User(u8),
    Stranger,
    /// The user in this view, upside down. The detector finds the face all the same.
    UpsideDown(u8),
    /// The user, to be turned clockwise by a quarter. The detector does not find the face.
    OnItsSide,
    /// Something of which the detector is not sure.
    Doubtful,
    /// A face whose embedding fails.
    Featureless,
    /// A frame at which the recogniser panics.
    Bomb,
    /// A frame at which the recogniser sleeps for [`STALL`].
    Stall,
}

impl Scene {
    /// Shade of the frame, 0 to 255.
    pub(crate) fn shade(self) -> u8 {
        match self {
            Self::Darkness => 1,
            Self::Nobody => 60,
            Self::TwoFaces => 61,
            Self::Blurred => 62,
            Self::Stranger => 63,
            Self::Featureless => 64,
            Self::Bomb => 65,
            Self::Stall => 66,
            Self::UpsideDown(_) => 67,
            Self::OnItsSide => 68,
            Self::Doubtful => 69,
            Self::User(view) => 100 + view,
        }
    }

    /// The frame. Its first pixel says what it shows, so a turned frame can show something else.
    pub(crate) fn frame(self) -> Frame {
        let mut pixels = vec![self.shade(); (SIDE * SIDE * 3) as usize];
        match self {
            Self::UpsideDown(view) => *pixels.last_chunk_mut().unwrap() = [100 + view; 3],
            Self::OnItsSide => {
                let lower_left = (SIDE * (SIDE - 1) * 3) as usize;
                pixels[lower_left..lower_left + 3].fill(100);
            }
            _ => {}
        }
        Frame::new(SIDE, SIDE, pixels, 0).unwrap()
    }

    fn of(shade: u8) -> Self {
        match shade {
            0..=30 => Self::Darkness,
            61 => Self::TwoFaces,
            62 => Self::Blurred,
            63 => Self::Stranger,
            64 => Self::Featureless,
            65 => Self::Bomb,
            66 => Self::Stall,
            67 => Self::UpsideDown(0),
            68 => Self::OnItsSide,
            69 => Self::Doubtful,
            100.. => Self::User(shade - 100),
            _ => Self::Nobody,
        }
    }
}

/// Plays a script. After its end no frame comes.
pub(crate) struct ScriptedCamera(pub(crate) VecDeque<Result<Scene, CameraError>>);

impl ScriptedCamera {
    pub(crate) fn showing(script: &[Scene]) -> Self {
        Self(script.iter().map(|scene| Ok(*scene)).collect())
    }

    pub(crate) fn is_used_up(&self) -> bool {
        self.0.is_empty()
    }
}

impl Camera for ScriptedCamera {
    fn frame(&mut self, until: Instant) -> Result<Option<Frame>, CameraError> {
        let Some(step) = self.0.pop_front() else {
            std::thread::sleep(until.saturating_duration_since(Instant::now()));
            return Ok(None);
        };
        Ok(Some(step?.frame()))
    }

    fn description(&self) -> &str {
        "scripted"
    }

    fn identity(&self) -> Option<&CameraId> {
        None
    }

    fn first_frame_at(&self) -> Option<Instant> {
        None
    }
}

/// A clip at 100 frames per second that shows the script.
pub(crate) fn clip(directory: &Path, script: &[Scene]) -> Source {
    let mut clip = format!("YUV4MPEG2 W{SIDE} H{SIDE} F100:1 Cmono\n").into_bytes();
    for scene in script {
        clip.extend_from_slice(b"FRAME\n");
        // In studio range, so that the decoded shade is the scripted one.
        let luma = 16 + (u16::from(scene.shade()) * 219 + 127) / 255;
        clip.extend(vec![u8::try_from(luma).unwrap(); (SIDE * SIDE) as usize]);
    }
    let path = directory.join(format!("{}.y4m", script[0].shade()));
    fs::write(&path, clip).unwrap();
    Source::Recorded(RecordingSettings { path, frame_rate: 30 })
}

/// The prompts of an attempt that nobody has made before.
pub(crate) fn draw() -> PromptDraw {
    DrawnPrompts::default().of(Uid(1000), AttemptKind::Login)
}

/// The policy of a short attempt.
pub(crate) const POLICY: Policy = Policy {
    comparator: Comparator::Fused,
    threshold: Score::new(0.4),
    agreeing_frames: 2,
    judged_frames: 4,
    keep_probe: false,
    liveness: None,
    nobody_max: Duration::from_secs(5),
};

/// Recognises what the shade of the frame says.
pub(crate) struct ScriptedRecogniser;

impl FaceRecogniser for ScriptedRecogniser {
    fn begin(&mut self) {}

    fn observe(&mut self, view: &RgbView<'_>) -> Result<Observation, FaceError> {
        let scene = Scene::of(view.pixels()[0]);
        let no_face = |frame_brightness| Observation::NoFace { frame_brightness };
        Ok(match scene {
            Scene::Nobody | Scene::OnItsSide => no_face(60.0),
            Scene::Darkness => no_face(1.0),
            Scene::TwoFaces => Observation::SeveralFaces(2),
            Scene::Blurred => Observation::OneFace(face(0.0)),
            Scene::Bomb => panic!("scripted"),
            Scene::Stall => {
                std::thread::sleep(STALL);
                Observation::OneFace(face(1.0))
            }
            Scene::User(_)
            | Scene::Stranger
            | Scene::Featureless
            | Scene::UpsideDown(_)
            | Scene::Doubtful => Observation::OneFace(face(1.0)),
        })
    }

    fn orientation(&mut self, view: &RgbView<'_>, _: &Face) -> Result<Orientation, FaceError> {
        Ok(match Scene::of(view.pixels()[0]) {
            Scene::UpsideDown(_) => Orientation::Turned(QuarterTurn::Half),
            Scene::Doubtful => Orientation::Doubtful,
            _ => Orientation::Upright,
        })
    }

    fn embed(
        &mut self,
        view: &RgbView<'_>,
        _: &Face,
        _: Comparator,
    ) -> Result<Features, FaceError> {
        match Scene::of(view.pixels()[0]) {
            Scene::User(view) => Ok(user(view)),
            Scene::Stall => Ok(user(0)),
            // Faces that are not upright resemble one another, and here even the user.
            Scene::UpsideDown(_) | Scene::Doubtful => Ok(user(0)),
            Scene::Stranger => Ok(features(&[0.0, 1.0])),
            _ => Err(FaceError::Featureless),
        }
    }

    fn forget(&mut self) -> Result<(), FaceError> {
        Ok(())
    }

    fn times(&self) -> StageTimes {
        StageTimes { embed: Duration::from_millis(15), ..StageTimes::default() }
    }
}

/// Features with these leading values and zeros after them, the same for both networks.
pub(crate) fn features(leading: &[f32]) -> Features {
    let mut values = [0.0; EMBEDDING_LENGTH];
    values[..leading.len()].copy_from_slice(leading);
    let embedding = Embedding::from_values(&values).unwrap();
    Features { sface: Some(embedding.normalised().unwrap()), dlib: Some(embedding) }
}

/// The user in one view. Each view differs by 0.1 in a direction of its own.
pub(crate) fn user(view: u8) -> Features {
    let mut leading = [0.0; 64];
    leading[0] = 1.0;
    leading[2 + usize::from(view) % 60] = 0.1;
    features(&leading)
}

/// The enrolled templates of the user.
pub(crate) fn gallery() -> Gallery {
    Gallery::new(vec![Template::new(&(0..5).map(user).collect::<Vec<_>>()).unwrap()])
}

/// People who all look like [`Scene::Stranger`].
pub(crate) fn strangers() -> Strangers {
    Strangers::new(0.1, vec![features(&[0.0, 1.0])]).unwrap()
}

/// A template without samples, of an enrolment with this camera.
pub(crate) fn enrolled_with(camera: Option<&str>) -> StoredTemplate {
    StoredTemplate {
        label: Label::default(),
        created: 1,
        samples: Vec::new(),
        adapted: Vec::new(),
        camera: camera.map(|camera| CameraId::parse(camera).unwrap()),
        rotation: None,
    }
}

fn face(sharpness: f32) -> Face {
    let point = |x, y| Point { x, y };
    let quality = Quality {
        face_width_px: 200.0,
        face_share: 0.4,
        visible: 1.0,
        yaw: 0.0,
        pitch: 0.0,
        roll: 0.0,
        brightness: 120.0,
        contrast: 60.0,
        sharpness,
    };
    assert_eq!(
        quality.assess(&fpass_face::QualityLimits::enrolment()),
        (sharpness == 0.0).then_some(QualityIssue::Blurred)
    );
    Face {
        bounds: FaceBox::clip(2.0, 2.0, 12.0, 12.0, SIDE, SIDE).unwrap(),
        landmarks: Landmarks5 {
            right_eye: point(5.0, 5.0),
            left_eye: point(11.0, 5.0),
            nose_tip: point(8.0, 9.0),
            right_mouth: point(6.0, 11.0),
            left_mouth: point(10.0, 11.0),
        },
        confidence: 0.9,
        quality,
    }
}

/// An authority that gives one answer to everything, and records the questions.
#[derive(Clone)]
pub(crate) struct FakeAuthority {
    answer: Result<(), Refusal>,
    asked: Arc<Mutex<Vec<Permission>>>,
}

impl FakeAuthority {
    pub(crate) fn answering(answer: Result<(), Refusal>) -> Self {
        Self { answer, asked: Arc::default() }
    }

    pub(crate) fn asked(&self) -> Vec<Permission> {
        self.asked.lock().unwrap().clone()
    }
}

impl Authority for FakeAuthority {
    fn ask<'a>(&'a self, _: Subject<'a>, permission: Permission) -> PendingAnswer<'a> {
        self.asked.lock().unwrap().push(permission);
        Box::pin(std::future::ready(self.answer))
    }
}
