//! The count of tests that `make test` prints at its end.

use std::{
    fs,
    io::{self, Write},
    process::{Command, Stdio},
};

use fpass_tests::tree;

/// A complete report: every level has run a test.
const WHOLE: [(&str, u32); 8] = [
    ("fpassd::bin/fpassd", 55),
    ("fpass-tests::install", 3),
    ("fpass-tests::bus", 10),
    ("fpass-tests::refusal", 20),
    ("fpass-tests::module", 4),
    ("fpass-tests::pam", 1),
    ("fpass-tests::load", 6),
    ("fpass-tests::vm", 2),
];

/// The output of the count for a report, and whether it succeeds.
fn count(suites: &[(&str, u32)]) -> io::Result<(String, bool)> {
    count_without("", suites)
}

/// The same if whole machines cannot be started, with a reason.
fn count_without(vm: &str, suites: &[(&str, u32)]) -> io::Result<(String, bool)> {
    let suites: String = suites
        .iter()
        .map(|(name, tests)| {
            format!(
                "    <testsuite name=\"{name}\" tests=\"{tests}\" skipped=\"0\" errors=\"0\" \
                 failures=\"0\">\n        <testcase name=\"one\" classname=\"{name}\">\n"
            )
        })
        .collect();
    let mut child = Command::new(tree::root().join("scripts/levels"))
        .args(["-v", &format!("without_vm={vm}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(format!("<testsuites name=\"run\" tests=\"7\">\n{suites}").as_bytes())?;
    }
    let output = child.wait_with_output()?;
    Ok((String::from_utf8_lossy(&output.stdout).into_owned(), output.status.success()))
}

#[test]
fn a_level_that_ran_no_test_fails_the_run() {
    assert!(!count(&[]).unwrap().1);
    for (level, programs) in [
        ("unit", &["fpassd::bin/fpassd", "fpass-tests::install"][..]),
        ("bus", &["fpass-tests::bus", "fpass-tests::refusal", "fpass-tests::load"]),
        ("pam", &["fpass-tests::module", "fpass-tests::pam"]),
        ("vm", &["fpass-tests::vm"]),
    ] {
        let rest: Vec<_> = WHOLE.into_iter().filter(|(name, _)| !programs.contains(name)).collect();
        let (text, content) = count(&rest).unwrap();
        assert!(!content && text.contains(&format!("ran no test: {level}.")), "{text}");
    }
}

#[test]
fn a_test_program_without_a_level_fails_the_run() {
    let (text, content) = count(&[&WHOLE[..], &[("fpass-tests::new", 5)]].concat()).unwrap();
    assert!(!content && text.contains("have no level"), "{text}");
    assert!(text.contains(" fpass-tests::new."), "{text}");
    assert!(text.contains("106 passed, 0 failed"), "{text}");
}

#[test]
fn every_program_counts_for_its_level() {
    let (text, content) = count(&WHOLE).unwrap();
    assert!(content, "{text}");
    assert_eq!(
        text.lines().collect::<Vec<_>>(),
        [
            "level unit: 58 tests ran",
            "level bus: 36 tests ran",
            "level pam: 5 tests ran",
            "level vm: 2 tests ran",
            "101 passed, 0 failed"
        ]
    );
}

#[test]
fn whole_machines_may_be_missing_for_a_reason_that_is_printed_and_nothing_else_may() {
    let rest: Vec<_> = WHOLE.into_iter().filter(|(name, _)| *name != "fpass-tests::vm").collect();
    let (text, content) = count_without("nothing to start them with", &rest).unwrap();
    assert!(content, "{text}");
    assert!(text.contains("level vm: skipped: nothing to start them with\n"), "{text}");
    assert!(!count_without("nothing to start them with", &[]).unwrap().1);
}

/// Parts of the fail matrix, as `scripts/matrix` lists them.
fn parts() -> io::Result<Vec<String>> {
    let script = fs::read_to_string(tree::root().join("scripts/matrix"))?;
    let line = script.lines().find_map(|line| line.strip_prefix("parts=("));
    let names = line.unwrap_or_default().trim_end_matches(')').split_whitespace();
    Ok(names.map(str::to_owned).collect())
}

/// The output of `scripts/matrix` for these parts, each with a sum, and whether it succeeds.
fn matrix(name: &str, parts: &[String], unexpected: u32) -> io::Result<(String, bool)> {
    let directory = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
    fs::create_dir_all(&directory)?;
    for part in parts {
        fs::write(directory.join(part), format!("a row\nsum 3 {unexpected} -5.0\n"))?;
    }
    let output = Command::new(tree::root().join("scripts/matrix")).arg(&directory).output()?;
    fs::remove_dir_all(&directory)?;
    Ok((String::from_utf8_lossy(&output.stdout).into_owned(), output.status.success()))
}

#[test]
fn a_matrix_with_a_part_missing_or_a_row_admitted_fails_the_run() {
    let parts = parts().unwrap();
    assert!(parts.len() > 5, "{parts:?}");
    for index in 0..parts.len() {
        let rest: Vec<_> = [&parts[..index], &parts[index + 1..]].concat();
        assert!(!matrix("part-missing", &rest, 0).unwrap().1, "without {}", parts[index]);
    }
    assert!(!matrix("row-admitted", &parts, 1).unwrap().1);
    let (text, content) = matrix("whole", &parts, 0).unwrap();
    let last = format!("fail matrix: {} rows, 0 unexpected successes", 3 * parts.len());
    assert!(content && text.ends_with(&(last + "\n")), "{text}");
}
