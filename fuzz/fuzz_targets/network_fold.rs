//! An ONNX model that is folded. The first byte says whether its sides are opened.

#![no_main]

use std::time::Duration;

use fpass_fuzz::{Bounds, MIB, bounded};
use fpass_models::fold::fold;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((sides, model)) = bytes.split_first() else {
        return;
    };
    let bounds = Bounds { bytes: 8 * MIB + 256 * model.len(), time: Duration::from_millis(100) };
    match bounded(bounds, || fold(model, sides % 2 == 1)) {
        Ok(folded) => {
            // What is folded holds nothing more to fold.
            let again = fold(&folded, false).expect("what was folded can be folded");
            assert_eq!(again, folded);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
