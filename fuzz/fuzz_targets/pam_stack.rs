//! PAM stacks: up to four files, parted by zero bytes, of which the first is the service's own and the
//! others are named `a`, `b` and `c`. A way in that is found must be one in libpam's dispatch too.

#![no_main]

use std::time::Duration;

use fpass_fuzz::{Bounds, MIB, bounded};
use fpass_stack::{
    Code, Facility, dispatch,
    edit::{self, Wishes},
    judge::{FACELESS, ROOT, USER, Verdict, WORDLESS, judge},
    prove::way_in,
    recovery,
    root::Memory,
    service,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let mut files = Memory::default();
    for (name, part) in ["sudo", "a", "b", "c"].into_iter().zip(text.split('\0')) {
        files = files.with(name, part);
    }
    // Lines may be included many times; the search has a bound of its own.
    let bounds = Bounds { bytes: 256 * MIB, time: Duration::from_secs(8) };
    bounded(bounds, || {
        let found = service(&files, "sudo");
        let judgement = judge(&found);
        if judgement.verdict == Verdict::Proven {
            assert!(judgement.faults.is_empty() && !found.rejected);
        }
        let _ = recovery::own(&found);
        let steps = found.chain(Facility::Auth);
        for person in [FACELESS, WORDLESS, USER, ROOT] {
            let Ok(Some(way)) = way_in(steps, "sudo", &person) else { continue };
            let mut passes = way.passes.iter();
            let code = dispatch::run(steps, |at, _| {
                let pass = passes.next().expect("as many answers as are asked for");
                assert_eq!(pass.step, at);
                Some(pass.answer)
            });
            assert_eq!(code, Code::Success);
        }
    });
    let own = text.split('\0').next().unwrap_or_default();
    if own.len() < 4096 && (own.is_empty() || own.ends_with('\n')) && !own.contains("fpass-enroll")
    {
        for changed in edit::candidates(own, Wishes::default()) {
            assert_eq!(edit::without(&changed), own);
        }
    }
});
