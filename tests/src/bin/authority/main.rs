//! A polkit that grants everything, under an account that a test chooses.

#![forbid(unsafe_code)]

use fpass_tests::polkit::{self, Behaviour, PolkitScript};

fn main() -> zbus::Result<()> {
    let script = PolkitScript::usual();
    script.does(polkit::MANAGE_OTHERS, Behaviour::Grant);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(polkit::serve(script, || {}))
}
