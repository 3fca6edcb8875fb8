//! Judges the turns of a head in a clip.
//!
//! `cargo run --release -p fpass-face --example turn -- MODELS CLIP RATE`
//!
//! `CLIP` is a directory of frames, of which `RATE` were taken per second; unpack one with `ffmpeg
//! -i CLIP DIRECTORY/%04d.png`. From each neutral frame on, both directions count as asked for. The
//! program prints yaw, depth and correlation of each frame, and how each direction ended.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool for developers"
)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use fpass_face::liveness::{
    DepthFit, DepthTemplate, FrameSight, HeadFit, MeasuredFace, NeutralSearch, NeutralState,
    Prompt, TurnJudge, TurnRule,
};
use fpass_face::{
    Comparator, Embedding, Face, Manifest, Observation, Recogniser, RecogniserSettings, RgbView,
};

/// Both prompts after one neutral frame, until each has ended.
struct Asked {
    judges: Vec<(Prompt, TurnJudge)>,
    embedding: Embedding,
}

struct Clip {
    recogniser: Recogniser,
    fit: HeadFit,
    search: NeutralSearch,
    asked: Option<Asked>,
}

impl Clip {
    fn embedding(&mut self, view: &RgbView<'_>, face: &Face) -> Option<Embedding> {
        self.recogniser.embed(view, face, Comparator::Sface).ok()?.sface
    }

    fn observe(&mut self, time: Duration, view: &RgbView<'_>) {
        let observation = self.recogniser.observe(view).expect("a detector");
        let Observation::OneFace(face) = observation else {
            let several = matches!(observation, Observation::SeveralFaces(_));
            self.search.reset();
            let sight = if several { FrameSight::SeveralFaces } else { FrameSight::NoFace };
            self.judge(time, &sight, None);
            println!("{:7.3} {observation:?}", time.as_secs_f64());
            return;
        };
        if self.asked.is_some() {
            let fit = self.fit.fit(view, &face.landmarks).unwrap_or_default();
            let Ok(measured) = MeasuredFace::new(&face.landmarks, fit) else { return };
            let embedding = self.embedding(view, &face);
            let known = self.asked.as_ref().map(|asked| &asked.embedding);
            let cosine = embedding.as_ref().zip(known).map(|(now, neutral)| now.cosine(neutral));
            println!(
                "{:7.3} yaw {:6.1} depth {:6.3} down {:6.3} correlation {:5.3} cosine {:5.2}",
                time.as_secs_f64(),
                measured.yaw(),
                fit.across,
                fit.down,
                fit.correlation,
                cosine.unwrap_or(f32::NAN)
            );
            self.judge(time, &FrameSight::OneFace(measured), cosine);
            return;
        }
        let (sighting, landmarks) = (face.sighting(), face.landmarks);
        let state = self.search.observe(time, (view.width(), view.height()), Some(&sighting));
        println!("{:7.3} {state:?}", time.as_secs_f64());
        if state == NeutralState::Ready
            && self.fit.begin(view, &landmarks).is_ok()
            && let Ok(neutral) = MeasuredFace::new(&landmarks, DepthFit::default())
            && let Some(embedding) = self.embedding(view, &face)
        {
            let judges = [Prompt::Left, Prompt::Right].map(|prompt| {
                let sign = prompt.sign(false);
                (prompt, TurnJudge::new(TurnRule::TURN, sign, &neutral, time, time))
            });
            self.asked = Some(Asked { judges: judges.into(), embedding });
        }
    }

    fn judge(&mut self, time: Duration, sight: &FrameSight, cosine: Option<f32>) {
        let Some(asked) = &mut self.asked else { return };
        asked.judges.retain_mut(|(prompt, judge)| {
            let outcome = judge.judge(time, sight, cosine);
            if let Some(outcome) = outcome {
                println!("{:7.3} asked {prompt:?}: {outcome:?}", time.as_secs_f64());
            }
            outcome.is_none()
        });
        if asked.judges.is_empty() {
            self.asked = None;
            self.search.reset();
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [models, clip, rate] = arguments.as_slice() else { panic!("MODELS CLIP RATE") };
    let rate: f64 = rate.parse().expect("frames per second");
    let models = Manifest::embedded().unwrap().verify(Path::new(models)).expect("weights");
    let mut clip_judge = Clip {
        recogniser: Recogniser::load(&models, RecogniserSettings::default()).expect("networks"),
        fit: HeadFit::new(&DepthTemplate::embedded().unwrap()),
        search: NeutralSearch::default(),
        asked: None,
    };
    let frames = std::fs::read_dir(clip).expect("a directory of frames");
    let mut frames: Vec<PathBuf> = frames.map(|entry| entry.unwrap().path()).collect();
    frames.sort();
    for (number, path) in (1_u32..).zip(frames) {
        let picture = image::open(&path).expect("a picture").to_rgb8();
        let view = RgbView::new(picture.width(), picture.height(), picture.as_raw()).unwrap();
        clip_judge.observe(Duration::from_secs_f64(f64::from(number) / rate), &view);
    }
}
