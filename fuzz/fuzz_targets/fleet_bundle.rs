//! A bundle of templates from another machine.
//!
//! The bytes are opened as they are, and signed by the machine that they are said to come from, so
//! that what comes behind the signature is reached too. What opens can be sealed again, and opens
//! again as the same.

#![no_main]
#![allow(dead_code)]

use std::time::Duration;

use ed25519_dalek::{Signer, SigningKey};
use fpass_fuzz::{Bounds, KIB, bounded};
use libfuzzer_sys::fuzz_target;

#[path = "../../fpassd/src/fleet"]
mod fleet {
    pub(crate) mod bundle;
    pub(crate) mod identity;
}

use fleet::{
    bundle::{open, seal},
    identity::{MachineKeys, Peer},
};

/// Fingerprint of the models, as the seeds have it.
const MODELS: [u8; 32] = [9; 32];

fuzz_target!(|bytes: &[u8]| {
    let sender = MachineKeys::read(&[1; 64]).unwrap();
    let recipient = MachineKeys::read(&[2; 64]).unwrap();
    let peer = Peer::of(sender.identity()).unwrap();
    let signature = SigningKey::from_bytes(&[1; 32]).sign(bytes);
    let signed = [bytes, &signature.to_bytes()].concat();
    let bounds = Bounds { bytes: 64 * KIB + 4 * bytes.len(), time: Duration::from_millis(50) };
    bounded(bounds, || {
        for bytes in [bytes, &signed] {
            let Ok(bundle) = open(bytes, &peer, &recipient, MODELS) else { continue };
            let again = seal(&bundle, &sender, &Peer::of(recipient.identity()).unwrap()).unwrap();
            assert_eq!(open(&again, &peer, &recipient, MODELS), Ok(bundle));
        }
    });
});
