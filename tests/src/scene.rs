//! What the recorded camera shows: 640×480 frames that move as a webcam's do, from still pictures.
//!
//! Every scene is the same on every machine: motion is a function of the frame number, and noise
//! comes from a generator with a fixed seed.

mod canvas;
mod noise;
mod recording;
mod turning;

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use image::RgbImage;

use crate::{TestbedError, tree};

use canvas::{Canvas, Placement};
use noise::Noise;
pub use turning::{Course, Side};

/// Frame width in pixels.
pub const WIDTH: u32 = 640;
/// Frame height in pixels.
pub const HEIGHT: u32 = 480;
/// Frames until a scene repeats.
pub const FRAMES: u32 = 60;
/// Frames per second.
pub const RATE: u32 = 15;

/// A test picture and where the face in it is, in pixels of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Picture {
    file: &'static str,
    centre: (f32, f32),
    face_width: f32,
    /// Middle of the eyes, and the width of the head.
    eyes: (f32, f32),
    head_width: f32,
    /// Roll of the head in degrees, clockwise.
    roll: f32,
    /// By how many degrees the head must be turned to look into the camera.
    frontal_yaw: f32,
}

/// The person whom the tests enrol as alice.
pub const OBAMA: Picture = Picture {
    file: "obama.jpg",
    centre: (490.0, 262.0),
    face_width: 225.0,
    eyes: (497.5, 212.7),
    head_width: 255.0,
    roll: -0.5,
    frontal_yaw: 3.0,
};
/// The same person on another day, head turned a little.
pub const OBAMA_SPEAKING: Picture =
    Picture { file: "obama2.jpg", centre: (328.0, 414.0), face_width: 250.0, ..OBAMA };
/// Another person.
pub const BIDEN: Picture = Picture {
    file: "biden.jpg",
    centre: (579.0, 392.0),
    face_width: 320.0,
    eyes: (591.0, 335.5),
    head_width: 293.0,
    roll: 12.5,
    frontal_yaw: -20.0,
};

/// A rendered scene is good for as long as these do not change.
const SOURCES: [&str; 5] = [
    include_str!("scene.rs"),
    include_str!("scene/canvas.rs"),
    include_str!("scene/noise.rs"),
    include_str!("scene/recording.rs"),
    include_str!("scene/turning.rs"),
];

/// Plays a clip that was recorded elsewhere instead of a scene.
pub(crate) fn play(clip: &Path, path: &Path) -> Result<(), TestbedError> {
    recording::copy(clip, path)
}

/// What is in front of the camera.
#[derive(Clone, Debug)]
pub struct Scene {
    people: Vec<(Picture, Placement)>,
    /// Factor on every pixel: 1 is daylight.
    light: f32,
    /// Whether the camera is upside down.
    upside_down: bool,
    /// What the only person does, instead of moving as one who enrols.
    course: Option<Course>,
}

impl Scene {
    /// One person in the middle, face about 180 pixels wide.
    #[must_use]
    pub fn person(picture: Picture) -> Self {
        let placement = Placement { centre: (320.0, 235.0), face_width: 180.0, clip: 0..WIDTH };
        Self { people: vec![(picture, placement)], light: 1.0, upside_down: false, course: None }
    }

    /// One person who is asked to turn, or what is held up instead: 20 frames per second.
    #[must_use]
    pub fn course(picture: Picture, course: Course) -> Self {
        Self { course: Some(course), ..Self::person(picture) }
    }

    /// Two people side by side.
    #[must_use]
    pub fn two_people(left: Picture, right: Picture) -> Self {
        let half = WIDTH / 2;
        let at = |x, clip| Placement { centre: (x, 235.0), face_width: 150.0, clip };
        Self {
            people: vec![(left, at(160.0, 0..half)), (right, at(480.0, half..WIDTH))],
            light: 1.0,
            upside_down: false,
            course: None,
        }
    }

    /// A wall in daylight, nobody there.
    #[must_use]
    pub fn nobody() -> Self {
        Self { people: Vec::new(), light: 1.0, upside_down: false, course: None }
    }

    /// The same scene in front of a camera that is upside down.
    #[must_use]
    pub fn upside_down(self) -> Self {
        Self { upside_down: true, ..self }
    }

    /// The same scene with the lights out: 4 % of the light, and the noise of the sensor.
    #[must_use]
    pub fn in_the_dark(self) -> Self {
        Self { light: 0.04, ..self }
    }

    /// Writes the scene as a y4m clip, all at once, so that a running daemon sees the old scene or
    /// the new one. Scenes that were rendered before are copied.
    ///
    /// # Errors
    /// Says which picture is missing or cannot be decoded, or why the clip cannot be written.
    pub fn record(&self, path: &Path) -> Result<(), TestbedError> {
        recording::copy(&self.rendered()?, path)
    }

    /// The same frames, `rate` of them per second.
    ///
    /// # Errors
    /// Those of [`Scene::record`].
    pub fn record_at(&self, path: &Path, rate: u32) -> Result<(), TestbedError> {
        recording::copy_at(&self.rendered()?, path, rate)
    }

    /// The frames as a V4L2 camera gives them: YUYV, 4:2:2 packed.
    ///
    /// # Errors
    /// Those of [`Scene::record`], and of reading the clip.
    pub fn yuyv(&self) -> Result<Vec<Vec<u8>>, TestbedError> {
        recording::yuyv(&self.rendered()?)
    }

    /// The clip with this scene, rendered when it does not exist.
    fn rendered(&self) -> Result<PathBuf, TestbedError> {
        let store = tree::root().join("target/fpass/scenes");
        let rendered = store.join(format!("{:016x}.y4m", self.recipe()));
        if !rendered.exists() {
            fs::create_dir_all(&store)
                .map_err(TestbedError::io(format!("creating {}", store.display())))?;
            self.render(&rendered)?;
        }
        Ok(rendered)
    }

    /// Number of everything that decides what the frames look like.
    fn recipe(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (format!("{self:?}"), SOURCES).hash(&mut hasher);
        hasher.finish()
    }

    fn render(&self, path: &Path) -> Result<(), TestbedError> {
        let pictures = self
            .people
            .iter()
            .map(|(picture, placement)| Ok((picture.load()?, picture, placement)))
            .collect::<Result<Vec<_>, TestbedError>>()?;
        if let (Some(course), [(pixels, picture, _)]) = (self.course, pictures.as_slice()) {
            return Self::render_course(path, course, (picture, pixels));
        }
        let mut noise = Noise::seeded(2);
        let frames = (0..FRAMES).map(|frame| {
            let mut canvas = Canvas::wall(frame);
            for (pixels, picture, placement) in &pictures {
                canvas.place(pixels, picture, placement, frame);
            }
            canvas.expose(self.light, &mut noise);
            if self.upside_down {
                canvas.turn_over();
            }
            canvas
        });
        recording::write(path, RATE, frames)
    }

    fn render_course(
        path: &Path,
        course: Course,
        person: (&Picture, &RgbImage),
    ) -> Result<(), TestbedError> {
        let other = course.other().map(|other| Ok((other, other.load()?))).transpose()?;
        let mut noise = Noise::seeded(2);
        let frames = (0..turning::FRAMES).map(|frame| {
            let mut canvas = Canvas::wall(frame * FRAMES / turning::FRAMES);
            let other = other.as_ref().map(|(picture, pixels)| (*picture, pixels));
            let light = course.draw(&mut canvas, person, other, frame);
            canvas.expose(light, &mut noise);
            canvas
        });
        recording::write(path, turning::RATE, frames)
    }
}

impl Picture {
    fn load(&self) -> Result<RgbImage, TestbedError> {
        let path = tree::require("target/fpass/pictures")?.join(self.file);
        if !path.exists() {
            return Err(TestbedError::Missing(path));
        }
        image::open(&path)
            .map(|picture| picture.to_rgb8())
            .map_err(|cause| TestbedError::Picture { path, cause })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_frame_repeats_and_every_recording_is_the_same() {
        let folder = std::env::temp_dir().join(format!("fpass-scene-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let clips: Vec<_> = ["a.y4m", "b.y4m"]
            .iter()
            .map(|name| {
                let path = folder.join(name);
                Scene::nobody().render(&path).unwrap();
                std::fs::read(path).unwrap()
            })
            .collect();
        std::fs::remove_dir_all(&folder).unwrap();

        assert_eq!(clips[0], clips[1]);
        let header = clips[0].iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let frames: Vec<_> = clips[0][header..].chunks_exact(6 + 640 * 480 * 3 / 2).collect();
        assert_eq!(frames.len(), FRAMES as usize);
        for pair in frames.windows(2) {
            assert_eq!(&pair[0][..6], b"FRAME\n");
            assert_ne!(pair[0], pair[1]);
        }
    }
}
