//! A list of pairs, as Labeled Faces in the Wild has it.

#![no_main]

use std::time::Duration;

use fpass_evaluate::pairs_list::{PairsError, parse};
use fpass_fuzz::{Bounds, MIB, bounded};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let bounds = Bounds { bytes: MIB + 64 * text.len(), time: Duration::from_millis(50) };
    match bounded(bounds, || parse(text)) {
        Ok(folds) => {
            assert!(folds.len() >= 2 && folds.iter().all(|fold| fold.len() == folds[0].len()));
            let each = folds[0].len();
            assert!(each >= 2 && each.is_multiple_of(2));
            let mut written = format!("{}\t{}\n", folds.len(), each / 2);
            for ((one, first), (other, second)) in folds.iter().flatten() {
                written.push_str(&format!("{one}\t{first}\t{other}\t{second}\n"));
            }
            assert_eq!(parse(&written).as_ref(), Ok(&folds));
        }
        Err(PairsError::Head) => {}
        Err(PairsError::Line { line, folds }) => {
            assert!(line <= text.lines().count() && folds >= 2);
        }
    }
});
