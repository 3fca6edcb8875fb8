//! A pseudo-terminal with a program that waits for input, for tests.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use super::terminal::Terminal;

/// A terminal that exists until the drop.
pub(super) struct TypedTerminal {
    script: Child,
    path: PathBuf,
}

impl TypedTerminal {
    pub(super) fn open() -> Self {
        let mut script = Command::new("script")
            .args(["-q", "-f", "-c", "tty; read line", "/dev/null"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut path = String::new();
        BufReader::new(script.stdout.take().unwrap()).read_line(&mut path).unwrap();
        Self { script, path: path.trim().into() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn terminal(&self) -> Terminal {
        let name = self.path.strip_prefix("/dev").unwrap().to_str().unwrap();
        Terminal::from_name(name).unwrap()
    }
}

impl Drop for TypedTerminal {
    fn drop(&mut self) {
        let _ = self.script.kill();
        let _ = self.script.wait();
    }
}
