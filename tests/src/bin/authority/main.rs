//! A polkit that says yes to everything, run under whatever account a test chooses.

#![forbid(unsafe_code)]

use fpass_tests::polkit::{self, Behaviour, Script};

fn main() -> zbus::Result<()> {
    let script = Script::usual();
    script.does(polkit::MANAGE_OTHERS, Behaviour::Grant);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(polkit::serve(script, || {}))
}
