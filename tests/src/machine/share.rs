//! The directory that a throw-away machine sees at `/mnt`.

use std::{
    env,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    Scene, TestbedError, process,
    scene::{BIDEN, Course, OBAMA, Side},
    tree,
};

/// Only every third frame of a scene without a turn is used: the person moves as far in a third of
/// the frames.
const STEP: usize = 3;
/// Variable with the package that machines install, instead of what `scripts/install` stages.
const PACKAGE: &str = "FPASS_DEB";

/// The package that machines install, if one was built.
fn package() -> Option<OsString> {
    env::var_os(PACKAGE).filter(|package| !package.is_empty())
}

/// Whether machines install a package instead of what `scripts/install` stages.
#[must_use]
pub fn has_package() -> bool {
    package().is_some()
}

/// A directory below `target/e2e`.
pub(super) struct Share {
    directory: PathBuf,
}

impl Share {
    /// Makes an empty share.
    pub(super) fn new(name: &str) -> Result<Self, TestbedError> {
        let directory = tree::root().join("target/e2e").join(format!("share-{name}"));
        match fs::remove_dir_all(&directory) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
            _ => fs::create_dir_all(&directory),
        }
        .and_then(|()| directory.canonicalize())
        .map(|directory| Self { directory })
        .map_err(TestbedError::io(format!("emptying the directory of the machine {name}")))
    }

    /// The absolute path.
    pub(super) fn path(&self) -> &Path {
        &self.directory
    }

    /// Adds what every machine has: F-pass, the models, the frames of people and the camera
    /// feeder.
    pub(super) fn furnish(&self) -> Result<(), TestbedError> {
        match package() {
            Some(package) => self.copy(Path::new(&package), "fpass.deb")?,
            None => succeed(
                Command::new(tree::require("scripts/install")?)
                    .env("DESTDIR", self.directory.join("stage")),
            )?,
        }
        self.copy(&tree::require("target/fpass/models")?, "models")?;
        self.copy(&tree::helper("feed")?, "feed")?;
        self.frames("alice", &Scene::person(OBAMA), STEP)?;
        self.frames("bob", &Scene::person(BIDEN), STEP)?;
        self.frames("nobody", &Scene::nobody(), STEP)
    }

    /// Adds the scenes of a head that turns: alice before a prompt, alice after one for each side,
    /// and a picture of her.
    pub(super) fn add_turns(&self) -> Result<(), TestbedError> {
        let alice = |course| Scene::course(OBAMA, course);
        self.frames("turns", &alice(Course::Still), STEP)?;
        self.frames("turns-left", &alice(Course::Turn(Side::Left)), 1)?;
        self.frames("turns-right", &alice(Course::Turn(Side::Right)), 1)?;
        self.frames("picture", &alice(Course::Still), STEP)
    }

    /// Writes every `step`th frame of a scene to `frames/NAME`, one YUYV file each.
    fn frames(&self, name: &str, scene: &Scene, step: usize) -> Result<(), TestbedError> {
        let frames = self.directory.join("frames").join(name);
        let writing = |path: &Path| TestbedError::io(format!("writing {}", path.display()));
        fs::create_dir_all(&frames).map_err(writing(&frames))?;
        for (number, frame) in scene.yuyv()?.into_iter().step_by(step).enumerate() {
            let path = frames.join(format!("{number:02}.yuyv"));
            fs::write(&path, frame).map_err(writing(&path))?;
        }
        Ok(())
    }

    /// Copies a file, or a directory with its content.
    pub(super) fn copy(&self, source: &Path, name: &str) -> Result<(), TestbedError> {
        if !source.exists() {
            return Err(TestbedError::Missing(source.to_owned()));
        }
        succeed(Command::new("cp").arg("-rL").arg(source).arg(self.directory.join(name)))
    }

    /// Copies a program of this computer and the libraries that it is linked to.
    pub(super) fn program(&self, name: &str) -> Result<(), TestbedError> {
        let program = printed(Command::new("which").arg(name))?;
        let program = Path::new(program.trim());
        let libraries = printed(Command::new("ldd").arg(program))?;
        let lib = self.directory.join("programs/lib");
        fs::create_dir_all(&lib)
            .map_err(TestbedError::io(format!("creating {}", lib.display())))?;
        self.copy(program, &format!("programs/{name}"))?;
        // NAME => PATH (ADDRESS)
        for (name, rest) in libraries.lines().filter_map(|line| line.trim().split_once(" => ")) {
            if let Some((path, _)) = rest.split_once(" (") {
                self.copy(Path::new(path), &format!("programs/lib/{name}"))?;
            }
        }
        Ok(())
    }

    /// The pictures that the script took, sorted by name.
    pub(super) fn pictures(&self) -> Result<Vec<PathBuf>, TestbedError> {
        let directory = self.directory.join("pictures");
        let reading = || TestbedError::io(format!("reading {}", directory.display()));
        if !directory.exists() {
            return Ok(Vec::new());
        }
        let mut pictures = fs::read_dir(&directory)
            .and_then(|entries| {
                entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()
            })
            .map_err(reading())?;
        pictures.sort();
        Ok(pictures)
    }
}

fn succeed(command: &mut Command) -> Result<(), TestbedError> {
    printed(command).map(|_| ())
}

/// Runs a command and returns what it printed.
fn printed(command: &mut Command) -> Result<String, TestbedError> {
    let output = process::output(command.stdin(Stdio::null()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(TestbedError::Command {
        command: format!("{command:?}"),
        code: output.status.code(),
        output: String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr),
    })
}
