// lab: dumps features of pictures
use fpass_face::{
    Comparator, DetectorKind, Manifest, Observation, Point, QualityLimits, Recogniser,
    RecogniserSettings, RgbView,
};
use std::io::Write;
use std::path::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let models = Manifest::embedded().unwrap().verify(Path::new(&a[1])).unwrap();
    let part: usize = a[4].parse().unwrap();
    let of: usize = a[5].parse().unwrap();
    let side: u32 = a.get(6).map_or(160, |s| s.parse().unwrap());
    let mut r = Recogniser::load(
        &models,
        RecogniserSettings {
            detector: if a.get(7).is_some() { DetectorKind::Hog } else { DetectorKind::Yunet },
            detection_side: side,
        },
    )
    .unwrap();
    let hog = fpass_face::detector::HogDetector::new();
    let mut out = std::io::BufWriter::new(std::fs::File::create(&a[3]).unwrap());
    let mut dirs: Vec<_> = std::fs::read_dir(&a[2])
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_dir())
        .collect();
    dirs.sort();
    let mut n = 0;
    let t0 = std::time::Instant::now();
    let (mut td, mut tl, mut te) = (0.0, 0.0, 0.0);
    for d in dirs {
        let mut fs: Vec<_> = std::fs::read_dir(&d).unwrap().map(|e| e.unwrap().path()).collect();
        fs.sort();
        for f in fs {
            n += 1;
            if n % of != part {
                continue;
            }
            let img = ::image::open(&f).unwrap().to_rgb8();
            let v = RgbView::new(img.width(), img.height(), img.as_raw()).unwrap();
            r.begin();
            let t = std::time::Instant::now();
            let places = r.search(&v).unwrap();
            td += t.elapsed().as_secs_f64();
            let c = Point { x: img.width() as f32 / 2.0, y: img.height() as f32 / 2.0 };
            let mut ps = places.clone();
            ps.sort_by(|a, b| a.centre().distance(c).total_cmp(&b.centre().distance(c)));
            let obs = match r.observe(&v).unwrap() {
                Observation::NoFace { .. } => 0,
                Observation::OneFace(_) => 1,
                Observation::SeveralFaces(n) => n,
            };
            r.begin();
            let mut face = None;
            for p in &ps {
                if let Some(x) = r.inspect(&v, p).unwrap() {
                    face = Some(x);
                    break;
                }
            }
            let rel = |p: &Path| {
                format!(
                    "{}/{}",
                    d.file_name().unwrap().to_string_lossy(),
                    p.file_name().unwrap().to_string_lossy()
                )
            };
            let Some(face) = face else {
                writeln!(out, "{}\tNOFACE\t{obs}", rel(&f)).unwrap();
                continue;
            };
            tl += r.times().landmarks.as_secs_f64();
            let flaw = format!(
                "{:?}",
                face.quality.assess(&QualityLimits::default()).map(|f| format!("{f:?}")
                    .split(' ')
                    .next()
                    .unwrap()
                    .to_string())
            );
            match r.embed(&v, &face, Comparator::Fused) {
                Err(e) => writeln!(out, "{}\tFAIL\t{e}", rel(&f)).unwrap(),
                Ok(x) => {
                    te += r.times().embed.as_secs_f64();
                    let q = &face.quality;
                    let b = &face.bounds;
                    let lm = face.landmarks.points();
                    let hb = if std::env::var("HOG").is_ok() {
                        hog.search(&v, if img.width() < 400 { 2 * img.width() } else { 640 })
                    } else {
                        vec![]
                    };
                    let hb: Vec<String> = hb
                        .iter()
                        .map(|b| format!("{},{},{},{}", b.left(), b.top(), b.width(), b.height()))
                        .collect();
                    write!(
                        out,
                        "{}\tOK\t{obs}\t{}\t{}\t{flaw}\t{},{},{},{}\t{:?}\t{:?}\t",
                        rel(&f),
                        places.len(),
                        ps.len(),
                        b.left(),
                        b.top(),
                        b.width(),
                        b.height(),
                        lm.map(|p| (p.x, p.y)),
                        hb
                    )
                    .unwrap();
                    write!(
                        out,
                        "{},{},{},{},{},{},{}",
                        q.face_width_px,
                        q.yaw,
                        q.pitch,
                        q.roll,
                        q.brightness,
                        q.contrast,
                        q.sharpness
                    )
                    .unwrap();
                    for e in [x.dlib.unwrap(), x.sface.unwrap()] {
                        write!(
                            out,
                            "\t{}",
                            e.values().iter().map(|v| v.to_string()).collect::<Vec<_>>().join(",")
                        )
                        .unwrap();
                    }
                    writeln!(out).unwrap();
                }
            }
        }
    }
    eprintln!("{n} pictures in {:?}; detect {td:.1} landmarks {tl:.1} embed {te:.1}", t0.elapsed());
}
