//! The example `grab`: where it is, and what it printed.

use std::{path::PathBuf, process::Output};

/// What a program printed.
pub(crate) fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// `examples/grab`, which cargo builds together with the integration tests.
pub(crate) fn example() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("examples/grab")
}
