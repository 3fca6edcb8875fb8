//! The pages against what they describe: a name that a page lacks fails here.

use fpass_proto::{EnrolmentState, Guidance, Refusal, Verdict, names};

use super::*;

/// The text of a page that is written by hand, with roff's names for hyphens and quotes resolved.
fn written(page: &str) -> String {
    let tree = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/usr/share/man");
    fs::read_to_string(tree.join(page)).unwrap().replace("\\-", "-").replace("\\(dq", "\"")
}

/// The heads of a page's list entries, the line after each `.TP`, without the font request.
fn heads(page: &str) -> Vec<&str> {
    let lines = page.lines().zip(page.lines().skip(1));
    let heads = lines.filter(|(request, _)| *request == ".TP").map(|(_, head)| head);
    heads.map(|head| head.split_once(' ').map_or(head, |(_, words)| words)).collect()
}

#[test]
fn the_interface_page_lists_every_error_and_no_other() {
    let page = written("man5/org.fpass.Fpass1.5");
    let (_, errors) = page.split_once(".SH ERRORS").unwrap();
    let errors = errors.split(".SH").next().unwrap();
    let listed = heads(errors);
    let prefix = "org.fpass.Fpass1.Error.";
    let known: Vec<&str> = Refusal::ALL
        .iter()
        .map(|refusal| refusal.error_name().trim_start_matches(prefix))
        .collect();
    assert_eq!(listed, known);
    assert!(errors.contains(prefix));
}

#[test]
fn the_interface_page_has_every_word_that_crosses_the_bus() {
    let page = written("man5/org.fpass.Fpass1.5");
    let verdicts = [Verdict::Match, Verdict::NoMatch].map(Verdict::as_str);
    let states = [EnrolmentState::NeverEnrolled, EnrolmentState::Enrolled, EnrolmentState::Removed];
    let words = verdicts
        .into_iter()
        .chain(states.map(EnrolmentState::as_str))
        .chain(Guidance::ALL.iter().map(|hint| hint.as_str()))
        .chain([
            names::BUS_NAME,
            names::OBJECT_PATH,
            names::VERIFICATION_INTERFACE,
            names::ENROLMENT_INTERFACE,
            names::ADMINISTRATION_INTERFACE,
            names::MACHINE_INTERFACE,
            names::DAEMON_USER,
        ]);
    for word in words {
        let stands_alone = page
            .split(|c: char| c.is_whitespace() || c == ',' || c == '"')
            .any(|found| found.trim_end_matches('.') == word);
        assert!(stands_alone, "{word}");
    }
}

#[test]
fn the_configuration_page_lists_the_keys_of_the_shipped_file_and_no_other() {
    let page = written("man5/fpassd.toml.5");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/etc/fpass/fpassd.toml");
    let shipped: toml::Table = toml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let mut keys = Vec::new();
    for (section, table) in &shipped {
        for (key, default) in table.as_table().unwrap() {
            keys.push(format!("{section}.{key} = {default}"));
        }
    }
    let mut listed = Vec::new();
    for section in page.split(".SS [").skip(1) {
        let (name, entries) = section.split_once(']').unwrap();
        let entries = entries.split(".SH").next().unwrap();
        listed.extend(heads(entries).iter().map(|head| format!("{name}.{head}")));
    }
    keys.sort();
    listed.sort();
    assert_eq!(listed, keys);
}

#[test]
fn every_command_has_a_page() {
    let scratch = tempfile::tempdir().unwrap();
    generate(scratch.path()).unwrap();
    let mut pages: Vec<String> = fs::read_dir(scratch.path().join(DIRECTORY))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    pages.sort();
    let mut expected = [
        "enroll",
        "enroll-adaptation",
        "enroll-adaptation-reset",
        "enroll-add",
        "enroll-audit",
        "enroll-audit-show",
        "enroll-audit-verify",
        "enroll-cameras",
        "enroll-check-pam",
        "enroll-clear",
        "enroll-doctor",
        "enroll-evaluate",
        "enroll-export",
        "enroll-fleet",
        "enroll-fleet-distrust",
        "enroll-fleet-identity",
        "enroll-fleet-list",
        "enroll-fleet-trust",
        "enroll-import",
        "enroll-list",
        "enroll-models",
        "enroll-pam",
        "enroll-pam-disable",
        "enroll-pam-enable",
        "enroll-pam-status",
        "enroll-preview",
        "enroll-qualify",
        "enroll-recovery-codes",
        "enroll-register",
        "enroll-remove",
        "enroll-rename",
        "enroll-setup",
        "enroll-status",
        "enroll-unlock",
        "enroll-verify",
        "enroll-why",
        "evaluate",
        "evaluate-make-attacks",
        "evaluate-pad",
        "models",
        "models-install",
        "models-verify",
    ]
    .map(|command| format!("fpass-{command}.1"));
    expected.sort();
    assert_eq!(pages, expected);
}

#[test]
fn the_page_of_a_program_lists_every_exit_code() {
    for program in programs::all() {
        let page = page(&program.command, &program).unwrap();
        let page = String::from_utf8(page).unwrap();
        let listed = heads(page.split_once(".SH EXIT STATUS").unwrap().1).join(" ");
        let known: Vec<String> =
            program.exit_codes.iter().map(|(number, _)| number.to_string()).collect();
        assert_eq!(listed, known.join(" "));
    }
}

#[test]
fn text_cannot_become_a_roff_request() {
    assert_eq!(escaped(".SH X"), "\\&.SH X");
    assert_eq!(escaped("'so /etc/passwd"), "\\&'so /etc/passwd");
    assert_eq!(escaped("a\\fB--user"), "a\\efB\\-\\-user");
}
