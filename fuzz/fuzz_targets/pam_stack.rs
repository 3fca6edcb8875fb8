//! PAM stacks: up to four files, separated by zero bytes. The first is the file of the service; the
//! others are named `a`, `b` and `c`. A path that the search finds must succeed in libpam's
//! dispatch too.

#![no_main]

use std::time::Duration;

use fpass_fuzz::{Bounds, MIB, bounded};
use fpass_stack::{
    Code, Facility, dispatch,
    edit::{self, LineOptions},
    judge::{ENROLLED_USER, ROOT_WITHOUT_FACE, Verdict, WITHOUT_FACE, WITHOUT_PASSWORD, judge},
    recovery, resolve,
    root::Memory,
    search::find_path,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let mut files = Memory::default();
    for (name, part) in ["sudo", "a", "b", "c"].into_iter().zip(text.split('\0')) {
        files = files.with(name, part);
    }
    // A file may be included many times; the search is bounded separately.
    let bounds = Bounds { bytes: 256 * MIB, time: Duration::from_secs(8) };
    bounded(bounds, || {
        let found = resolve(&files, "sudo");
        let judgement = judge(&found);
        if judgement.verdict == Verdict::Proven {
            assert!(judgement.faults.is_empty() && !found.rejected);
        }
        let _ = recovery::offered_by(&found);
        let steps = found.stack(Facility::Auth);
        for principal in [WITHOUT_FACE, WITHOUT_PASSWORD, ENROLLED_USER, ROOT_WITHOUT_FACE] {
            let Ok(Some(path)) = find_path(steps, "sudo", &principal) else { continue };
            let mut path = path.steps.into_iter();
            let code = dispatch::run(steps, |at, _| {
                let taken = path.next().expect("an answer for each module that is called");
                assert_eq!(taken.step, at);
                Some(taken.answer)
            });
            assert_eq!(code, Code::Success);
        }
    });
    let own = text.split('\0').next().unwrap_or_default();
    if own.len() < 4096 && (own.is_empty() || own.ends_with('\n')) && !own.contains("fpass-enroll")
    {
        for changed in edit::insertions(own, LineOptions::default()) {
            assert_eq!(edit::remove_lines(&changed), own);
        }
    }
});
