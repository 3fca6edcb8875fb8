//! The steps of Howdy at a login: a fresh Python process that loads the models and compares one
//! picture.

use std::{path::Path, process::Command, time::Instant};

use crate::measure::Sample;

/// Number of processes for the median.
const RUNS: usize = 7;

/// The steps of Howdy's `compare.py` for one frame, with the library that it uses.
const SCRIPT: &str = "
import sys
import face_recognition
def encoding(path):
    picture = face_recognition.load_image_file(path)
    places = face_recognition.face_locations(picture)
    return face_recognition.face_encodings(picture, places)[0]
probe = encoding(sys.argv[1])
face_recognition.compare_faces([probe], probe)
";

/// Times of the whole process, for a picture scaled to the size of a camera's frame.
pub(crate) fn measure(python: &str) -> Result<Sample, String> {
    let picture = Path::new("target/fpass/pictures/obama.jpg");
    let frame = Path::new("target/bench-venv/frame.png");
    image::open(picture)
        .map_err(|error| format!("{}: {error}", picture.display()))?
        .thumbnail(640, 480)
        .save(frame)
        .map_err(|error| format!("{}: {error}", frame.display()))?;
    let mut sample = Sample::default();
    for _ in 0..RUNS {
        let start = Instant::now();
        let output = Command::new(python).args(["-W", "ignore", "-c", SCRIPT]).arg(frame).output();
        let output = output.map_err(|error| format!("{python}: {error}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(said.lines().last().unwrap_or("Python failed").to_owned());
        }
        sample.add(1000.0 * start.elapsed().as_secs_f64());
    }
    Ok(sample)
}
