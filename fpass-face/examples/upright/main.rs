//! Measures what the guards for upright faces keep out, and the means of strangers.
//!
//! `cargo run --release -p fpass-face --example upright -- MODELS PEOPLE [OTHERS]`
//! `cargo run --release -p fpass-face --example upright -- MODELS PEOPLE --strangers`
//!
//! `PEOPLE` is a directory with one directory of pictures for each person. `OTHERS` is a directory
//! of pictures that show no human face: animals, drawings, masks.
//!
//! The first form enrols the 45 people with the most pictures, each turned by 0, 90, 180 and 270°.
//! Then it compares everybody with the templates of all others at the default false match rate,
//! with and without the guards. A guarded attempt is against the upright template, and against the
//! turned one if there is one. It does the same with drawings of its own, and with `OTHERS`.
//!
//! The second form prints the means for `models/manifest.toml`, and how far the templates of
//! everybody with three pictures are from them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a tool for developers"
)]

mod drawings;

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};

use fpass_face::{
    Comparator, Features, Manifest, Observation, Orientation, QualityLimits, Recogniser,
    RecogniserSettings, RgbView, Score, Strangers, Template,
};
use image::{RgbImage, imageops};

use drawings::{Kind, draw};

/// People in the table.
const PEOPLE: usize = 45;
/// Pictures of one person, and of these in a template.
const PICTURES: usize = 8;
const SAMPLES: usize = 5;
/// Fewest pictures of a template whose distance from strangers is measured.
const SAMPLES_MIN: usize = 3;
/// The default false match rate, as the daemon shares it between the frames of an attempt.
const RATE: f64 = 1e-5 / 1.5;
/// Drawings of each kind.
const DRAWINGS: u32 = 40;
const ANGLES: [u16; 4] = [0, 90, 180, 270];

/// A face that the detector found.
struct Found {
    features: Features,
    orientation: Orientation,
    /// Whether the frame would do for an enrolment, apart from its orientation.
    enrols: bool,
}

/// One person, or one picture without a person, in one orientation.
#[derive(Default)]
struct Subject {
    samples: Vec<Found>,
}

impl Subject {
    /// The template of the first pictures; with the guards, only of upright ones.
    fn template(&self, is_guarded: bool, strangers: &Strangers) -> Option<Template> {
        let samples = self.samples.iter().filter(|found| found.enrols);
        let upright = samples.filter(|found| !is_guarded || is_upright(found));
        let features: Vec<Features> =
            upright.take(SAMPLES).map(|found| found.features.clone()).collect();
        let template = Template::new(&features).ok()?;
        (!is_guarded || strangers.admit(&template)).then_some(template)
    }
}

fn is_upright(found: &Found) -> bool {
    found.orientation == Orientation::Upright
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let listed = fs::read_dir(directory).expect("a directory");
    let mut paths: Vec<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn turned(picture: &RgbImage, angle: u16) -> RgbImage {
    match angle {
        90 => imageops::rotate90(picture),
        180 => imageops::rotate180(picture),
        270 => imageops::rotate270(picture),
        _ => picture.clone(),
    }
}

/// The one face of a picture, as the daemon finds it.
fn find(recogniser: &mut Recogniser, picture: &RgbImage) -> Option<Found> {
    let view = RgbView::new(picture.width(), picture.height(), picture.as_raw()).ok()?;
    recogniser.begin();
    let Observation::OneFace(face) = recogniser.observe(&view).unwrap() else {
        return None;
    };
    face.quality.assess(&QualityLimits::default()).is_none().then_some(())?;
    Some(Found {
        orientation: recogniser.confidences(&view, &face).unwrap().orientation(),
        features: recogniser.embed(&view, &face, Comparator::Fused).ok()?,
        enrols: face.quality.assess(&QualityLimits::enrolment()).is_none(),
    })
}

/// The pictures of these files.
fn read(paths: &[PathBuf]) -> Vec<RgbImage> {
    paths.iter().filter_map(|path| Some(image::open(path).ok()?.to_rgb8())).collect()
}

/// The faces of some pictures, by angle.
fn subject(recogniser: &mut Recogniser, pictures: &[RgbImage]) -> [Subject; 4] {
    let mut subjects: [Subject; 4] = Default::default();
    for picture in pictures {
        for (subject, angle) in subjects.iter_mut().zip(ANGLES) {
            subject.samples.extend(find(recogniser, &turned(picture, angle)));
        }
    }
    subjects
}

/// How many of the attempts of each subject against the templates of all others match. A probe that
/// the guards do not compare is an attempt that does not match.
fn attempts(
    subjects: &[Subject],
    templates: &[Option<Template>],
    is_guarded: bool,
    threshold: Score,
) -> (usize, usize) {
    let (mut made, mut admitted) = (0, 0);
    for (number, subject) in subjects.iter().enumerate() {
        for (owner, template) in templates.iter().enumerate() {
            let Some(template) = template.as_ref().filter(|_| owner != number) else { continue };
            made += 1;
            let compared = subject.samples.iter().filter(|found| !is_guarded || is_upright(found));
            admitted += usize::from(compared.clone().any(|found| {
                Comparator::Fused.score(&found.features, template.mean()).reaches(threshold)
            }));
        }
    }
    (made, admitted)
}

fn table(recogniser: &mut Recogniser, manifest: &Manifest, people: &Path, others: Option<&Path>) {
    let strangers = &manifest.strangers;
    let calibration = manifest.calibration(Comparator::Fused).unwrap();
    let threshold = calibration.threshold(RATE, 1);
    let mut folders: Vec<Vec<PathBuf>> =
        entries(people).iter().map(|person| entries(person)).collect();
    folders.sort_by_key(|pictures| Reverse(pictures.len()));
    folders.truncate(PEOPLE);
    let mut groups: Vec<(String, Vec<[Subject; 4]>)> = Vec::new();
    let subjects = folders.iter().map(|pictures| {
        let first = &pictures[..pictures.len().min(PICTURES)];
        subject(recogniser, &read(first))
    });
    groups.push((format!("{} people", folders.len()), subjects.collect()));
    for kind in [Kind::Face, Kind::Mask, Kind::Cat] {
        let drawn = (1..=DRAWINGS).map(|seed| subject(recogniser, &[draw(kind, seed)]));
        groups.push((format!("{DRAWINGS} drawings: {kind:?}"), drawn.collect()));
    }
    if let Some(others) = others {
        let pictures = entries(others);
        let subjects =
            pictures.iter().map(|path| subject(recogniser, &read(std::slice::from_ref(path))));
        groups.push((format!("{} other pictures", pictures.len()), subjects.collect()));
    }
    let upright: Vec<Option<Template>> =
        groups[0].1.iter().map(|subject| subject[0].template(true, strangers)).collect();
    for (name, subjects) in &groups {
        println!("{name}");
        println!("              without the guards            with the guards");
        println!("angle  faces  templates attempts admitted  upright templates attempts admitted");
        for (index, angle) in ANGLES.into_iter().enumerate() {
            let turned: Vec<Subject> = subjects
                .iter()
                .map(|subject| Subject {
                    samples: subject[index].samples.iter().map(copy).collect(),
                })
                .collect();
            let of = |is_guarded| -> Vec<Option<Template>> {
                turned.iter().map(|subject| subject.template(is_guarded, strangers)).collect()
            };
            let (without, with) = (of(false), of(true));
            let faces: usize = turned.iter().map(|subject| subject.samples.len()).sum();
            let all = turned.iter().flat_map(|subject| &subject.samples);
            let upright_faces = all.filter(|found| is_upright(found)).count();
            let (made, admitted) = attempts(&turned, &without, false, threshold);
            let own = attempts(&turned, &with, true, threshold);
            let against_upright = if index == 0 && *name == groups[0].0 {
                (0, 0)
            } else {
                attempts(&turned, &upright, true, threshold)
            };
            println!(
                "{angle:>5}  {faces:>5}  {:>9} {made:>8} {admitted:>8}  {upright_faces:>7} {:>9} {:>8} {:>8}",
                without.iter().flatten().count(),
                with.iter().flatten().count(),
                own.0 + against_upright.0,
                own.1 + against_upright.1,
            );
        }
    }
}

fn copy(found: &Found) -> Found {
    Found { features: found.features.clone(), ..*found }
}

fn row(values: &[f32]) -> String {
    let rows = values.chunks(8).map(|row| {
        let values: Vec<String> = row.iter().map(|value| format!("{value:.6}")).collect();
        format!("    {},\n", values.join(", "))
    });
    rows.collect()
}

/// The mean of all features, without scaling it to unit length.
fn mean(of: &str, features: &[&Features]) -> Features {
    let sum = |values: fn(&Features) -> &[f32; 128]| -> Vec<f32> {
        (0..128)
            .map(|n| {
                let sum: f64 = features.iter().map(|one| f64::from(values(one)[n])).sum();
                #[expect(clippy::cast_possible_truncation, reason = "six digits are printed")]
                let mean = (sum / features.len() as f64) as f32;
                mean
            })
            .collect()
    };
    let dlib = sum(|one| one.dlib.as_ref().unwrap().values());
    let sface = sum(|one| one.sface.as_ref().unwrap().values());
    println!("\n[[strangers.mean]]\nof = \"{of}\"\npictures = {}", features.len());
    println!("dlib = [\n{}]\nsface = [\n{}]", row(&dlib), row(&sface));
    let embedding = |values: &[f32]| fpass_face::Embedding::from_values(values).ok();
    Features { dlib: embedding(&dlib), sface: embedding(&sface) }
}

fn strangers(recogniser: &mut Recogniser, manifest: &Manifest, people: &Path) {
    let people: Vec<[Subject; 4]> = entries(people)
        .iter()
        .map(|person| {
            let pictures: Vec<PathBuf> = entries(person).into_iter().take(SAMPLES + 1).collect();
            subject(recogniser, &read(&pictures))
        })
        .collect();
    // One picture of each person in each orientation, so that nobody weighs more than others.
    let first = |angle: usize| {
        people.iter().filter_map(move |person| person[angle].samples.first()).map(|f| &f.features)
    };
    let upright: Vec<&Features> = first(0).collect();
    let turned: Vec<&Features> = first(1).chain(first(2)).chain(first(3)).collect();
    // Drawings with other seeds than those of the table.
    let mut drawn = |kind| -> Vec<Found> {
        let seeds = DRAWINGS + 1..=5 * DRAWINGS;
        seeds.filter_map(|seed| find(recogniser, &draw(kind, seed))).collect()
    };
    let drawn = [drawn(Kind::Face), drawn(Kind::Mask)];
    let [faces, masks] = drawn.each_ref().map(|found| found.iter().map(|one| &one.features));
    let means = vec![
        mean("upright faces", &upright),
        mean("faces turned by 90, 180 and 270 degrees", &turned),
        mean("drawn faces", &faces.collect::<Vec<_>>()),
        mean("drawn masks", &masks.collect::<Vec<_>>()),
    ];
    let limit = manifest.strangers.clone();
    let strangers = Strangers::new(0.0, means).unwrap();
    println!("\nscores of templates of {SAMPLES_MIN} to {SAMPLES} pictures with the means:");
    for (index, angle) in ANGLES.into_iter().enumerate() {
        let usable = people.iter().filter(|person| {
            person[index].samples.iter().filter(|found| found.enrols).count() >= SAMPLES_MIN
        });
        let templates: Vec<Template> =
            usable.filter_map(|person| person[index].template(false, &limit)).collect();
        let mut scores: Vec<f32> =
            templates.iter().map(|template| strangers.score(template).value()).collect();
        scores.sort_by(f32::total_cmp);
        let at = |share: usize| scores.get((scores.len() - 1) * share / 1000).copied().unwrap();
        if !scores.is_empty() {
            println!(
                "{angle:>4}: {} templates, least {:.3}, 1 % {:.3}, median {:.3}, 99 % {:.3}, most {:.3}",
                scores.len(),
                at(0),
                at(10),
                at(500),
                at(990),
                at(1000)
            );
        }
    }
    drawn_scores(recogniser, &strangers);
}

/// The scores of templates of single drawings with the seeds of the table.
fn drawn_scores(recogniser: &mut Recogniser, strangers: &Strangers) {
    for kind in [Kind::Face, Kind::Mask] {
        let found = (1..=DRAWINGS).filter_map(|seed| find(recogniser, &draw(kind, seed)));
        let templates = found.filter_map(|found| Template::new(&[found.features]).ok());
        let mut scores: Vec<f32> =
            templates.map(|template| strangers.score(&template).value()).collect();
        scores.sort_by(f32::total_cmp);
        if let [least, .., most] = scores.as_slice() {
            println!("{kind:?}: {} drawings, least {least:.3}, most {most:.3}", scores.len());
        }
    }
}

fn main() {
    let arguments: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    let ([models, people] | [models, people, _]) = arguments.as_slice() else {
        println!("usage: upright MODELS PEOPLE [OTHERS | --strangers]");
        return;
    };
    let manifest = Manifest::embedded().unwrap();
    let models = manifest.verify(models).expect("verified models");
    let mut recogniser = Recogniser::load(&models, RecogniserSettings::default()).unwrap();
    match arguments.get(2) {
        Some(option) if option == Path::new("--strangers") => {
            strangers(&mut recogniser, &manifest, people);
        }
        others => table(&mut recogniser, &manifest, people, others.map(PathBuf::as_path)),
    }
}
