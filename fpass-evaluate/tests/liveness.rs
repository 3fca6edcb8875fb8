//! `fpass-evaluate make-attacks` and `pad`, from outside: the program, real weights, and clips that
//! are made here from a picture. A relief of an average head that carries the picture turns; made
//! attacks show the same picture on paper.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "clippy treats functions without #[test] as production code"
)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fpass_face::liveness::{DepthTemplate, Placement};
use fpass_face::{Manifest, Observation, Recogniser, RecogniserSettings, RgbView};
use image::{GrayImage, RgbImage};

const FETCH: &str = "run make test, which fetches it";
/// Sides of the clips in pixels, and frames per second.
const SIDES: (u32, u32) = (480, 360);
const RATE: u32 = 20;

fn fetched(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fpass").join(name);
    assert!(path.exists(), "no {}; {FETCH}", path.display());
    path
}

/// How much deeper the relief is than an average head: the detector draws landmarks in a picture
/// that is warped towards those of a frontal face.
const RELIEF: f64 = 1.8;
/// Turn of the made head in degrees.
const TURN: f64 = 30.0;

/// A picture with a place of its face, in a frame of the sides of the clips.
struct Person {
    picture: GrayImage,
    placement: Placement,
}

impl Person {
    fn read(name: &str) -> Self {
        let whole = image::open(fetched("pictures").join(name)).unwrap().to_rgb8();
        let models = Manifest::embedded().unwrap().verify(&fetched("models")).unwrap();
        let mut recogniser = Recogniser::load(&models, RecogniserSettings::default()).unwrap();
        let mut place = |picture: &RgbImage| {
            recogniser.begin();
            let (width, height) = picture.dimensions();
            let view = RgbView::new(width, height, picture.as_raw()).unwrap();
            match recogniser.observe(&view).unwrap() {
                Observation::OneFace(face) => (face, width, height),
                other => panic!("{other:?}"),
            }
        };
        let (face, ..) = place(&whole);
        // The face is made 130 pixels wide, in the middle of a frame.
        let scale = 130.0 / Placement::of(&face.landmarks).unwrap().width() as f32;
        let centre = face.bounds.centre();
        let framed = RgbImage::from_fn(SIDES.0, SIDES.1, |x, y| {
            let at = |place: u32, side: u32, centre: f32, end: u32| {
                let place = centre + (place as f32 - side as f32 / 2.0) / scale;
                place.clamp(0.0, end as f32 - 1.0) as u32
            };
            let (width, height) = whole.dimensions();
            *whole.get_pixel(at(x, SIDES.0, centre.x, width), at(y, SIDES.1, centre.y, height))
        });
        let (face, ..) = place(&framed);
        let placement = Placement::of(&face.landmarks).unwrap();
        Self { picture: image::DynamicImage::ImageRgb8(framed).into_luma8(), placement }
    }

    /// The frame in which the head is turned by this many degrees, as a relief with the depth of an
    /// average head.
    fn turned(&self, template: &DepthTemplate, yaw: f64) -> Vec<u8> {
        let (sin, cos) = yaw.to_radians().sin_cos();
        let to_pixel = self.pixel_map();
        let mut pixels = Vec::new();
        for y in 0..SIDES.1 {
            for x in 0..SIDES.0 {
                let [to, v] = self.placement.face([f64::from(x), f64::from(y)]);
                // Outside the head nothing moves.
                let far = (to / 0.62).hypot((v - 0.2) / 0.8);
                let share = ((1.35 - far) / 0.35).clamp(0.0, 1.0);
                let mut from = to;
                for _ in 0..12 {
                    let depth = RELIEF * f64::from(template.depth_at(from as f32, v as f32));
                    let moved = from * cos + depth * sin;
                    from += to - (from + share * (moved - from));
                }
                let [from_x, from_y] = to_pixel([from, v]);
                pixels.push(self.sample(from_x, from_y, (x, y)));
            }
        }
        pixels
    }

    /// Pixels from face coordinates: the inverse of the placement, a similarity.
    fn pixel_map(&self) -> impl Fn([f64; 2]) -> [f64; 2] + use<> {
        let [left, top] = self.placement.face([0.0, 0.0]);
        let [u, v] = self.placement.face([1.0, 0.0]);
        let (a, b) = (u - left, v - top);
        let square = a * a + b * b;
        move |[u, v]| {
            let (u, v) = (u - left, v - top);
            [(a * u + b * v) / square, (a * v - b * u) / square]
        }
    }

    fn sample(&self, x: f64, y: f64, own: (u32, u32)) -> u8 {
        let (last_x, last_y) = (f64::from(SIDES.0 - 2), f64::from(SIDES.1 - 2));
        if !x.is_finite() || !y.is_finite() {
            return self.picture.get_pixel(own.0, own.1).0[0];
        }
        let (x, y) = (x.clamp(0.0, last_x), y.clamp(0.0, last_y));
        let (left, top) = (x as u32, y as u32);
        let (dx, dy) = (x - f64::from(left), y - f64::from(top));
        let at = |x, y| f64::from(self.picture.get_pixel(x, y).0[0]);
        let upper = at(left, top) * (1.0 - dx) + at(left + 1, top) * dx;
        let lower = at(left, top + 1) * (1.0 - dx) + at(left + 1, top + 1) * dx;
        (upper * (1.0 - dy) + lower * dy).round() as u8
    }

    /// Writes a clip: 0.8 s of rest, a turn by `yaw` degrees within 0.8 s, 0.2 s of rest.
    fn write_turn(&self, path: &Path, yaw: f64) {
        let template = DepthTemplate::embedded().unwrap();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut clip = std::io::BufWriter::new(fs::File::create(path).unwrap());
        writeln!(clip, "YUV4MPEG2 W{} H{} F{RATE}:1 Cmono XCOLORRANGE=FULL", SIDES.0, SIDES.1)
            .unwrap();
        for frame in 0..RATE * 9 / 5 {
            let share = (f64::from(frame) / f64::from(RATE) - 0.8) / 0.8;
            let pixels = self.turned(&template, yaw * share.clamp(0.0, 1.0));
            clip.write_all(b"FRAME\n").unwrap();
            clip.write_all(&pixels).unwrap();
        }
        clip.flush().unwrap();
    }
}

fn evaluate(arguments: &[&str], paths: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fpass-evaluate"))
        .args(arguments)
        .arg("--models")
        .arg(fetched("models"))
        .args(paths)
        .output()
        .unwrap()
}

fn succeed(arguments: &[&str], paths: &[&Path]) -> String {
    let output = evaluate(arguments, paths);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(arguments: &[&str], paths: &[&Path]) -> serde_json::Value {
    serde_json::from_str(&succeed(&[&["pad", "--json"], arguments].concat(), paths)).unwrap()
}

/// Every file below a directory with its bytes, by its path.
fn files(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(next) = directories.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                let inside = path.strip_prefix(directory).unwrap().to_owned();
                found.push((inside, fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_made_turn_is_accepted_for_its_side_alone_and_made_attacks_are_not() {
    let root = tempfile::tempdir().unwrap();
    let (people, all) = (root.path().join("people"), root.path().join("all"));
    let person = Person::read("obama.jpg");
    person.write_turn(&people.join("anna-1-right.y4m"), -TURN);

    let into = |name: &str| root.path().join(name);
    let make = |into: &Path, seed: &str| {
        let species = if seed == "5" { "print-bent,screen-replay" } else { "print-bent" };
        let target = into.to_str().unwrap();
        let options = ["make-attacks", "--count", "1", "--species", species];
        evaluate(&[&options[..], &["--seed", seed, "--into", target]].concat(), &[&people])
    };
    for (name, seed) in [("all", "5"), ("again", "5"), ("other", "6")] {
        let output = make(&into(name), seed);
        assert!(output.status.success(), "{output:?}");
    }
    let first = files(&all);
    assert!(first == files(&into("again")), "the same seed gave other files");
    assert!(first != files(&into("other")), "another seed gave the same files");
    assert_eq!(first.iter().filter(|(path, _)| path.ends_with("0000.jpg")).count(), 2);
    // A directory that holds something is not written to.
    assert_eq!(make(&all, "5").status.code(), Some(11));
    assert!(first == files(&all));

    fs::rename(&people, all.join("bona-fide")).unwrap();
    fs::write(all.join("bona-fide/damaged-1.y4m"), "text\n").unwrap();
    let (cache, report) = (root.path().join("cache"), root.path().join("report"));
    let options = ["--ask", "named", "--cache", cache.to_str().unwrap()];
    let measured = json(&options, &[&all]);
    let people = &measured["bona_fide"];
    assert_eq!(people["one_prompt"]["by_clip"]["errors"], 0, "{measured:#}");
    assert_eq!(people["one_prompt"]["by_clip"]["trials"], 1, "{measured:#}");
    assert_eq!(people["one_prompt"]["by_person"]["trials"], 1);
    assert_eq!(people["unreadable"], 1);
    for figures in measured["species"].as_array().unwrap() {
        let replayed = figures["species"] == "screen-replay";
        let accepted = figures["attempt"]["by_clip"]["errors"].as_u64().unwrap();
        assert!(replayed || accepted == 0, "{figures:#}");
    }
    let median = measured["time_to_verdict"]["median"].as_f64().unwrap();
    assert!((0.2..2.5).contains(&median), "{median}");

    // The attempt for the other side fails.
    let other = json(&["--ask", "left", "--cache", cache.to_str().unwrap()], &[&all]);
    let clips = other["clips"].as_array().unwrap();
    let clip = clips.iter().find(|clip| clip["clip"] == "anna-1-right").unwrap();
    assert_eq!(clip["accepted"], false, "{clip:#}");
    assert_eq!(clip["attempts"][0]["end"], "wrong-way", "{clip:#}");

    // Kept results are used again: the table needs no weights for them, and is the same.
    let kept = files(&cache);
    let again = json(&[&options[..], &["--report", report.to_str().unwrap()]].concat(), &[&all]);
    assert_eq!(again, measured);
    assert!(kept == files(&cache), "a kept result was computed again");
    let page = fs::read_to_string(report.join("report.html")).unwrap();
    assert!(page.contains("print-bent") && !page.contains("anna"), "{page}");
    assert!(fs::read_to_string(report.join("apcer.svg")).unwrap().contains("<svg"));
    assert!(fs::read_to_string(report.join("times.svg")).unwrap().contains("<svg"));
    let table = succeed(&["pad", options[0], options[1], options[2], options[3]], &[&all]);
    assert!(table.contains("BPCER") && table.contains("damaged-1"), "{table}");
}

#[test]
fn what_cannot_be_measured_or_made_is_refused_with_its_code() {
    let root = tempfile::tempdir().unwrap();
    let empty = root.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let into = root.path().join("into");
    let into = into.to_str().unwrap();
    let refused = |arguments: &[&str], code: i32, word: &str| {
        let output = evaluate(arguments, &[&empty]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(word) && output.stdout.is_empty(), "{said}");
    };
    refused(&["pad"], 12, "bona-fide");
    refused(&["pad", "--ask", "up"], 2, "possible values");
    refused(&["pad", "--frame-rate", "0"], 2, "frame-rate");
    refused(&["make-attacks", "--into", into], 12, "No neutral face");
    fs::remove_dir(into).unwrap();
    refused(&["make-attacks", "--into", into, "--species", "mask"], 12, "print-flat");
    // A clip without a face is no source.
    let grey = root.path().join("empty/grey-1");
    fs::create_dir(&grey).unwrap();
    for number in 0..3 {
        GrayImage::from_pixel(64, 64, image::Luma([90]))
            .save(grey.join(format!("{number}.png")))
            .unwrap();
    }
    refused(&["make-attacks", "--into", into], 12, "No neutral face");
}
