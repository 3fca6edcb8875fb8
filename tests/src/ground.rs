//! The private machine.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    os::unix::{
        fs::{DirBuilderExt, PermissionsExt, chown},
        net::{UnixDatagram, UnixStream},
    },
    path::Path,
    process::{Command, Stdio},
};

use fpass_proto::names;
use nix::sys::signal::Signal;

use crate::{
    Account, DAEMON_UID, GroundError, Login, Scene, Transcript, accounts, bus,
    logind::{self, Logind},
    namespace,
    namespace::HOME,
    pam,
    polkit::Authority,
    process::{self, Service, command_as, daemon_command},
    scene, stack, tree,
};

const BUS_SOCKET: &str = "/run/dbus/system_bus_socket";
const CONFIGURATION: &str = "/etc/fpass/fpassd.toml";
const STORE: &str = "/var/lib/fpass";
/// Identity of every private machine, in the form that systemd gives one. The bus does not start
/// without one, and a host may have none.
pub const MACHINE_ID: &str = "f0a55f0a55f0a55f0a55f0a55f0a55f0\n";
const CLIP: &str = "/run/ground/scene.y4m";

/// A machine of its own for the calling thread and its children, with F-pass as `make install`
/// leaves it. It ends with this value.
pub struct Ground {
    bus: Option<Service>,
    logind: Logind,
    daemon: Option<Service>,
    /// The machine's polkit, which grants what users may do for themselves.
    pub authority: Authority,
    show_logs: bool,
}

/// How a command ended.
#[derive(Clone, Debug)]
pub struct Run {
    /// Exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// The answer to a method call on the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The body as dbus-send prints it, with single blanks.
    Answer(String),
    /// The name of a D-Bus error.
    Error(String),
}

impl Ground {
    /// A machine with a running bus, people, PAM stacks and the models; the daemon is not started,
    /// and the camera shows an empty room.
    ///
    /// # Errors
    /// Says what could not be set up, and what to do about it.
    pub fn new() -> Result<Self, GroundError> {
        let models = tree::require("target/fpass/models")?;
        let client = pam::client()?;
        namespace::enter()?;
        accounts::add()?;
        identify()?;
        install()?;
        namespace::show(&models, "/usr/share/fpass/models")?;
        fs::create_dir_all("/usr/local/bin")
            .and_then(|()| fs::copy(client, pam::CLIENT).map(drop))
            .map_err(GroundError::io("installing the PAM client"))?;
        fs::DirBuilder::new()
            .mode(0o700)
            .create(STORE)
            .and_then(|()| chown(STORE, Some(DAEMON_UID), Some(DAEMON_UID)))
            .map_err(GroundError::io(format!("creating {STORE}")))?;
        stack::write_all()?;
        bus::open(&logind::NAMES)?;
        let authority = Authority::prepare()?;
        let mut ground =
            Self { bus: None, logind: Logind::default(), daemon: None, authority, show_logs: true };
        ground.configure("")?;
        ground.create_key()?;
        ground.camera_shows(&Scene::nobody())?;
        ground.start_bus()?;
        Ok(ground)
    }

    /// Makes the key of the store, as an administrator does after the installation.
    fn create_key(&self) -> Result<(), GroundError> {
        let run =
            self.run(names::DAEMON_USER, "/usr/libexec/fpassd", &["--create-key", "--stderr"])?;
        if run.code == Some(0) {
            return Ok(());
        }
        Err(GroundError::Command {
            command: "fpassd --create-key".to_owned(),
            code: run.code,
            output: run.stdout + &run.stderr,
        })
    }

    /// Keeps the logs to itself when it ends. Otherwise they go to standard error, which the test
    /// runner shows for a failed test.
    pub fn hide_logs(&mut self) {
        self.show_logs = false;
    }

    /// Writes the daemon's configuration: the recorded camera, and more sections in TOML.
    ///
    /// # Errors
    /// Says why the file cannot be written.
    pub fn configure(&mut self, sections: &str) -> Result<(), GroundError> {
        let camera = format!("[camera]\nsource = \"recorded\"\npath = \"{CLIP}\"\n");
        self.write_configuration(&(camera + sections))
    }

    /// Replaces the daemon's whole configuration.
    ///
    /// # Errors
    /// Says why the file cannot be written.
    pub fn write_configuration(&mut self, text: &str) -> Result<(), GroundError> {
        fs::write(CONFIGURATION, text).map_err(GroundError::io(format!("writing {CONFIGURATION}")))
    }

    /// Puts a scene before the camera. The next attempt sees it.
    ///
    /// # Errors
    /// Says which picture is missing.
    pub fn camera_shows(&mut self, scene: &Scene) -> Result<(), GroundError> {
        scene.record(Path::new(CLIP))
    }

    /// The same scene with another number of frames per second.
    ///
    /// # Errors
    /// Says which picture is missing.
    pub fn camera_shows_at(&mut self, scene: &Scene, rate: u32) -> Result<(), GroundError> {
        scene.record_at(Path::new(CLIP), rate)
    }

    /// Plays a clip before the camera. The next attempt sees it.
    ///
    /// # Errors
    /// Says why it cannot be put in place.
    pub fn camera_plays(&mut self, clip: &Path) -> Result<(), GroundError> {
        scene::play(clip, Path::new(CLIP))
    }

    /// Writes the PAM stack of a service.
    ///
    /// # Errors
    /// Says why the file cannot be written.
    pub fn service(&mut self, service: &str, text: &str) -> Result<(), GroundError> {
        stack::write(service, text)
    }

    /// Starts the system bus with the distribution's own configuration, and logind on it.
    ///
    /// # Errors
    /// Carries the log of a bus that does not start.
    pub fn start_bus(&mut self) -> Result<(), GroundError> {
        let mut command = command_as("root", "dbus-daemon");
        command
            .args(["--config-file=/usr/share/dbus-1/system.conf", "--nofork", "--nopidfile"])
            .arg("--nosyslog");
        let ready = || UnixStream::connect(BUS_SOCKET).is_ok();
        self.bus = Some(Service::start("dbus-daemon", &mut command, ready)?);
        self.logind.start()?;
        self.authority.start()
    }

    /// What tells the daemon who sits at this machine.
    pub fn logind(&mut self) -> &mut Logind {
        &mut self.logind
    }

    /// Stops the system bus.
    ///
    /// # Errors
    /// Says why it cannot be signalled.
    pub fn stop_bus(&mut self) -> Result<(), GroundError> {
        self.logind.stop();
        self.bus.take().map_or(Ok(()), |bus| bus.stop().map(drop))
    }

    /// Sends a signal to the system bus.
    ///
    /// # Errors
    /// Says why it cannot be signalled.
    pub fn signal_bus(&self, signal: Signal) -> Result<(), GroundError> {
        self.bus.as_ref().map_or(Ok(()), |bus| bus.signal(signal))
    }

    /// Starts the daemon as its own user and waits for its readiness notification.
    ///
    /// # Errors
    /// [`GroundError::Ended`] carries the log of a daemon that refuses to start.
    pub fn start_daemon(&mut self) -> Result<(), GroundError> {
        let notify = format!("{HOME}/notify");
        // Left over from the daemon before this one.
        let _ = fs::remove_file(&notify);
        let socket = UnixDatagram::bind(&notify)
            .and_then(|socket| {
                fs::set_permissions(&notify, fs::Permissions::from_mode(0o666))?;
                socket.set_nonblocking(true)?;
                Ok(socket)
            })
            .map_err(GroundError::io(format!("listening on {notify}")))?;
        let mut command = daemon_command("/usr/libexec/fpassd");
        command.env("NOTIFY_SOCKET", &notify).envs(unit_environment()?);
        let ready = || {
            let mut message = [0; 4096];
            let length = socket.recv(&mut message).unwrap_or(0);
            let text = message.get(..length).map(String::from_utf8_lossy).unwrap_or_default();
            text.lines().any(|line| line == "READY=1")
        };
        self.daemon = Some(Service::start("fpassd", &mut command, ready)?);
        Ok(())
    }

    /// Asks the daemon to end; the exit code, or `None` when it was not running or died of a signal.
    ///
    /// # Errors
    /// Says why it cannot be signalled.
    pub fn stop_daemon(&mut self) -> Result<Option<i32>, GroundError> {
        self.daemon.take().map_or(Ok(None), Service::stop)
    }

    /// Sends a signal to the daemon.
    ///
    /// # Errors
    /// Says why it cannot be signalled.
    pub fn signal_daemon(&self, signal: Signal) -> Result<(), GroundError> {
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

    /// What all daemons of this machine have logged.
    #[must_use]
    pub fn daemon_log(&self) -> String {
        fs::read_to_string(format!("{HOME}/fpassd.log")).unwrap_or_default()
    }

    /// Runs a command as a user; a path is needed for what is not a system program.
    ///
    /// # Errors
    /// Says why it cannot be started. How it ended is for the caller to judge.
    pub fn run(&self, user: &str, program: &str, arguments: &[&str]) -> Result<Run, GroundError> {
        self.run_with_input(user, program, arguments, "")
    }

    /// The same with something on standard input.
    ///
    /// # Errors
    /// Says why it cannot be started.
    pub fn run_with_input(
        &self,
        user: &str,
        program: &str,
        arguments: &[&str],
        input: &str,
    ) -> Result<Run, GroundError> {
        let mut child = command_as(user, program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(GroundError::io(format!("starting {program}")))?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that does not read its input is no failure.
            let _ = stdin.write_all(input.as_bytes());
        }
        let output =
            child.wait_with_output().map_err(GroundError::io(format!("running {program}")))?;
        Ok(Run {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Runs fpass-enroll as a user.
    ///
    /// # Errors
    /// Says why it cannot be started.
    pub fn fpass_enroll(&self, user: &str, arguments: &[&str]) -> Result<Run, GroundError> {
        self.run(user, "/usr/bin/fpass-enroll", arguments)
    }

    /// A user sets up an F-pass from what the camera shows.
    ///
    /// # Errors
    /// Carries the output of an enrolment that fails.
    pub fn enrol(&self, account: Account) -> Result<(), GroundError> {
        let run = self.fpass_enroll(account.name, &["add"])?;
        if run.code == Some(0) {
            return Ok(());
        }
        Err(GroundError::Command {
            command: format!("fpass-enroll add (as {})", account.name),
            code: run.code,
            output: run.stdout + &run.stderr,
        })
    }

    /// A user types a password at a service and looks at the camera.
    ///
    /// # Errors
    /// Says why there is no transcript.
    pub fn login(
        &self,
        service: &str,
        user: &str,
        password: &str,
    ) -> Result<Transcript, GroundError> {
        self.transact(&Login::new(service, user, password))
    }

    /// Runs a PAM transaction.
    ///
    /// # Errors
    /// Says why there is no transcript.
    pub fn transact(&self, login: &Login) -> Result<Transcript, GroundError> {
        login.run()
    }

    /// Starts a PAM transaction beside the caller.
    ///
    /// # Errors
    /// Says why it cannot be started.
    pub fn begin(&self, login: &Login) -> Result<pam::Running, GroundError> {
        login.start()
    }

    /// Calls a method of the daemon as a user; arguments as dbus-send takes them (`uint32:5`).
    ///
    /// # Errors
    /// Says why dbus-send gave no answer of either kind.
    pub fn call(
        &self,
        user: &str,
        interface: &str,
        member: &str,
        arguments: &[&str],
    ) -> Result<Reply, GroundError> {
        let destination = format!("--dest={}", names::BUS_NAME);
        let method = format!("{interface}.{member}");
        let options = ["--system", "--print-reply=literal", "--reply-timeout=60000", &destination];
        let words: Vec<&str> = options
            .into_iter()
            .chain([names::OBJECT_PATH, &method])
            .chain(arguments.iter().copied())
            .collect();
        let run = self.run(user, "dbus-send", &words)?;
        if run.code == Some(0) {
            let words: Vec<&str> = run.stdout.split_whitespace().collect();
            return Ok(Reply::Answer(words.join(" ")));
        }
        let error = run.stderr.strip_prefix("Error ").and_then(|text| text.split_once(": "));
        error
            .map(|(name, _)| Reply::Error(name.to_owned()))
            .ok_or(GroundError::Answer { program: "dbus-send", output: run.stdout + &run.stderr })
    }

    /// Asks, as `caller`, whether `subject` is in front of the camera.
    ///
    /// # Errors
    /// Says why there was no answer of either kind.
    pub fn verify(&self, caller: &str, subject: Account) -> Result<Reply, GroundError> {
        let uid = format!("uint32:{}", subject.uid);
        let name = format!("string:{}", subject.name);
        let arguments = [&uid, &name, "string:fpass-test", "string:tty1", "uint32:10000"];
        self.call(caller, names::VERIFICATION_INTERFACE, "Verify", &arguments)
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        // The daemon goes before the bus, so that its log does not end in a lost connection.
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

/// What the installed unit puts into the daemon's environment.
fn unit_environment() -> Result<Vec<(String, String)>, GroundError> {
    const UNIT: &str = "/usr/lib/systemd/system/fpassd.service";
    let unit = fs::read_to_string(UNIT).map_err(GroundError::io(format!("reading {UNIT}")))?;
    let settings = unit.lines().filter_map(|line| line.strip_prefix("Environment="));
    let pairs = settings.filter_map(|setting| setting.split_once('='));
    Ok(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// Gives the private machine its identity, whatever stands at that place: a file, a link or nothing.
fn identify() -> Result<(), GroundError> {
    const PATH: &str = "/etc/machine-id";
    match fs::remove_file(PATH) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
        _ => fs::write(PATH, MACHINE_ID),
    }
    .map_err(GroundError::io(format!("writing {PATH}")))
}

/// Installs F-pass on the private machine, with the script that installs it everywhere.
fn install() -> Result<(), GroundError> {
    let script = tree::require("scripts/install")?;
    let mut command = Command::new(script);
    let output = process::output(command.env("DESTDIR", "").stdin(Stdio::null()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(GroundError::Command {
        command: "scripts/install".to_owned(),
        code: output.status.code(),
        output: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
