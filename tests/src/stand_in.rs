//! A stand-in for the daemon: it owns the daemon's name and answers `Verify` as it is told.
//!
//! With it every refusal, and everything that a daemon must not say, reaches the real module.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

use serde::{Deserialize, Serialize};

use crate::{
    Account, GroundError,
    namespace::HOME,
    process::{Service, command_as},
    tree,
};

/// What stands in the reply.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Answer {
    /// A word, as a verdict is.
    Word(String),
    /// A D-Bus error of this name.
    Error(String),
    /// `match` for this uid, and the error that says "never enrolled" for every other.
    Enrolled(u32),
    /// A number where a word belongs.
    Number(u32),
    /// `match`, twice.
    TwoWords,
    /// No body.
    Nothing,
    /// One word of so many bytes.
    Long(usize),
    /// An array of so many words, each `match`.
    Many(usize),
}

/// When and how the reply is sent.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Manner {
    /// At once.
    AtOnce,
    /// After so many milliseconds.
    After(u64),
    /// Not at all.
    Never,
    /// When somebody else owns the daemon's name.
    OnceReplaced,
    /// After the name has been given back.
    OnceNameless,
    /// The connection ends instead.
    Leaving,
}

/// What the stand-in is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Script {
    /// The reply.
    pub answer: Answer,
    /// How it comes.
    pub manner: Manner,
}

impl Script {
    /// A reply that comes at once.
    #[must_use]
    pub fn says(answer: Answer) -> Self {
        Self { answer, manner: Manner::AtOnce }
    }

    /// What a daemon would say that knows this account alone, in this manner.
    #[must_use]
    pub fn knows(account: Account, manner: Manner) -> Self {
        Self { answer: Answer::Enrolled(account.uid), manner }
    }
}

/// The recovery codes that a stand-in knows of, for whichever user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Codes {
    /// How many are left.
    pub left: u32,
    /// The right one; any other is refused.
    pub right: String,
}

/// A running stand-in.
pub struct StandIn {
    _service: Service,
    directory: String,
}

impl StandIn {
    /// Starts one under an account and waits until it owns the name, which it takes from whoever
    /// has it. `name` tells several apart.
    ///
    /// # Errors
    /// Says why it does not start.
    pub fn start(name: &'static str, user: &str, script: &Script) -> Result<Self, GroundError> {
        let directory = format!("{HOME}/{name}");
        fs::create_dir_all(&directory)
            .and_then(|()| fs::set_permissions(&directory, Permissions::from_mode(0o777)))
            .map_err(GroundError::io(format!("creating {directory}")))?;
        write(&directory, script)?;
        let ready = format!("{directory}/ready");
        // Left over from one of the same name before.
        for file in ["ready", "asked", "codes", "redeemed"] {
            let _ = fs::remove_file(format!("{directory}/{file}"));
        }
        let program = tree::install("stand-in")?;
        let mut command = command_as(user, &program);
        command.arg(&directory);
        let service =
            Service::start(name, &mut command, || fs::exists(&ready).unwrap_or_default())?;
        Ok(Self { _service: service, directory })
    }

    /// Gives it another script.
    ///
    /// # Errors
    /// Says why the script cannot be written.
    pub fn told(&self, script: &Script) -> Result<(), GroundError> {
        write(&self.directory, script)
    }

    /// Has it know recovery codes too; without this it knows of no such calls.
    ///
    /// # Errors
    /// Says why that cannot be written.
    pub fn recovers(&self, codes: &Codes) -> Result<(), GroundError> {
        place(&self.directory, "codes", codes)
    }

    /// The codes that it was handed so far.
    #[must_use]
    pub fn redeemed(&self) -> Vec<String> {
        let text = fs::read_to_string(format!("{}/redeemed", self.directory)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The calls of `Verify` so far: uid, user, service, terminal and milliseconds.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        let text = fs::read_to_string(format!("{}/asked", self.directory)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

/// A client of the bus that forges what it can, under an account that may do nothing special.
pub struct Forger(Service);

impl Forger {
    /// Starts one; `kind` is what it forges, see `src/bin/forger/main.rs`.
    ///
    /// # Errors
    /// Says why it does not start.
    pub fn start(user: &str, kind: &'static str) -> Result<Self, GroundError> {
        let directory = format!("{HOME}/forger");
        fs::create_dir_all(&directory)
            .and_then(|()| fs::set_permissions(&directory, Permissions::from_mode(0o777)))
            .map_err(GroundError::io(format!("creating {directory}")))?;
        let ready = format!("{directory}/{kind}");
        let _ = fs::remove_file(&ready);
        let program = tree::install("forger")?;
        let mut command = command_as(user, &program);
        command.args([kind, &ready]);
        Service::start(kind, &mut command, || fs::exists(&ready).unwrap_or_default()).map(Self)
    }

    /// Messages that it has sent so far.
    #[must_use]
    pub fn sent(&self) -> usize {
        self.0.log().lines().last().and_then(|line| line.parse().ok()).unwrap_or(0)
    }
}

/// Replaces the script at once, so that none is read by halves.
fn write(directory: &str, script: &Script) -> Result<(), GroundError> {
    place(directory, "script", script)
}

fn place(directory: &str, name: &str, value: &impl Serialize) -> Result<(), GroundError> {
    let (draft, place) = (format!("{directory}/draft"), format!("{directory}/{name}"));
    serde_json::to_vec(value)
        .map_err(std::io::Error::from)
        .and_then(|text| fs::write(&draft, text))
        .and_then(|()| fs::rename(&draft, &place))
        .map_err(GroundError::io(format!("writing {place}")))
}
