//! A fake daemon: it owns the daemon's name and answers `Verify` as it is told.
//!
//! It sends every refusal, and every invalid reply, to the real module.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

use fpass_proto::Prompt;
use serde::{Deserialize, Serialize};

use crate::{
    Account, TestbedError,
    namespace::HOME,
    process::{Service, command_as},
    tree,
};

/// The body of the reply.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ReplyBody {
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
    /// One word with this number of bytes.
    Long(usize),
    /// An array with this number of words, each `match`.
    Many(usize),
}

/// When and how the reply is sent.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Delivery {
    /// At once.
    AtOnce,
    /// After this number of milliseconds.
    After(u64),
    /// Not at all.
    Never,
    /// After another connection took the daemon's name.
    OnceReplaced,
    /// After it released the name.
    OnceNameless,
    /// The connection ends instead.
    Leaving,
}

/// A scripted reply.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FakeReply {
    /// The words of the prompts that are sent at once.
    pub prompts: Vec<String>,
    /// The reply.
    pub answer: ReplyBody,
    /// How it comes.
    pub delivery: Delivery,
    /// The words of the prompts that are sent after the reply.
    pub late_prompts: Vec<String>,
}

impl FakeReply {
    /// An immediate reply.
    #[must_use]
    pub fn says(answer: ReplyBody) -> Self {
        Self::delivering(answer, Delivery::AtOnce)
    }

    /// The reply of a daemon that knows only this account, delivered in this way.
    #[must_use]
    pub fn knows(account: Account, delivery: Delivery) -> Self {
        Self::delivering(ReplyBody::Enrolled(account.uid), delivery)
    }

    /// A reply after the prompt to look at the camera, delivered in this way.
    #[must_use]
    pub fn delivering(answer: ReplyBody, delivery: Delivery) -> Self {
        let prompts = vec![Prompt::Look.as_str().to_owned()];
        Self { prompts, answer, delivery, late_prompts: Vec::new() }
    }

    /// The same after prompts with these words only.
    #[must_use]
    pub fn after<W: Into<String>>(self, prompts: impl IntoIterator<Item = W>) -> Self {
        Self { prompts: prompts.into_iter().map(Into::into).collect(), ..self }
    }
}

/// The recovery codes that the fake daemon accepts, for every user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Codes {
    /// How many are left.
    pub left: u32,
    /// The right one; any other is refused.
    pub right: String,
}

/// A running fake daemon.
pub struct FakeDaemon {
    _service: Service,
    directory: String,
}

impl FakeDaemon {
    /// Starts one under an account and waits until it owns the name, which it takes from its owner.
    /// `name` distinguishes several.
    ///
    /// # Errors
    /// Says why it does not start.
    pub fn start(name: &'static str, user: &str, reply: &FakeReply) -> Result<Self, TestbedError> {
        let directory = format!("{HOME}/{name}");
        fs::create_dir_all(&directory)
            .and_then(|()| fs::set_permissions(&directory, Permissions::from_mode(0o777)))
            .map_err(TestbedError::io(format!("creating {directory}")))?;
        write(&directory, reply)?;
        let ready = format!("{directory}/ready");
        // Left by an earlier one of the same name.
        for file in ["ready", "asked", "codes", "redeemed"] {
            let _ = fs::remove_file(format!("{directory}/{file}"));
        }
        let program = tree::install("fake-daemon")?;
        let mut command = command_as(user, &program);
        command.arg(&directory);
        let service =
            Service::start(name, &mut command, || fs::exists(&ready).unwrap_or_default())?;
        Ok(Self { _service: service, directory })
    }

    /// Sets another reply.
    ///
    /// # Errors
    /// Says why the script cannot be written.
    pub fn set_reply(&self, reply: &FakeReply) -> Result<(), TestbedError> {
        write(&self.directory, reply)
    }

    /// Makes it answer calls about recovery codes; otherwise it does not know them.
    ///
    /// # Errors
    /// Says why that cannot be written.
    pub fn set_codes(&self, codes: &Codes) -> Result<(), TestbedError> {
        place(&self.directory, "codes", codes)
    }

    /// The codes that it has received.
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

/// A client of the bus without rights that forges messages.
pub struct Forger(Service);

impl Forger {
    /// Starts one; `src/bin/forger/main.rs` lists the values of `kind`.
    ///
    /// # Errors
    /// Says why it does not start.
    pub fn start(user: &str, kind: &'static str) -> Result<Self, TestbedError> {
        let directory = format!("{HOME}/forger");
        fs::create_dir_all(&directory)
            .and_then(|()| fs::set_permissions(&directory, Permissions::from_mode(0o777)))
            .map_err(TestbedError::io(format!("creating {directory}")))?;
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

/// Replaces the reply atomically.
fn write(directory: &str, reply: &FakeReply) -> Result<(), TestbedError> {
    place(directory, "reply", reply)
}

fn place(directory: &str, name: &str, value: &impl Serialize) -> Result<(), TestbedError> {
    let (draft, place) = (format!("{directory}/draft"), format!("{directory}/{name}"));
    serde_json::to_vec(value)
        .map_err(std::io::Error::from)
        .and_then(|text| fs::write(&draft, text))
        .and_then(|()| fs::rename(&draft, &place))
        .map_err(TestbedError::io(format!("writing {place}")))
}
