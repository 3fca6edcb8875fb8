//! The host program `host.c`: a PAM application that reports on its own process.

use std::{
    collections::BTreeMap,
    fs,
    process::{Child, Command, Stdio},
};

use fpass_tests::{Account, Run, Testbed};

use crate::witness::compile;

const HOST: &str = "/usr/local/bin/pam-host";
const REPORT: &str = "/run/host.report";

/// The instructions for the host.
pub(crate) struct Host {
    pub(crate) service: &'static str,
    pub(crate) user: Account,
    /// Number of transactions.
    pub(crate) count: u32,
    /// A letter per call into libpam, see `host.c`.
    pub(crate) calls: &'static str,
    /// Whether the standard streams are closed.
    pub(crate) closed: bool,
}

/// The report of the host.
pub(crate) struct Report {
    /// Answers of each transaction, such as `a=0 s=0`.
    pub(crate) codes: Vec<String>,
    /// Facts after the first transaction and after the last.
    pub(crate) before: BTreeMap<String, String>,
    pub(crate) after: BTreeMap<String, String>,
    /// SIGINTs that reached the host's handler.
    pub(crate) interrupts: u32,
}

impl Report {
    /// A size in KiB.
    pub(crate) fn kibibytes(facts: &BTreeMap<String, String>, name: &str) -> u64 {
        facts[name].split_whitespace().next().unwrap().parse().unwrap()
    }
}

impl Host {
    pub(crate) fn of(service: &'static str, user: Account) -> Self {
        Self { service, user, count: 1, calls: "a", closed: false }
    }

    /// The command line.
    pub(crate) fn words(&self) -> Vec<String> {
        compile("module/host.c", HOST, &["-lpam"]);
        let Self { service, user, count, calls, closed } = self;
        let closed = if *closed { "closed" } else { "open" };
        [HOST, REPORT, service, user.name, user.password, &count.to_string(), calls, closed]
            .map(str::to_owned)
            .into()
    }

    /// Runs it as root to its end, behind `prefix`. Neither it nor the module prints anything.
    pub(crate) fn run(&self, testbed: &Testbed, prefix: &[&str]) -> Report {
        let words = self.words();
        let words: Vec<&str> =
            prefix.iter().copied().chain(words.iter().map(String::as_str)).collect();
        let Run { code, stdout, stderr } = testbed.run("root", words[0], &words[1..]).unwrap();
        assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(0), "", ""), "{}", self.service);
        report()
    }

    /// Starts it in the background.
    pub(crate) fn start(&self) -> Child {
        let words = self.words();
        Command::new(&words[0])
            .args(&words[1..])
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }
}

/// The report of the last host.
pub(crate) fn report() -> Report {
    let text = fs::read_to_string(REPORT).unwrap();
    let lines = |prefix: &str| -> Vec<String> {
        text.lines().filter_map(|line| line.strip_prefix(prefix)).map(str::to_owned).collect()
    };
    let facts = |when: &str| {
        let facts = lines(when);
        let fact = |line: &String| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_owned(), value.trim().to_owned())
        };
        facts.iter().map(fact).collect()
    };
    Report {
        codes: lines("codes "),
        before: facts("before "),
        after: facts("after "),
        interrupts: lines("interrupts ")[0].parse().unwrap(),
    }
}
