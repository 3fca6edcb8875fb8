//! An ONNX model that is folded. The first byte says whether its sides are opened.

#![no_main]
#![allow(dead_code)]

use std::time::Duration;

use fpass_fuzz::{Bounds, MIB, bounded};
use libfuzzer_sys::fuzz_target;

#[path = "../../fpass-enroll/src/fetch"]
mod fetch {
    mod fold;

    pub(crate) fn folded(source: &[u8], open_sides: bool) -> Result<Vec<u8>, fold::FoldError> {
        fold::fold(source, open_sides)
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((sides, model)) = bytes.split_first() else {
        return;
    };
    let bounds = Bounds { bytes: 8 * MIB + 256 * model.len(), time: Duration::from_millis(100) };
    match bounded(bounds, || fetch::folded(model, sides % 2 == 1)) {
        Ok(folded) => {
            // What is folded holds nothing more to fold.
            let again = fetch::folded(&folded, false).expect("what was folded can be folded");
            assert_eq!(again, folded);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
