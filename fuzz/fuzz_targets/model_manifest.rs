//! The manifest of the weights.

#![no_main]

use std::time::Duration;

use fpass_face::{Comparator, Manifest, model::Role};
use fpass_fuzz::{Bounds, MIB, bounded};
use libfuzzer_sys::fuzz_target;

const BOUNDS: Bounds = Bounds { bytes: 16 * MIB, time: Duration::from_millis(50) };

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match bounded(BOUNDS, || Manifest::parse(text)) {
        Ok(manifest) => {
            for role in Role::ALL {
                assert_eq!(manifest.files.iter().filter(|file| file.role == role).count(), 1);
            }
            for comparator in Comparator::ALL {
                let table = manifest.calibration(comparator).expect("one for each comparator");
                assert!(
                    table.points.iter().all(|(rate, score)| rate.is_finite() && score.is_finite())
                );
            }
            for file in &manifest.files {
                assert_eq!(file.sha256.to_string().len(), 64);
            }
        }
        Err(error) => assert!(error.to_string().contains("; "), "{error}"),
    }
});
