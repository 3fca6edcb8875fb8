//! The table of attempts and their results.

use std::{collections::BTreeSet, fmt::Write as _, fs, thread};

use fpass_tests::{Testbed, tree};

use crate::{
    IGNORE, SUCCESS,
    attempt::{Attempt, Ending},
    stacks::Stack,
};

/// Number of simultaneous logins.
const AT_ONCE: usize = 5;
/// Milliseconds after its deadline from which a call counts as one that hangs.
const HANGS: f64 = 8000.0;

/// One part of the table, in a file of its own.
pub(crate) struct Table {
    part: &'static str,
    text: String,
    rows: usize,
    unexpected: usize,
    /// Milliseconds by which the slowest call passed its deadline; negative when none did.
    overrun: f64,
    words: BTreeSet<String>,
    /// The deviations from the expectation.
    wrong: Vec<String>,
}

/// The expected end of a row.
#[derive(Clone)]
pub(crate) struct Expected {
    /// One of these words is in the log.
    words: Vec<String>,
    /// The module returns one of these codes.
    codes: Vec<i32>,
    /// Whether the whole stack may return `PAM_SUCCESS`.
    admitted: bool,
    /// The code of libpam, if it differs from the module's.
    overall: Option<i32>,
}

impl Expected {
    /// Refused with one of these words and one of these codes.
    pub(crate) fn refused(words: &[&str], codes: &[i32]) -> Self {
        let words = words.iter().map(|&word| word.to_owned()).collect();
        Self { words, codes: codes.to_vec(), admitted: false, overall: None }
    }

    /// Admitted with this word and this code.
    pub(crate) fn admitted(word: &str, code: i32) -> Self {
        Self { admitted: true, ..Self::refused(&[word], &[code]) }
    }

    /// Sets another code for libpam.
    pub(crate) fn overall(self, code: i32) -> Self {
        Self { overall: Some(code), ..self }
    }
}

impl Table {
    pub(crate) fn new(part: &'static str) -> Self {
        Self {
            part,
            text: String::new(),
            rows: 0,
            unexpected: 0,
            overrun: f64::NEG_INFINITY,
            words: BTreeSet::new(),
            wrong: Vec::new(),
        }
    }

    /// Runs an attempt in each of the stacks and writes one line.
    pub(crate) fn row(
        &mut self,
        testbed: &Testbed,
        what: &str,
        attempt: &Attempt,
        stacks: &[Stack],
        expected: &Expected,
    ) -> Vec<Ending> {
        let mut endings = Vec::new();
        for group in stacks.chunks(AT_ONCE) {
            endings.extend(thread::scope(|scope| {
                let runs: Vec<_> =
                    group.iter().map(|stack| scope.spawn(|| attempt.run(testbed, stack))).collect();
                runs.into_iter().map(|run| run.join().unwrap()).collect::<Vec<_>>()
            }));
        }
        self.judge(what, attempt.arguments(), stacks, &endings, expected);
        endings
    }

    /// The same in sequence, as the camera of a real daemon requires.
    pub(crate) fn row_in_turn(
        &mut self,
        testbed: &Testbed,
        what: &str,
        attempt: &Attempt,
        stacks: &[Stack],
        expected: &Expected,
    ) {
        let endings: Vec<Ending> = stacks.iter().map(|stack| attempt.run(testbed, stack)).collect();
        self.judge(what, attempt.arguments(), stacks, &endings, expected);
    }

    /// Writes the line for these attempts.
    pub(crate) fn judge(
        &mut self,
        what: &str,
        arguments: &str,
        stacks: &[Stack],
        endings: &[Ending],
        expected: &Expected,
    ) {
        let limit = seconds(arguments) * 1000.0;
        let mut slowest = 0.0_f64;
        let mut overall = String::new();
        for (stack, ending) in stacks.iter().zip(endings) {
            let here = format!("{what} ({arguments}) in {}", stack.name);
            self.rows += 1;
            slowest = slowest.max(ending.milliseconds);
            self.words.insert(ending.word.clone());
            let _ = write!(overall, " {}={}", stack.name, ending.overall());
            if ending.overall() == SUCCESS && !expected.admitted {
                self.unexpected += 1;
                self.wrong.push(format!("{here}: ADMITTED"));
            }
            self.compare(&here, ending, expected);
        }
        self.overrun = self.overrun.max(slowest - limit);
        let ending = &endings[0];
        let _ = writeln!(
            self.text,
            "{what:<46} {:<22} {:<22} {:>3} {slowest:>8.1} {overall}",
            arguments.trim(),
            ending.word,
            ending.code(),
        );
    }

    fn compare(&mut self, here: &str, ending: &Ending, expected: &Expected) {
        let mut wrong = |why: String| self.wrong.push(format!("{here}: {why}"));
        if !expected.codes.contains(&ending.code()) {
            wrong(format!("our code {} ({})", ending.code(), ending.word));
        }
        if !expected.words.contains(&ending.word) {
            wrong(format!("our word {}", ending.word));
        }
        // If our module refuses, the stack refuses for the same reason.
        let overall = expected.overall.unwrap_or(match ending.code() {
            SUCCESS | IGNORE if expected.admitted => SUCCESS,
            code => code,
        });
        if ending.overall() != overall {
            wrong(format!("libpam says {} after our {}", ending.overall(), ending.code()));
        }
        match &ending.transcript {
            Err(death) => wrong(format!("the application has died: {death}")),
            Ok(transcript) => {
                if !transcript.stray_output.is_empty() {
                    wrong(format!("output: {:?}", transcript.stray_output));
                }
                if transcript.threads != (1, 1) {
                    wrong(format!("threads: {:?}", transcript.threads));
                }
                if transcript.descriptors.0 != transcript.descriptors.1 {
                    wrong(format!("descriptors: {:?}", transcript.descriptors));
                }
            }
        }
    }

    /// A line of another kind.
    pub(crate) fn note(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Makes the test fail.
    pub(crate) fn wrong(&mut self, what: String) {
        self.wrong.push(what);
    }

    /// Counts a word as logged that no log shows.
    pub(crate) fn seen(&mut self, word: &str) {
        self.words.insert(word.to_owned());
    }

    /// The words logged so far.
    pub(crate) fn words(&self) -> &BTreeSet<String> {
        &self.words
    }

    /// Writes the part for `scripts/matrix`, and checks it.
    pub(crate) fn close(self) {
        let directory = tree::root().join("target/fpass/matrix");
        fs::create_dir_all(&directory).unwrap();
        let Self { part, text, rows, unexpected, overrun, wrong, .. } = self;
        let last = format!("sum {rows} {unexpected} {overrun:.1}\n");
        fs::write(directory.join(part), text.clone() + &last).unwrap();
        assert!(wrong.is_empty(), "{}\n{}{last}", wrong.join("\n"), text);
        assert!(overrun < HANGS, "a call hangs:\n{text}");
    }
}

/// The `timeout=` among the arguments, in seconds.
fn seconds(arguments: &str) -> f64 {
    let value = arguments.split_whitespace().find_map(|word| word.strip_prefix("timeout="));
    value.map_or(10.0, |value| value.parse().unwrap_or(10.0))
}
