//! The private machine.

mod commands;

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    os::unix::{
        fs::{DirBuilderExt, PermissionsExt, chown},
        net::{UnixDatagram, UnixStream},
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use fpass_proto::names;
use nix::sys::signal::Signal;

pub use self::commands::Run;
use crate::{
    ALICE, DAEMON_UID, Scene, TestbedError, accounts, bus_policy,
    listener::Listener,
    logind::{self, Logind},
    namespace,
    namespace::HOME,
    pam,
    polkit::Authority,
    process::{self, Service, command_as, daemon_command},
    scene::{self, OBAMA, Side},
    stack, tree,
};

const BUS_SOCKET: &str = "/run/dbus/system_bus_socket";
const CONFIGURATION: &str = "/etc/fpass/fpassd.toml";
const STORE: &str = "/var/lib/fpass";
/// Machine id of every private machine, in systemd's format. The bus does not start without one,
/// and a host may have none.
pub const MACHINE_ID: &str = "f0a55f0a55f0a55f0a55f0a55f0a55f0\n";
const CLIP: &str = "/run/testbed/scene.y4m";

/// A private machine for the calling thread and its children, with F-pass as `make install`
/// installs it. It ends with this value.
pub struct Testbed {
    bus: Option<Service>,
    logind: Logind,
    daemon: Option<Service>,
    /// The machine's scripted polkit. It grants what users may do for themselves.
    pub authority: Authority,
    show_logs: bool,
}

/// `[camera]` with the clip that the tests write.
fn recorded_camera() -> String {
    format!("[camera]\nsource = \"recorded\"\npath = \"{CLIP}\"\n")
}

impl Testbed {
    /// A machine with a running bus, people, PAM stacks and the models; the daemon is not started,
    /// and the camera shows an empty room.
    ///
    /// # Errors
    /// Says what could not be set up, and what to do about it.
    pub fn new() -> Result<Self, TestbedError> {
        let models = tree::require("target/fpass/models")?;
        let client = pam::client()?;
        namespace::enter()?;
        accounts::add()?;
        identify()?;
        install()?;
        namespace::show(&models, "/usr/share/fpass/models")?;
        fs::create_dir_all("/usr/local/bin")
            .and_then(|()| fs::copy(client, pam::CLIENT).map(drop))
            .map_err(TestbedError::io("installing the PAM client"))?;
        fs::DirBuilder::new()
            .mode(0o700)
            .create(STORE)
            .and_then(|()| chown(STORE, Some(DAEMON_UID), Some(DAEMON_UID)))
            .map_err(TestbedError::io(format!("creating {STORE}")))?;
        // The unit has the line RuntimeDirectory=fpass.
        fs::create_dir(names::SOCKETS)
            .and_then(|()| chown(names::SOCKETS, Some(DAEMON_UID), Some(DAEMON_UID)))
            .map_err(TestbedError::io(format!("creating {}", names::SOCKETS)))?;
        stack::write_all()?;
        bus_policy::open(&logind::NAMES)?;
        let authority = Authority::prepare()?;
        let mut testbed =
            Self { bus: None, logind: Logind::default(), daemon: None, authority, show_logs: true };
        testbed.configure("")?;
        testbed.create_key()?;
        testbed.camera_shows(&Scene::nobody())?;
        testbed.start_bus()?;
        Ok(testbed)
    }

    /// A machine with a running daemon.
    ///
    /// # Errors
    /// Those of [`Self::new`] and [`Self::start_daemon`].
    pub fn running() -> Result<Self, TestbedError> {
        let mut testbed = Self::new()?;
        testbed.start_daemon()?;
        Ok(testbed)
    }

    /// A running machine on which alice is enrolled and in front of the camera.
    ///
    /// # Errors
    /// Those of [`Self::new`] and [`Self::start_with_alice`].
    pub fn with_alice() -> Result<Self, TestbedError> {
        let mut testbed = Self::new()?;
        testbed.start_with_alice()?;
        Ok(testbed)
    }

    /// Starts the daemon and enrols alice, who stays in front of the camera.
    ///
    /// # Errors
    /// Those of [`Self::start_daemon`] and [`Self::enrol`].
    pub fn start_with_alice(&mut self) -> Result<(), TestbedError> {
        self.start_daemon()?;
        self.camera_shows(&Scene::person(OBAMA))?;
        self.enrol(ALICE)
    }

    /// Creates the key of the store, as an administrator does after the installation.
    fn create_key(&self) -> Result<(), TestbedError> {
        let run =
            self.run(names::DAEMON_USER, "/usr/libexec/fpassd", &["--create-key", "--stderr"])?;
        if run.code == Some(0) {
            return Ok(());
        }
        Err(TestbedError::Command {
            command: "fpassd --create-key".to_owned(),
            code: run.code,
            output: run.stdout + &run.stderr,
        })
    }

    /// Does not print the logs at the end. Otherwise they go to standard error, which the test
    /// runner shows for a failed test.
    pub fn hide_logs(&mut self) {
        self.show_logs = false;
    }

    /// Writes the daemon's configuration: the recorded camera, no liveness check, and more sections
    /// in TOML.
    ///
    /// # Errors
    /// Says why the file cannot be written.
    pub fn configure(&mut self, sections: &str) -> Result<(), TestbedError> {
        // Most tests are about other things, and their people do not move.
        let camera = recorded_camera();
        self.write_configuration(&format!("[liveness]\nmode = \"off\"\n{camera}{sections}"))
    }

    /// Writes the daemon's configuration: the recorded camera, and more sections in TOML. A turn of
    /// the head is asked for.
    ///
    /// # Errors
    /// Says why the file cannot be written.
    pub fn configure_turning(&mut self, sections: &str) -> Result<(), TestbedError> {
        self.write_configuration(&(recorded_camera() + sections))
    }

    /// Replaces the daemon's whole configuration.
    ///
    /// # Errors
    /// Says why the file cannot be written.
    pub fn write_configuration(&mut self, text: &str) -> Result<(), TestbedError> {
        fs::write(CONFIGURATION, text).map_err(TestbedError::io(format!("writing {CONFIGURATION}")))
    }

    /// Puts a scene in front of the camera. The next attempt sees it.
    ///
    /// # Errors
    /// Says which picture is missing.
    pub fn camera_shows(&mut self, scene: &Scene) -> Result<(), TestbedError> {
        scene.record(Path::new(CLIP))
    }

    /// Puts somebody in front of the camera who hears prompts: `scene` gives what the camera shows
    /// once a turn to a side was asked for. Until then it is the scene of the left side.
    ///
    /// # Errors
    /// Says which picture is missing.
    pub fn camera_listens(
        &mut self,
        scene: impl Fn(Side) -> Scene,
    ) -> Result<Listener, TestbedError> {
        let clip = |side: &str| PathBuf::from(format!("{HOME}/{side}.y4m"));
        let listener =
            Listener { left: clip("left"), right: clip("right"), shown: PathBuf::from(CLIP) };
        self.camera_shows(&scene(Side::Left))?;
        scene(Side::Left).record(&listener.left)?;
        scene(Side::Right).record(&listener.right)?;
        Ok(listener)
    }

    /// The same scene with another number of frames per second.
    ///
    /// # Errors
    /// Says which picture is missing.
    pub fn camera_shows_at(&mut self, scene: &Scene, rate: u32) -> Result<(), TestbedError> {
        scene.record_at(Path::new(CLIP), rate)
    }

    /// Plays a clip in front of the camera. The next attempt sees it.
    ///
    /// # Errors
    /// Says why it cannot be put in place.
    pub fn camera_plays(&mut self, clip: &Path) -> Result<(), TestbedError> {
        scene::play(clip, Path::new(CLIP))
    }

    /// Writes the PAM stack of a service.
    ///
    /// # Errors
    /// Says why the file cannot be written.
    pub fn service(&mut self, service: &str, text: &str) -> Result<(), TestbedError> {
        stack::write(service, text)
    }

    /// Starts the system bus with the distribution's own configuration, and logind on it.
    ///
    /// # Errors
    /// Carries the log of a bus that does not start.
    pub fn start_bus(&mut self) -> Result<(), TestbedError> {
        let mut command = command_as("root", "dbus-daemon");
        command
            .args(["--config-file=/usr/share/dbus-1/system.conf", "--nofork", "--nopidfile"])
            .arg("--nosyslog");
        let ready = || UnixStream::connect(BUS_SOCKET).is_ok();
        self.bus = Some(Service::start("dbus-daemon", &mut command, ready)?);
        self.logind.start()?;
        self.authority.start()
    }

    /// The fake logind, which reports who is at this machine.
    pub fn logind(&mut self) -> &mut Logind {
        &mut self.logind
    }

    /// Stops the system bus.
    ///
    /// # Errors
    /// Says why it cannot be signalled.
    pub fn stop_bus(&mut self) -> Result<(), TestbedError> {
        self.logind.stop();
        self.bus.take().map_or(Ok(()), |bus| bus.stop().map(drop))
    }

    /// Sends a signal to the system bus.
    ///
    /// # Errors
    /// Says why it cannot be signalled.
    pub fn signal_bus(&self, signal: Signal) -> Result<(), TestbedError> {
        self.bus.as_ref().map_or(Ok(()), |bus| bus.signal(signal))
    }

    /// Starts the daemon as its own user and waits for its readiness notification.
    ///
    /// # Errors
    /// [`TestbedError::Ended`] carries the log of a daemon that refuses to start.
    pub fn start_daemon(&mut self) -> Result<(), TestbedError> {
        self.start_daemon_with(&[])
    }

    /// The same, with further variables in its environment, such as a library to preload.
    ///
    /// # Errors
    /// Those of [`Self::start_daemon`].
    pub fn start_daemon_with(&mut self, variables: &[(&str, &Path)]) -> Result<(), TestbedError> {
        let notify = format!("{HOME}/notify");
        // Left by the previous daemon.
        let _ = fs::remove_file(&notify);
        let socket = UnixDatagram::bind(&notify)
            .and_then(|socket| {
                fs::set_permissions(&notify, fs::Permissions::from_mode(0o666))?;
                socket.set_nonblocking(true)?;
                Ok(socket)
            })
            .map_err(TestbedError::io(format!("listening on {notify}")))?;
        let mut command = daemon_command("/usr/libexec/fpassd");
        command.env("NOTIFY_SOCKET", &notify).envs(unit_environment()?);
        command.envs(variables.iter().copied());
        let ready = || {
            let mut message = [0; 4096];
            let length = socket.recv(&mut message).unwrap_or(0);
            let text = message.get(..length).map(String::from_utf8_lossy).unwrap_or_default();
            text.lines().any(|line| line == "READY=1")
        };
        self.daemon = Some(Service::start("fpassd", &mut command, ready)?);
        Ok(())
    }

    /// Asks the daemon to end; the exit code, or `None` when it was not running or a signal ended
    /// it.
    ///
    /// # Errors
    /// Says why it cannot be signalled.
    pub fn stop_daemon(&mut self) -> Result<Option<i32>, TestbedError> {
        self.daemon.take().map_or(Ok(None), Service::stop)
    }

    /// Sends a signal to the daemon.
    ///
    /// # Errors
    /// Says why it cannot be signalled.
    pub fn signal_daemon(&self, signal: Signal) -> Result<(), TestbedError> {
        self.daemon.as_ref().map_or(Ok(()), |daemon| daemon.signal(signal))
    }

    /// Whether the daemon is running.
    pub fn daemon_lives(&mut self) -> bool {
        self.daemon.as_mut().is_some_and(|daemon| !daemon.has_ended())
    }

    /// Process id of the daemon.
    #[must_use]
    pub fn daemon_id(&self) -> Option<u32> {
        self.daemon.as_ref().map(Service::id)
    }

    /// The log of all daemons of this machine.
    #[must_use]
    pub fn daemon_log(&self) -> String {
        fs::read_to_string(format!("{HOME}/fpassd.log")).unwrap_or_default()
    }
}

impl Drop for Testbed {
    fn drop(&mut self) {
        // The daemon stops before the bus, so that its log does not end with a lost connection.
        self.daemon = None;
        self.logind.stop();
        self.bus = None;
        if self.show_logs {
            let mut text = String::new();
            for program in ["dbus-daemon", "polkitd", "fpassd"] {
                let log = fs::read_to_string(format!("{HOME}/{program}.log")).unwrap_or_default();
                let _ = writeln!(text, "--- {program} ---\n{log}");
            }
            let _ = io::stderr().write_all(text.as_bytes());
        }
    }
}

/// The environment variables of the installed unit.
fn unit_environment() -> Result<Vec<(String, String)>, TestbedError> {
    const UNIT: &str = "/usr/lib/systemd/system/fpassd.service";
    let unit = fs::read_to_string(UNIT).map_err(TestbedError::io(format!("reading {UNIT}")))?;
    let settings = unit.lines().filter_map(|line| line.strip_prefix("Environment="));
    let pairs = settings.filter_map(|setting| setting.split_once('='));
    Ok(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// Writes the machine id, replacing a file or a link.
fn identify() -> Result<(), TestbedError> {
    const PATH: &str = "/etc/machine-id";
    match fs::remove_file(PATH) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
        _ => fs::write(PATH, MACHINE_ID),
    }
    .map_err(TestbedError::io(format!("writing {PATH}")))
}

/// Installs F-pass on the private machine with `scripts/install`.
fn install() -> Result<(), TestbedError> {
    let script = tree::require("scripts/install")?;
    let mut command = Command::new(script);
    let output = process::output(command.env("DESTDIR", "").stdin(Stdio::null()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(TestbedError::Command {
        command: "scripts/install".to_owned(),
        code: output.status.code(),
        output: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
