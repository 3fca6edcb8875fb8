//! The throw-away machine: a kernel of its own with systemd, a bus and a V4L2 camera. The script that
//! starts it lies beside the source tree, not in it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{GroundError, Scene, process, tree};

/// Packages that the daemon needs there besides those of the machine itself.
const PACKAGES: &str = "libopenblas0 libopenblas0-pthread libdlib19.1";
/// Longest run in seconds. The first one builds the machine's image.
const LIMIT: &str = "600";
/// One frame in so many of a scene: the person moves as far in a third of the frames.
const STEP: usize = 3;

/// A directory that a throw-away machine sees at `/mnt`.
pub struct Share {
    directory: PathBuf,
}

impl Share {
    /// An empty one below `target/e2e`.
    ///
    /// # Errors
    /// Says what is missing or cannot be written.
    pub fn new(name: &str) -> Result<Self, GroundError> {
        let directory = cache()?.join(format!("share-{name}"));
        match fs::remove_dir_all(&directory) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
            _ => fs::create_dir_all(&directory),
        }
        .map_err(GroundError::io(format!("emptying {}", directory.display())))?;
        Ok(Self { directory })
    }

    /// Puts what `make install DESTDIR=` stages into `stage`, and the models beside it.
    ///
    /// # Errors
    /// Those of the script that installs, and of copying.
    pub fn stage(&self) -> Result<(), GroundError> {
        let script = tree::require("scripts/install")?;
        succeed(Command::new(script).env("DESTDIR", self.directory.join("stage")))?;
        self.models()
    }

    /// Puts the models into `models`.
    ///
    /// # Errors
    /// Says what is missing, or why it cannot be copied.
    pub fn models(&self) -> Result<(), GroundError> {
        let models = tree::require("target/fpass/models")?;
        succeed(Command::new("cp").arg("-rL").arg(models).arg(self.directory.join("models")))
    }

    /// Puts the Debian package that `scripts/deb` built beside them.
    ///
    /// # Errors
    /// Says what is missing, or why it cannot be copied.
    pub fn package(&self) -> Result<(), GroundError> {
        let directory = tree::require("target/fpass/deb")?;
        let reading = || GroundError::io(format!("reading {}", directory.display()));
        for entry in fs::read_dir(&directory).map_err(reading())? {
            let path = entry.map_err(reading())?.path();
            if path.extension().is_some_and(|extension| extension == "deb") {
                succeed(Command::new("cp").arg(path).arg(&self.directory))?;
            }
        }
        Ok(())
    }

    /// Puts the frames of a scene, one YUYV file each, into `frames/NAME`.
    ///
    /// # Errors
    /// Says which picture is missing, or why they cannot be written.
    pub fn frames(&self, name: &str, scene: &Scene) -> Result<(), GroundError> {
        let frames = self.directory.join("frames").join(name);
        let writing = |path: &Path| GroundError::io(format!("writing {}", path.display()));
        fs::create_dir_all(&frames).map_err(writing(&frames))?;
        for (number, frame) in scene.yuyv()?.into_iter().step_by(STEP).enumerate() {
            let path = frames.join(format!("{number:02}.yuyv"));
            fs::write(&path, frame).map_err(writing(&path))?;
        }
        Ok(())
    }

    /// Runs a script from `tests/vm` as root in a machine that is new; everything that it printed.
    ///
    /// # Errors
    /// Carries the output of a script that fails.
    pub fn run(&self, script: &str) -> Result<String, GroundError> {
        let source = tree::require("tests/vm")?.join(script);
        fs::copy(&source, self.directory.join(script))
            .map_err(GroundError::io(format!("copying {}", source.display())))?;
        let output = process::output(
            Command::new(launcher()?)
                .env("E2E_CACHE", cache()?)
                .args(["-t", LIMIT, "-p", PACKAGES, "-s"])
                .arg(&self.directory)
                .args(["--", &format!("bash /mnt/{script}")])
                .stdin(Stdio::null()),
        )?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            return Ok(printed);
        }
        Err(GroundError::Command {
            command: script.to_owned(),
            code: output.status.code(),
            output: printed + &String::from_utf8_lossy(&output.stderr),
        })
    }
}

/// The script that starts a machine.
fn launcher() -> Result<PathBuf, GroundError> {
    tree::require("../shared/e2e/e2e-vm.sh")
}

/// Where kernel and image are kept. The kernel comes ready made with the script.
fn cache() -> Result<PathBuf, GroundError> {
    let cache = tree::root().join("target/e2e");
    fs::create_dir_all(&cache).map_err(GroundError::io(format!("creating {}", cache.display())))?;
    let cache = tree::require("target/e2e")?;
    let unpacked = fs::read_dir(&cache)
        .map_err(GroundError::io(format!("reading {}", cache.display())))?
        .filter_map(Result::ok)
        .any(|entry| entry.file_name().to_string_lossy().starts_with("uml-"));
    if !unpacked {
        let kernel = tree::require("../shared/e2e/kernel.tar.xz")?;
        succeed(Command::new("tar").arg("-xJf").arg(kernel).arg("-C").arg(&cache))?;
    }
    Ok(cache)
}

fn succeed(command: &mut Command) -> Result<(), GroundError> {
    let output = process::output(command.stdin(Stdio::null()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(GroundError::Command {
        command: format!("{command:?}"),
        code: output.status.code(),
        output: String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr),
    })
}
