//! Feeds a v4l2loopback camera: `feed DEVICE FRAMES SCENE RATE`. FRAMES contains a directory of raw
//! YUYV frames of 640×480 for each scene. SCENE is a file with the name of the scene to play; it is
//! read before each frame. RATE is in frames per second. After the first frame of a scene its name
//! is written to `SCENE.shown`.

#![forbid(unsafe_code)]

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

use fpass_tests::scene::{HEIGHT, WIDTH};

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

fn feed(device: &str, scenes: &Scenes, scene: &str, pause: Duration) -> io::Result<()> {
    let shown = format!("{scene}.shown");
    let mut device = Device::with_path(device)?;
    Output::set_format(&device, &Format::new(WIDTH, HEIGHT, FourCC::new(b"YUYV")))?;
    let (mut playing, mut number) = (String::new(), 0_usize);
    let mut due = Instant::now();
    loop {
        let wanted = fs::read_to_string(scene)?;
        let wanted = wanted.trim();
        let frame = scenes
            .get(wanted)
            .and_then(|frames| frames.get(number.checked_rem(frames.len())?))
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("no scene {wanted}")))?;
        device.write_all(frame)?;
        if playing != wanted {
            wanted.clone_into(&mut playing);
            fs::write(&shown, &playing)?;
        }
        number = number.wrapping_add(1);
        due += pause;
        // Late frames are not repeated: a camera drops them.
        match due.checked_duration_since(Instant::now()) {
            Some(rest) => thread::sleep(rest),
            None => due = Instant::now(),
        }
    }
}

fn run(arguments: &[String]) -> io::Result<()> {
    let [device, frames, scene, rate] = arguments else {
        return Err(io::Error::other("usage: feed DEVICE FRAMES SCENE RATE"));
    };
    let rate: u32 = rate.parse().map_err(io::Error::other)?;
    let pause = Duration::from_secs(1) / rate.max(1);
    feed(device, &load(Path::new(frames))?, scene, pause)
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
