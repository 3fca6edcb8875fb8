//! Prints the embeddings by dlib of the faces in some pictures, to compare builds.
//!
//! `cargo run --release -p fpass-face --example embeddings -- MODELS PICTURE...`
//!
//! One line for each picture: its name, then the 128 values of the embedding. Each picture must
//! show one face.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::panic,
    reason = "a tool for developers"
)]

use std::path::Path;

use fpass_face::embedder::DlibEmbedder;
use fpass_face::{Manifest, Observation, Recogniser, RecogniserSettings, RgbView, Role};

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let models = arguments.next().expect("the directory of the models");
    let models = Manifest::embedded().unwrap().verify(Path::new(&models)).unwrap();
    let mut recogniser = Recogniser::load(&models, RecogniserSettings::default()).unwrap();
    let mut embedder =
        DlibEmbedder::load(&models.path(Role::Landmarks5), &models.path(Role::EmbedderDlib))
            .unwrap();
    for path in arguments {
        let picture = image::open(&path).unwrap().to_rgb8();
        let view = RgbView::new(picture.width(), picture.height(), picture.as_raw()).unwrap();
        recogniser.begin();
        let Observation::OneFace(face) = recogniser.observe(&view).unwrap() else {
            panic!("not one face in {}", path.display());
        };
        let embedding = embedder.embed(&view, &face.landmarks).unwrap();
        let name = Path::new(&path).file_name().unwrap().display().to_string();
        print!("{name}");
        for value in embedding.values() {
            print!(" {value:.7}");
        }
        println!();
    }
}
