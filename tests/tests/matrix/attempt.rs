//! One login with the witness around the module.

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
};

use fpass_tests::{
    Account, Login, Testbed, Transcript,
    pam::{Call, HostFault},
};

use crate::{
    stacks::{PASSWORD, Stack},
    witness::compile,
};

const WITNESS: &str = "/usr/local/lib/matrix-witness.so";

/// Compiles the witness on the private machine.
pub(crate) fn install_witness() {
    compile("matrix/witness.c", WITNESS, &["-shared", "-fPIC", "-ldl"]);
}

/// A login in preparation.
#[derive(Clone)]
pub(crate) struct Attempt {
    login: Login,
    password_module: &'static str,
    arguments: String,
    fault: Option<String>,
}

/// How it ended.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    /// The module's answers, call by call; empty if it was not called.
    pub(crate) codes: Vec<i32>,
    /// Milliseconds of its last call.
    pub(crate) milliseconds: f64,
    /// The word after `result=` in its last line in the log.
    pub(crate) word: String,
    /// Calls that the fault counted.
    pub(crate) calls: u32,
    /// The transcript, or how the process of the application died.
    pub(crate) transcript: Result<Transcript, String>,
}

impl Ending {
    /// The code of the module's last call; -1 if it was not called.
    pub(crate) fn code(&self) -> i32 {
        self.codes.last().copied().unwrap_or(-1)
    }

    /// The code that libpam returned to the application; -1 if the application has died.
    pub(crate) fn overall(&self) -> i32 {
        self.transcript.as_ref().map_or(-1, Transcript::code)
    }
}

impl Attempt {
    /// The user types the right password; our line has these arguments.
    pub(crate) fn of(account: Account, arguments: &str) -> Self {
        let login =
            Login::of("-", account).with(|request| request.calls = vec![Call::Authenticate]);
        Self { login, password_module: PASSWORD, arguments: arguments.to_owned(), fault: None }
    }

    /// Changes the request to libpam.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut fpass_tests::pam::Request)) -> Self {
        self.login = self.login.with(change);
        self
    }

    /// Another module that asks for the password.
    pub(crate) fn after(mut self, module: &'static str) -> Self {
        self.password_module = module;
        self
    }

    /// `FUNCTION:FIRST:LAST:VALUE`, as `witness.c` has it.
    pub(crate) fn failing(mut self, fault: &str) -> Self {
        self.fault = Some(fault.to_owned());
        self
    }

    /// The same with one more argument.
    pub(crate) fn adding(mut self, argument: &str) -> Self {
        self.arguments = format!("{} {argument}", self.arguments);
        self
    }

    /// Our arguments.
    pub(crate) fn arguments(&self) -> &str {
        &self.arguments
    }

    /// Runs it in a stack.
    pub(crate) fn run(&self, testbed: &Testbed, stack: &Stack) -> Ending {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let service = format!("row-{number}");
        let text = stack.text(self.password_module, &self.arguments);
        let file = format!("/etc/pam.d/{service}");
        fs::write(&file, text).unwrap();
        let record = format!("/run/{service}");
        let mut fault = HostFault::None;
        let login = self.login.clone().with(|request| {
            fault = request.fault;
            request.service = service;
        });
        let mut login = login.env("LD_PRELOAD", WITNESS).env("MATRIX_RECORD", &record);
        if begins_before_the_module(fault) {
            login = login.env("MATRIX_SAYS", "");
        }
        if let Some(fault) = &self.fault {
            login = login.env("MATRIX_FAULT", fault);
        }
        let transcript = testbed.transact(&login).map_err(|error| error.to_string());
        let text = fs::read_to_string(&record).unwrap_or_default();
        let _ = fs::remove_file(&record);
        let _ = fs::remove_file(&file);
        read(&text, transcript)
    }
}

/// Whether this fault of the application is there before the module begins. A user who gives up
/// does so at a text of the module.
fn begins_before_the_module(fault: HostFault) -> bool {
    match fault {
        HostFault::None | HostFault::Cancel => false,
        HostFault::Descriptors
        | HostFault::AddressSpace(_)
        | HostFault::Signals
        | HostFault::Interrupt => true,
    }
}

fn read(record: &str, transcript: Result<Transcript, String>) -> Ending {
    let mut ending =
        Ending { codes: Vec::new(), milliseconds: 0.0, word: "-".to_owned(), calls: 0, transcript };
    for line in record.lines() {
        if let Some(rest) = line.strip_prefix("code ") {
            let (code, milliseconds) = rest.split_once(' ').unwrap();
            ending.codes.push(code.parse().unwrap());
            ending.milliseconds = milliseconds.parse().unwrap();
        } else if let Some(calls) = line.strip_prefix("calls ") {
            ending.calls = calls.parse().unwrap();
        } else if let Some((_, rest)) = line.split_once("result=") {
            rest.split(' ').next().unwrap_or("-").clone_into(&mut ending.word);
        }
    }
    ending
}
