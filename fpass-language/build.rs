//! Turns the catalogues in `po/` into one constant table. A catalogue that breaks a rule ends the
//! build.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

#[path = "src/po.rs"]
pub mod po;

fn main() -> Result<(), Box<dyn Error>> {
    writeln!(io::stdout(), "cargo::rerun-if-changed=po")?;
    let mut sentences = BTreeSet::new();
    let mut catalogues = Vec::new();
    for (name, field) in po::CATALOGUES {
        let path = format!("po/{name}.po");
        let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let entries = po::parse(&text).map_err(|error| format!("{path}:{error}"))?;
        sentences.extend(entries.iter().map(|entry| entry.english.clone()));
        let texts: BTreeMap<String, Option<String>> =
            entries.into_iter().map(|entry| (entry.english, entry.text)).collect();
        catalogues.push((field, texts));
    }
    let mut table = "const ENTRIES: &[Entry] = &[\n".to_owned();
    for english in &sentences {
        write!(table, "Entry {{ english: {english:?}, translations: Translations {{ ")?;
        for (field, texts) in &catalogues {
            let text = texts.get(english).and_then(Option::as_deref);
            write!(table, "{field}: {text:?}, ")?;
        }
        table.push_str("} },\n");
    }
    table.push_str("];\n");
    let out = env::var_os("OUT_DIR").ok_or("cargo gives no OUT_DIR")?;
    Ok(fs::write(PathBuf::from(out).join("catalogue.rs"), table)?)
}
