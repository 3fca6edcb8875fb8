//! The configuration, checked by the daemon, and the directories that it names.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use fpass_terminal::Printable;
use tokio::process::Command;
use tokio::time::timeout;

use super::Finding;
use crate::language::told;

const CHECK: &str = "configuration";
const DAEMON: &str = "/usr/libexec/fpassd";
const FILE: &str = "/etc/fpass/fpassd.toml";
const DROP_INS: &str = "/etc/fpass/fpassd.toml.d";
const MODELS: &str = "/usr/share/fpass/models";
const STORE: &str = "/var/lib/fpass";
/// Longest wait for the daemon's answer.
const ANSWER: Duration = Duration::from_secs(10);
/// Longest file that is read, in bytes. The daemon has the same limit.
const SIZE_MAX: u64 = 64 * 1024;

/// Where models and templates are.
pub(super) struct Directories {
    pub(super) models: PathBuf,
    pub(super) storage: PathBuf,
}

pub(super) async fn check() -> Finding {
    let output = Command::new(DAEMON)
        .arg("--check-config")
        .env_clear()
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    match timeout(ANSWER, output).await {
        Ok(Ok(output)) if output.status.success() => judge(true, "", drop_ins().len()),
        Ok(Ok(output)) => judge(false, &String::from_utf8_lossy(&output.stderr), 0),
        Ok(Err(error)) => {
            let found = told!("{program} cannot be run: {error}", program = DAEMON, error = error);
            Finding::fail(CHECK, found, told!("install the package fpass again"))
        }
        Err(_) => Finding::warn(
            CHECK,
            told!("{command} hangs", command = format_args!("{DAEMON} --check-config")),
            told!("run it by hand"),
        ),
    }
}

fn judge(is_correct: bool, said: &str, drop_ins: usize) -> Finding {
    if is_correct {
        return Finding::ok(
            CHECK,
            told!("{file} and {drop_ins} drop-ins are correct", file = FILE, drop_ins = drop_ins,),
        );
    }
    // The sentence of the daemon names the file and says what to do.
    let said = said.trim().trim_start_matches("ERROR").trim();
    let line = said.lines().next().map(|line| Printable(line).to_string());
    let line = line.unwrap_or_else(|| told!("fpassd did not say what is wrong").into());
    let remedy = told!(
        "correct the file, then run: /usr/libexec/fpassd --check-config && systemctl \
         reload-or-restart fpassd"
    );
    Finding::fail(CHECK, line, remedy)
}

/// The drop-ins, in the order in which the daemon reads them.
fn drop_ins() -> Vec<PathBuf> {
    let entries = fs::read_dir(DROP_INS).into_iter().flatten().flatten();
    let is_piece = |path: &PathBuf| path.as_os_str().as_encoded_bytes().ends_with(b".toml");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_piece).collect();
    paths.sort_unstable();
    paths
}

/// The directories that the configuration names, otherwise the defaults.
pub(super) fn directories() -> Directories {
    let files = std::iter::once(PathBuf::from(FILE)).chain(drop_ins());
    let texts = files.filter_map(|path| {
        let facts = fs::metadata(&path).ok().filter(|facts| facts.is_file())?;
        if facts.len() > SIZE_MAX { None } else { fs::read_to_string(path).ok() }
    });
    named(&texts.collect::<Vec<_>>())
}

fn named(texts: &[String]) -> Directories {
    let tables: Vec<toml::Table> = texts.iter().filter_map(|text| text.parse().ok()).collect();
    let last = |section: &str, default: &str| {
        let of =
            |table: &toml::Table| table.get(section)?.get("directory")?.as_str().map(PathBuf::from);
        tables.iter().rev().find_map(of).unwrap_or_else(|| PathBuf::from(default))
    };
    Directories { models: last("models", MODELS), storage: last("storage", STORE) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Severity;

    #[test]
    fn the_sentence_of_the_daemon_is_the_finding() {
        let finding = judge(false, "ERROR /etc/x.toml: camera.width; correct it: y\nz\n", 0);
        assert_eq!(finding.state, Severity::Fail);
        assert!(finding.found.starts_with("/etc/x.toml"), "{finding:?}");
        assert_eq!(judge(false, "", 0).state, Severity::Fail);
        assert_eq!(judge(true, "", 2).state, Severity::Ok);
    }

    #[test]
    fn the_last_file_that_names_a_directory_wins() {
        let texts = [
            "[models]\ndirectory = \"/a\"\n[storage]\ndirectory = \"/s\"\n",
            "broken [",
            "[models]\ndirectory = \"/b\"\n",
            "[storage]\ndirectory = 7\n",
        ]
        .map(str::to_owned);
        let found = named(&texts);
        assert_eq!((found.models, found.storage), (PathBuf::from("/b"), PathBuf::from("/s")));
        assert_eq!(named(&[]).storage, PathBuf::from(STORE));
    }
}
