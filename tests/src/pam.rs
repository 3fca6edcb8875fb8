//! One PAM transaction in a separate process, as an application would run it.

use std::{
    io::Write,
    process::{Child, Stdio},
};

use serde::{Deserialize, Serialize};

use crate::{Account, TestbedError, listener::Listener, process, tree};

/// Path of the installed helper that runs transactions.
pub(crate) const CLIENT: &str = "/usr/local/bin/fpass-pam-client";

/// A call of the application into libpam.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Call {
    /// `pam_authenticate`
    Authenticate,
    /// `pam_acct_mgmt`
    AcctMgmt,
    /// `pam_setcred` with `PAM_ESTABLISH_CRED`
    SetCred,
    /// `pam_chauthtok`
    ChAuthTok,
}

/// The application's answers to a module's messages.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Conversation {
    /// One answer after the other; when they are used up, `PAM_CONV_ERR`.
    Answers(Vec<String>),
    /// `PAM_CONV_ERR` at the first message of any kind.
    Broken,
    /// This answer to every prompt, and this code at the first message that is not a prompt.
    FailsWhenTold(String, i32),
    /// This answer to every prompt, and success without a reply to other messages.
    LeavesNoReply(String),
}

/// A fault in the process of the application, from the module's first message to the user on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostFault {
    /// Nothing.
    #[default]
    None,
    /// All descriptors of the process are in use until the call returns.
    Descriptors,
    /// The address space may grow only by this number of KiB until the call returns.
    AddressSpace(u64),
    /// `SIGALRM` and `SIGCHLD` arrive every millisecond, at handlers that do not restart system
    /// calls, until the call returns.
    Signals,
    /// `SIGINT` arrives a moment later, at a handler.
    Interrupt,
    /// `SIGINT` arrives while the application shows the message, at a handler.
    Cancel,
}

/// The request to the helper.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// PAM service.
    pub service: String,
    /// User name; `None` leaves it to the modules to ask.
    pub user: Option<String>,
    /// The answers of the user.
    pub conversation: Conversation,
    /// `PAM_TTY`
    pub tty: Option<String>,
    /// `PAM_RHOST`
    pub rhost: Option<String>,
    /// Whether the calls carry `PAM_SILENT`.
    pub silent: bool,
    /// The calls, in order; the first that fails is the last.
    pub calls: Vec<Call>,
    /// The fault of the process.
    pub fault: HostFault,
    /// The person who does what the messages ask.
    pub listener: Option<Listener>,
    /// The locale that the application sets when it starts.
    pub locale: Option<String>,
}

/// A module's message to the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// `PAM_PROMPT_ECHO_OFF` (1), `PAM_PROMPT_ECHO_ON` (2), `PAM_ERROR_MSG` (3) or
    /// `PAM_TEXT_INFO` (4).
    pub style: i32,
    /// The text.
    pub text: String,
}

/// One call and its answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CallResult {
    /// The call.
    pub call: Call,
    /// PAM return code.
    pub code: i32,
    /// Wall time in milliseconds.
    pub milliseconds: f64,
}

/// The result of a transaction.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Transcript {
    /// Calls that were made.
    pub answers: Vec<CallResult>,
    /// The messages to the user, in order.
    pub messages: Vec<Message>,
    /// The PAM environment at the end, as `NAME=value`.
    pub environment: Vec<String>,
    /// Threads of the process before `pam_start` and after `pam_end`.
    pub threads: (usize, usize),
    /// Open file descriptors before `pam_start` and after `pam_end`.
    pub descriptors: (usize, usize),
    /// Standard output other than the transcript, and standard error.
    #[serde(default)]
    pub stray_output: String,
}

impl Transcript {
    /// Code of the last call that was made.
    #[must_use]
    pub fn code(&self) -> i32 {
        self.answers.last().map_or(-1, |answer| answer.code)
    }

    /// Name of that code.
    #[must_use]
    pub fn code_name(&self) -> &'static str {
        code_name(self.code())
    }

    /// Whether every call succeeded.
    #[must_use]
    pub fn admitted(&self) -> bool {
        !self.answers.is_empty() && self.answers.iter().all(|answer| answer.code == 0)
    }

    /// The last message to the user that is not a prompt; empty without one.
    #[must_use]
    pub fn sentence(&self) -> &str {
        let spoken = |message: &&Message| matches!(message.style, 3 | 4);
        self.messages.iter().rev().find(spoken).map_or("", |message| &message.text)
    }
}

/// The name of a PAM return code.
#[must_use]
pub fn code_name(code: i32) -> &'static str {
    match code {
        0 => "PAM_SUCCESS",
        3 => "PAM_SERVICE_ERR",
        5 => "PAM_BUF_ERR",
        6 => "PAM_PERM_DENIED",
        7 => "PAM_AUTH_ERR",
        8 => "PAM_CRED_INSUFFICIENT",
        9 => "PAM_AUTHINFO_UNAVAIL",
        10 => "PAM_USER_UNKNOWN",
        11 => "PAM_MAXTRIES",
        12 => "PAM_NEW_AUTHTOK_REQD",
        19 => "PAM_CONV_ERR",
        25 => "PAM_IGNORE",
        26 => "PAM_ABORT",
        _ => "another code",
    }
}

/// A transaction in preparation.
#[derive(Clone, Debug)]
pub struct Login {
    request: Request,
    as_user: String,
    environment: Vec<(String, String)>,
}

impl Login {
    /// `pam_authenticate` and `pam_acct_mgmt` for a user who types one password, by a root process.
    #[must_use]
    pub fn new(service: &str, user: &str, password: &str) -> Self {
        Self {
            request: Request {
                service: service.to_owned(),
                user: Some(user.to_owned()),
                conversation: Conversation::Answers(vec![password.to_owned()]),
                tty: Some("tty1".to_owned()),
                rhost: None,
                silent: false,
                calls: vec![Call::Authenticate, Call::AcctMgmt],
                fault: HostFault::None,
                listener: None,
                locale: None,
            },
            as_user: "root".to_owned(),
            environment: Vec::new(),
        }
    }

    /// The same with the right password.
    #[must_use]
    pub fn of(service: &str, account: Account) -> Self {
        Self::new(service, account.name, account.password)
    }

    /// Changes the request.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Request)) -> Self {
        change(&mut self.request);
        self
    }

    /// Adds a variable to the nearly empty environment of the process.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Lets somebody in front of the camera do what the prompts ask.
    #[must_use]
    pub fn heard_by(self, listener: &Listener) -> Self {
        self.with(|request| request.listener = Some(listener.clone()))
    }

    /// Lets the application set a locale, as most do, from its own arguments. One that the machine
    /// does not have is an error.
    #[must_use]
    pub fn in_locale(self, locale: &str) -> Self {
        self.with(|request| request.locale = Some(locale.to_owned()))
    }

    /// Runs the application as this user instead of root.
    #[must_use]
    pub fn run_as(mut self, user: &str) -> Self {
        user.clone_into(&mut self.as_user);
        self
    }

    /// Runs the transaction to its end.
    ///
    /// # Errors
    /// Says why the helper could not be run or what it printed instead of a transcript.
    pub(crate) fn run(&self) -> Result<Transcript, TestbedError> {
        self.start()?.finish()
    }

    /// Starts the transaction in the background.
    ///
    /// # Errors
    /// Says why the helper could not be started.
    pub(crate) fn start(&self) -> Result<RunningLogin, TestbedError> {
        let request =
            serde_json::to_vec(&self.request).map_err(|cause| unreadable(cause.to_string()))?;
        let mut command = process::command_as(&self.as_user, CLIENT);
        command
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(TestbedError::io("starting the PAM client"))?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(&request).map_err(TestbedError::io("writing to the PAM client"))?;
        }
        Ok(RunningLogin(child))
    }
}

/// A running transaction.
pub struct RunningLogin(Child);

impl RunningLogin {
    /// Process id of the application.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// Says how the helper ended or what it printed instead of a transcript.
    pub fn finish(self) -> Result<Transcript, TestbedError> {
        let output =
            self.0.wait_with_output().map_err(TestbedError::io("waiting for the PAM client"))?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
        let Some((stray, answer)) = printed.trim_end().rsplit_once('\x1e') else {
            return Err(unreadable(format!("{}: {printed}{complaints}", output.status)));
        };
        let mut transcript: Transcript = serde_json::from_str(answer)
            .map_err(|cause| unreadable(format!("{cause}: {printed}")))?;
        transcript.stray_output = format!("{stray}{complaints}");
        Ok(transcript)
    }
}

fn unreadable(output: String) -> TestbedError {
    TestbedError::Answer { program: "fpass-pam-client", output }
}

/// Path of the helper; an error if it has not been built.
pub(crate) fn client() -> Result<std::path::PathBuf, TestbedError> {
    tree::helper("pam-client")
}
