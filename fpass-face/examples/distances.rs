//! Measures detection, quality and distances over pictures, for choosing limits and thresholds.
//!
//! `cargo run --release -p fpass-face --example distances -- MODELS PICTURES [SAMPLES] [SIDE]`
//!
//! MODELS holds the weight files. PICTURES holds one directory per person, with JPEG or PNG files in
//! it or in one directory per session. SAMPLES (7) frames spread over a session make its template;
//! all other frames are probes. SIDE (320) is the detection side.

#![allow(clippy::print_stdout, reason = "a command that prints a table")]
#![allow(clippy::indexing_slicing, clippy::cast_precision_loss)]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use fpass_face::{
    Embedding, Gallery, Manifest, Observation, Quality, QualityLimits, Recogniser,
    RecogniserSettings, RgbView, Template,
};

struct Session {
    person: String,
    name: String,
    embeddings: Vec<Embedding>,
}

/// Row of a table: a name and one of the measures.
type Measure = (&'static str, fn(&Quality) -> f32);

const MEASURES: [Measure; 9] = [
    ("face width px", |q| q.face_width_px),
    ("face share", |q| q.face_share),
    ("visible", |q| q.visible),
    ("yaw °", |q| q.yaw),
    ("pitch °", |q| q.pitch),
    ("roll °", |q| q.roll),
    ("brightness", |q| q.brightness),
    ("contrast", |q| q.contrast),
    ("sharpness", |q| q.sharpness),
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [models, pictures, rest @ ..] = arguments.as_slice() else {
        return Err("usage: distances MODELS PICTURES [SAMPLES] [SIDE]".into());
    };
    let samples: usize = rest.first().map_or(Ok(7), |text| text.parse())?;
    let detection_side = rest.get(1).map_or(Ok(320), |text| text.parse())?;
    let verified = Manifest::embedded()?.verify(Path::new(models))?;
    let mut recogniser = Recogniser::load(&verified, RecogniserSettings { detection_side })?;
    println!("embedding: {:.1?}", recogniser.self_test_time()?);

    let mut qualities = Vec::new();
    let mut times: [Vec<f32>; 3] = Default::default();
    let mut sessions = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (person, name, files) in sessions_in(Path::new(pictures))? {
        let mut embeddings = Vec::new();
        for file in files {
            let picture = image::open(file)?.to_rgb8();
            let view = RgbView::new(picture.width(), picture.height(), picture.as_raw())?;
            let outcome = match recogniser.observe(&view)? {
                Observation::NoFace { .. } => "no face".to_owned(),
                Observation::SeveralFaces(_) => "several faces".to_owned(),
                Observation::OneFace(face) => {
                    qualities.push(face.quality);
                    match face.quality.assess(&QualityLimits::default()) {
                        Some(flaw) => format!("{flaw:?}").chars().take(9).collect(),
                        None => {
                            embeddings.push(recogniser.embed(&view, &face)?);
                            let last = recogniser.times();
                            let last = [last.detect, last.landmarks, last.embed];
                            for (times, time) in times.iter_mut().zip(last) {
                                times.push(1e3 * time.as_secs_f32());
                            }
                            "good".to_owned()
                        }
                    }
                }
            };
            *seen.entry(outcome).or_default() += 1;
        }
        sessions.push(Session { person, name, embeddings });
    }
    println!("frames: {seen:?}");
    println!("{:15} {:>8} {:>8} {:>8} {:>8} {:>8}", "", "min", "5 %", "median", "95 %", "max");
    for (name, measure) in MEASURES {
        println!("{name:15} {}", spread(qualities.iter().map(measure).collect()));
    }
    for (name, times) in ["detect ms", "landmarks ms", "embed ms"].iter().zip(times) {
        println!("{name:15} {}", spread(times));
    }
    compare(&sessions, samples)
}

/// Compares every template with every probe.
fn compare(sessions: &[Session], samples: usize) -> Result<(), Box<dyn Error>> {
    let mut all: [[Vec<f32>; 2]; 2] = Default::default();
    let table = sessions.len() <= 8;
    println!("\ndistance of probes to template: mean of {samples} | nearest of {samples}");
    for enrolled in sessions.iter().filter(|s| s.embeddings.len() > samples) {
        let count = enrolled.embeddings.len();
        let chosen: Vec<usize> = (0..samples).map(|n| n * count / samples).collect();
        let kept: Vec<Embedding> = chosen.iter().map(|&n| enrolled.embeddings[n].clone()).collect();
        let gallery = Gallery::new(vec![Template::new(&kept)?]);
        for probed in sessions {
            let mut found: [Vec<f32>; 2] = Default::default();
            for (n, probe) in probed.embeddings.iter().enumerate() {
                if !(std::ptr::eq(enrolled, probed) && chosen.contains(&n)) {
                    found[0].push(gallery.score(probe).distance());
                    let nearest = kept.iter().map(|sample| sample.distance(probe));
                    found[1].push(nearest.fold(f32::INFINITY, f32::min));
                }
            }
            let same = usize::from(enrolled.person == probed.person);
            for (all, found) in all[same].iter_mut().zip(&found) {
                all.extend(found);
            }
            if table {
                let [mean, nearest] = found;
                println!("{} → {} ({})", enrolled.name, probed.name, mean.len());
                println!("  {} | {}", spread(mean), spread(nearest));
            }
        }
    }
    println!("\nimpostors {} genuine {}", all[0][0].len(), all[1][0].len());
    println!("max_distance   FMR mean   TAR mean   FMR nearest   TAR nearest");
    for hundredths in (26..=60).step_by(2) {
        let limit = hundredths as f32 / 100.0;
        let rate = |found: &[f32]| {
            found.iter().filter(|d| **d <= limit).count() as f32 / found.len().max(1) as f32
        };
        println!(
            "{limit:12.2} {:10.2e} {:10.4} {:13.2e} {:13.4}",
            rate(&all[0][0]),
            rate(&all[1][0]),
            rate(&all[0][1]),
            rate(&all[1][1])
        );
    }
    Ok(())
}

fn spread(mut values: Vec<f32>) -> String {
    values.sort_by(f32::total_cmp);
    let last = values.len().saturating_sub(1) as f32;
    let at = |share: f32| values.get((share * last) as usize).copied().unwrap_or(f32::NAN);
    [0.0, 0.05, 0.5, 0.95, 1.0].map(|share| format!("{:8.3}", at(share))).join(" ")
}

/// (person, session, pictures) in the order of their names.
fn sessions_in(root: &Path) -> std::io::Result<Vec<(String, String, Vec<PathBuf>)>> {
    let mut found = Vec::new();
    for person in sorted(root)? {
        let inside = sorted(&person)?;
        let name = file_name(&person);
        if inside.iter().any(|path| path.is_dir()) {
            for session in inside {
                let label = format!("{name}/{}", file_name(&session));
                found.push((name.clone(), label, sorted(&session)?));
            }
        } else {
            found.push((name.clone(), name, inside));
        }
    }
    Ok(found)
}

fn sorted(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(directory)?;
    let mut paths =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
