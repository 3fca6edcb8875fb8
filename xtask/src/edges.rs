//! The check that no crate depends on one that the design does not allow.

use std::io;
use std::process::Command;

use serde::Deserialize;

use crate::error::Error;
use crate::graph::Edge;

/// Each crate of the workspace with the members that it may depend on, for any purpose.
const ALLOWED: &[(&str, &[&str])] = &[
    ("fpass-language", &[]),
    ("fpass-proto", &["fpass-language"]),
    ("fpass-dlib", &[]),
    ("fpass-face", &["fpass-dlib"]),
    ("fpass-camera", &[]),
    ("fpass-stack", &["fpass-proto"]),
    ("pam-fpass", &["fpass-language", "fpass-proto"]),
    ("fpassd", &["fpass-proto", "fpass-face", "fpass-camera"]),
    ("fpass-terminal", &[]),
    ("fpass-enroll", &["fpass-language", "fpass-proto", "fpass-stack", "fpass-terminal"]),
    ("fpass-models", &["fpass-face", "fpass-terminal"]),
    ("fpass-evaluate", &["fpass-camera", "fpass-face", "fpass-terminal"]),
    ("fpass-tests", &["fpass-language", "fpass-proto", "fpass-stack", "fpass-camera"]),
    ("xtask", &["fpass-enroll", "fpass-evaluate", "fpass-language", "fpass-models", "fpass-proto"]),
];

/// The fields that are read of `cargo metadata`.
#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Member>,
}

#[derive(Debug, Deserialize)]
struct Member {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// Given for crates of this tree only.
    path: Option<String>,
}

/// Asks cargo for the crates of this workspace and checks their edges.
pub(crate) fn check() -> Result<(), Error> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .map_err(Error::Metadata)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::Metadata(io::Error::other(said)));
    }
    judge(&output.stdout)
}

fn judge(metadata: &[u8]) -> Result<(), Error> {
    let metadata: Metadata = serde_json::from_slice(metadata)?;
    let mut forbidden = Vec::new();
    for member in metadata.packages {
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == member.name) else {
            return Err(Error::UnknownCrate(member.name));
        };
        for dependency in member.dependencies {
            if dependency.path.is_some() && !allowed.contains(&dependency.name.as_str()) {
                forbidden.push(Edge { from: member.name.clone(), to: dependency.name });
            }
        }
    }
    if forbidden.is_empty() { Ok(()) } else { Err(Error::Edges(forbidden)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(name: &str, dependency: &str) -> Vec<u8> {
        format!(
            r#"{{"packages": [{{"name": "{name}", "dependencies": [
                {{"name": "serde", "kind": null}},
                {{"name": "{dependency}", "kind": "dev", "path": "/tree/{dependency}"}}
            ]}}]}}"#
        )
        .into_bytes()
    }

    #[test]
    fn an_edge_upwards_or_sideways_fails() {
        for (from, to) in [
            ("fpass-face", "fpassd"),
            ("fpass-face", "fpass-camera"),
            ("fpass-proto", "fpass-face"),
            ("pam-fpass", "fpass-face"),
            ("fpassd", "fpass-enroll"),
            ("fpass-enroll", "fpass-face"),
            ("fpass-enroll", "fpass-models"),
        ] {
            let Err(Error::Edges(edges)) = judge(&workspace(from, to)) else {
                panic!("{from} → {to} passed");
            };
            assert_eq!(edges, [Edge { from: from.to_owned(), to: to.to_owned() }]);
        }
    }

    #[test]
    fn a_crate_without_a_row_fails() {
        let answer = judge(&workspace("fpass-misc", "fpass-proto"));
        assert!(matches!(answer, Err(Error::UnknownCrate(name)) if name == "fpass-misc"));
    }

    #[test]
    fn an_allowed_edge_passes() {
        for (from, allowed) in ALLOWED {
            for to in *allowed {
                assert!(judge(&workspace(from, to)).is_ok(), "{from} → {to}");
            }
        }
    }

    #[test]
    fn the_table_has_no_cycle() {
        for (index, (name, allowed)) in ALLOWED.iter().enumerate() {
            for to in *allowed {
                let (_, back) = ALLOWED.iter().find(|(name, _)| name == to).unwrap();
                assert!(!back.contains(name), "{name} ↔ {to}");
            }
            assert!(!ALLOWED[index + 1..].iter().any(|(other, _)| other == name), "{name}");
        }
    }
}
