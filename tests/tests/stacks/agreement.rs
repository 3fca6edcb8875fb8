//! Compares the evaluation of `fpass-stack` with libpam's, on random stacks.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    time::Instant,
};

use fpass_stack::{
    Code, Facility, condition, dispatch,
    root::{Files, ReadError},
    stack::{Step, StepKind},
};
use fpass_tests::figures;
use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, TestError, TestRng, TestRunner},
};

use crate::{libpam::Bench, random};

/// Number of stacks; the requirement is 5,000.
const STACKS: u32 = 10_000;

/// The seed, unless `FPASS_STACK_SEED` (a number) says otherwise.
const SEED: u64 = 20_261_124;

/// The directory of a bench, seen as `/etc/pam.d`.
struct Seen<'a>(&'a Bench);

impl Files for Seen<'_> {
    fn read(&self, path: &Path) -> Result<Option<String>, ReadError> {
        let inside =
            path.strip_prefix("/etc/pam.d").map(|name| self.0.path(name.to_str().unwrap()));
        Ok(std::fs::read_to_string(inside.as_deref().unwrap_or(path)).ok())
    }

    fn list(&self, directory: &Path) -> std::collections::BTreeSet<String> {
        let is_directory = directory == Path::new("/etc/pam.d");
        is_directory.then(|| "stack".to_owned()).into_iter().collect()
    }

    fn is_hidden(&self, _: &Path) -> bool {
        false
    }

    fn has_module(&self, module: &str) -> bool {
        module == random::CONDITION || PathBuf::from(module).is_file()
    }

    // The bench runs as root in directories of its own. What others may write is no part of what
    // libpam decides.
    fn writable_by_others(&self, _: &Path) -> Result<Option<PathBuf>, PathBuf> {
        Ok(None)
    }

    fn module_files(&self, _: &str) -> Vec<PathBuf> {
        Vec::new()
    }

    fn lacks_module(&self, module: &str) -> bool {
        !self.has_module(module)
    }
}

fn seed() -> u64 {
    std::env::var("FPASS_STACK_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(SEED)
}

/// A runner whose cases depend only on the seed.
pub(crate) fn runner(cases: u32) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed().to_le_bytes());
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Fails with the smallest counterexample and the seed.
pub(crate) fn report<T: std::fmt::Debug>(result: Result<(), TestError<T>>) {
    if let Err(error) = result {
        panic!("seed {} (FPASS_STACK_SEED): {error}", seed());
    }
}

/// The target users: root, and one whose uid is far from that of root.
const TARGETS: [(&str, bool); 2] = [("root", true), ("nobody", false)];

/// The answer of `pam_succeed_if` to a target, from the conditions as the proof reads them.
fn condition_answer(arguments: &[String], root: bool) -> Code {
    let found = condition::read(arguments, "stack");
    assert!(found.root != found.others, "a condition about one of both: {arguments:?}");
    if found.root == root { Code::Success } else { Code::AuthErr }
}

/// The result of our parser and evaluation for the stack in the bench, and the path to it.
fn ours(bench: &Bench, root: bool) -> (Option<Code>, fpass_stack::Service) {
    let service = fpass_stack::resolve(&Seen(bench), "stack");
    if service.rejected {
        return (None, service);
    }
    let answer = |_: usize, step: &Step| {
        let StepKind::Module { module, arguments, .. } = &step.kind else { return None };
        if module == random::CONDITION {
            return Some(condition_answer(arguments, root));
        }
        let number = arguments.first().and_then(|word| word.strip_prefix("auth="));
        Code::from_number(number.unwrap().parse().unwrap())
    };
    (Some(dispatch::run(service.stack(Facility::Auth), answer)), service)
}

#[test]
fn libpam_and_the_evaluation_agree_on_random_stacks() {
    let bench = Bench::new(&[]);
    let began = Instant::now();
    let (compared, succeeded, steps, rejected, differing) = (
        Cell::new(0_u32),
        Cell::new(0_u32),
        Cell::new(0_usize),
        Cell::new(0_u32),
        Cell::new(0_u32),
    );
    let result = runner(STACKS).run(&random::stack(), |lines| {
        let place = |name: &str| bench.path(name).to_str().unwrap().to_owned();
        let files = random::files(&lines, &place);
        for (name, text) in &files {
            bench.write(name, text);
        }
        let mut outcomes = Vec::new();
        for (user, root) in TARGETS {
            let theirs = bench.authenticate("stack", user);
            let (code, service) = ours(&bench, root);
            let ours =
                code.map_or(i32::from(Code::Abort.number()), |code| i32::from(code.number()));
            prop_assert_eq!(theirs, ours, "{}: {:#?}\n{:?}", user, files, service.findings);
            compared.set(compared.get() + 1);
            succeeded.set(succeeded.get() + u32::from(theirs == 0));
            rejected.set(rejected.get() + u32::from(code.is_none()));
            steps.set(steps.get() + service.stack(Facility::Auth).len());
            outcomes.push(theirs);
        }
        differing.set(differing.get() + u32::from(outcomes.first() != outcomes.last()));
        Ok(())
    });
    report(result);
    let line = format!(
        "random stacks: libpam and fpass-stack agree on {} of {} for two target users ({} differ \
         between both; {} steps; {} succeed, {} are rejected as a whole), seed {}, {:.1} s",
        compared.get(),
        2 * STACKS,
        differing.get(),
        steps.get(),
        succeeded.get(),
        rejected.get(),
        seed(),
        began.elapsed().as_secs_f64(),
    );
    println!("{line}");
    figures::note("stacks.txt", &line).unwrap();
    assert!(compared.get() >= 10_000 && succeeded.get() > 500 && rejected.get() > 20);
    assert!(differing.get() > 100);
}
