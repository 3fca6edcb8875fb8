//! The preloaded witness `witness.c`, and the compiler for it and for the host program.

use std::{fs, path::Path, process::Command};

/// Path of the witness, for `LD_PRELOAD`.
pub(crate) const WITNESS: &str = "/usr/local/lib/witness.so";
const RECORD: &str = "/run/witness.record";

/// Compiles a C file on the private machine. Its path is relative to the directory of the test
/// programs.
pub(crate) fn compile(source: &str, target: &str, arguments: &[&str]) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(source);
    fs::create_dir_all(Path::new(target).parent().unwrap()).unwrap();
    let output = Command::new("cc")
        .args(["-O1", "-Wall", "-Wextra", "-Werror", "-o", target])
        .arg(source)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Installs the witness.
pub(crate) fn install() {
    let record = format!("-DWITNESS=\"{RECORD}\"");
    compile("module/witness.c", WITNESS, &["-shared", "-fPIC", &record, "-ldl"]);
}

/// The lines written since the last call.
pub(crate) fn take() -> Vec<String> {
    let text = fs::read(RECORD).unwrap_or_default();
    let _ = fs::remove_file(RECORD);
    String::from_utf8_lossy(&text).lines().map(str::to_owned).collect()
}
