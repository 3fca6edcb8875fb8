//! Feeds a v4l2loopback camera: `feed DEVICE FRAMES SCENE RATE SCREEN`. FRAMES contains a directory
//! of raw YUYV frames of 640×480 for each scene. SCENE is a file with the name of the scene to
//! play; it is read before each frame. RATE is in frames per second. After the first frame of a
//! scene its name is written to `SCENE.shown`.
//!
//! SCREEN is a file that grows by what a screen shows. If there are scenes `NAME-left` and
//! `NAME-right`, the person of `NAME` reads it: after each prompt to turn, the scene of its side is
//! played once.

#![forbid(unsafe_code)]

mod reader;

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, Write},
    path::Path,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use v4l::{Device, Format, FourCC, video::Output};

use fpass_tests::scene::{HEIGHT, Side, WIDTH};

use reader::Reader;

/// Frames of each scene by its name.
type Scenes = BTreeMap<String, Vec<Vec<u8>>>;

fn load(frames: &Path) -> io::Result<Scenes> {
    let mut scenes = Scenes::new();
    for scene in fs::read_dir(frames)? {
        let scene = scene?;
        let mut paths: Vec<_> = fs::read_dir(scene.path())?
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<_>>()?;
        paths.sort();
        let frames = paths.iter().map(fs::read).collect::<io::Result<Vec<_>>>()?;
        scenes.insert(scene.file_name().to_string_lossy().into_owned(), frames);
    }
    Ok(scenes)
}

/// The scene that is played now, and its next frame.
struct Player<'a> {
    scenes: &'a Scenes,
    reader: Reader,
    /// The wanted scene.
    name: String,
    /// The side of the prompt that the person follows now.
    turning: Option<Side>,
    number: usize,
}

impl Player<'_> {
    /// The next frame of the wanted scene.
    fn next(&mut self, wanted: &str) -> io::Result<&[u8]> {
        if self.name != wanted {
            wanted.clone_into(&mut self.name);
            self.reader.skip()?;
            self.turning = None;
            self.number = 0;
        }
        if let Some(side) = self.reader.newly_asked()? {
            self.turning = Some(side);
            self.number = 0;
        }
        let turned = self.turning.and_then(|side| self.scenes.get(&turned(wanted, side)));
        if turned.is_none_or(|frames| self.number >= frames.len()) {
            self.turning = None;
        }
        let frames = turned.filter(|_| self.turning.is_some()).or_else(|| self.scenes.get(wanted));
        let frame = frames
            .and_then(|frames| frames.get(self.number.checked_rem(frames.len())?))
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("no scene {wanted}")))?;
        self.number = self.number.wrapping_add(1);
        Ok(frame)
    }
}

fn turned(scene: &str, side: Side) -> String {
    match side {
        Side::Left => format!("{scene}-left"),
        Side::Right => format!("{scene}-right"),
    }
}

fn feed(device: &str, mut player: Player<'_>, scene: &str, pause: Duration) -> io::Result<()> {
    let shown = format!("{scene}.shown");
    let mut device = Device::with_path(device)?;
    Output::set_format(&device, &Format::new(WIDTH, HEIGHT, FourCC::new(b"YUYV")))?;
    let mut playing = String::new();
    let mut due = Instant::now();
    loop {
        let wanted = fs::read_to_string(scene)?;
        let wanted = wanted.trim();
        device.write_all(player.next(wanted)?)?;
        if playing != wanted {
            wanted.clone_into(&mut playing);
            fs::write(&shown, &playing)?;
        }
        due += pause;
        // Late frames are not repeated: a camera drops them.
        match due.checked_duration_since(Instant::now()) {
            Some(rest) => thread::sleep(rest),
            None => due = Instant::now(),
        }
    }
}

fn run(arguments: &[String]) -> io::Result<()> {
    let [device, frames, scene, rate, screen] = arguments else {
        return Err(io::Error::other("usage: feed DEVICE FRAMES SCENE RATE SCREEN"));
    };
    let rate: u32 = rate.parse().map_err(io::Error::other)?;
    let pause = Duration::from_secs(1) / rate.max(1);
    let scenes = load(Path::new(frames))?;
    let reader = Reader::of(Path::new(screen));
    let player = Player { scenes: &scenes, reader, name: String::new(), turning: None, number: 0 };
    feed(device, player, scene, pause)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}
