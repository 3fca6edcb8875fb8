use super::*;
use crate::file::LineFault;
use crate::root::Memory;

fn problems(files: &Memory, name: &str) -> Vec<Problem> {
    resolve(files, name).findings.into_iter().map(|finding| finding.problem).collect()
}

#[test]
fn problems_of_files_are_found() {
    let other = |problem: &Problem| matches!(problem, Problem::NoFile);
    assert!(problems(&Memory::default(), "sudo").iter().any(other));
    for (text, expected) in [
        ("auth include sudo", Problem::Cycle("sudo".to_owned())),
        ("@include nowhere", Problem::MissingInclude("nowhere".to_owned())),
        ("auth substack", Problem::IncludeWithoutName),
        ("auth required ?.so", Problem::ModuleWithoutName),
        ("auth", Problem::Broken(LineFault::NoControl)),
    ] {
        assert_eq!(problems(&Memory::default().with("sudo", text), "sudo"), [expected], "{text}");
    }
}

#[test]
fn a_failed_include_of_all_facilities_rejects_the_service() {
    let files = Memory::default().with("sudo", "@include nowhere").with("other", "");
    assert!(resolve(&files, "sudo").rejected);
    let files = Memory::default().with("sudo", "auth include nowhere");
    assert!(!resolve(&files, "sudo").rejected);
    let files = Memory::default().with("sudo", "").with("other", "auth required \\");
    assert!(resolve(&files, "sudo").rejected, "libpam reads other in any case");
}

#[test]
fn nesting_and_size_are_bounded() {
    let mut files = Memory::default();
    for level in 0..20 {
        let next = format!("auth include level{}", level + 1);
        files = files.with(&format!("level{level}"), &next);
    }
    assert!(problems(&files, "level0").contains(&Problem::TooDeep));
    let doubled = Memory::default()
        .with("sudo", &"auth include many\n".repeat(600))
        .with("many", "auth required pam_permit.so\n");
    assert!(problems(&doubled, "sudo").contains(&Problem::TooLarge));
    let long = Memory::default().with("sudo", &"auth required pam_permit.so\n".repeat(3000));
    assert!(problems(&long, "sudo").contains(&Problem::TooLarge));
}

#[test]
fn the_file_of_the_vendor_counts_if_the_administrator_has_none() {
    let mut files = Memory::default().with("other", "auth required pam_deny.so");
    files.files.insert("/usr/lib/pam.d/sudo".into(), "auth required pam_permit.so".to_owned());
    assert_eq!(resolve(&files, "sudo").file.unwrap(), Path::new("/usr/lib/pam.d/sudo"));
    let files = files.with("sudo", "auth required pam_unix.so");
    let found = resolve(&files, "SUDO");
    assert_eq!(found.file.as_deref(), Some(Path::new("/etc/pam.d/sudo")));
    assert_eq!(found.stack(Facility::Auth)[0].module_name(), Some("pam_unix"));
}

#[test]
fn other_replaces_a_missing_facility() {
    let files = Memory::default()
        .with("sudo", "account required pam_permit.so")
        .with("other", "auth required pam_deny.so\naccount required pam_deny.so");
    let found = resolve(&files, "sudo");
    assert!(found.falls_back(Facility::Auth) && !found.falls_back(Facility::Account));
    assert_eq!(found.stack(Facility::Auth)[0].module_name(), Some("pam_deny"));
}

#[test]
fn included_lines_are_those_of_the_facility() {
    let files = Memory::default()
        .with("sudo", "auth substack system\naccount include system\n@include all")
        .with("system", "auth required pam_unix.so\naccount required pam_permit.so")
        .with("all", "auth required pam_env.so\nsession required pam_limits.so");
    let found = resolve(&files, "sudo");
    let steps = |facility| {
        found
            .stack(facility)
            .iter()
            .map(|step| (step.level, step.module_name()))
            .collect::<Vec<_>>()
    };
    assert_eq!(steps(Facility::Auth), [(0, None), (1, Some("pam_unix")), (0, Some("pam_env"))]);
    assert_eq!(steps(Facility::Account), [(0, Some("pam_permit"))]);
    assert_eq!(steps(Facility::Session), [(0, Some("pam_limits"))]);
    assert!(found.findings.is_empty());
}

#[test]
fn pam_conf_counts_if_there_are_no_directories() {
    let mut files = Memory::default();
    let text = "sudo auth required pam_unix.so\nOther auth required pam_deny.so\n";
    files.files.insert(PAM_CONF.into(), text.to_owned());
    assert_eq!(resolve(&files, "sudo").stack(Facility::Auth)[0].module_name(), Some("pam_unix"));
    assert!(resolve(&files, "su").falls_back(Facility::Auth));
    let both = files.with("login", "");
    assert!(problems(&both, "sudo").contains(&Problem::BothForms));
}

#[test]
fn a_missing_module_is_tolerated_only_if_the_line_allows_it() {
    let text = "-auth required pam_x.so\nauth optional pam_x.so\nauth sufficient pam_x.so\n\
                auth required pam_x.so\nauth [default=ignore module_unknown=bad] pam_x.so\n";
    let mut files = Memory::default().with("sudo", text);
    files.missing_modules.insert("pam_x.so".to_owned());
    let expected: Vec<bool> =
        resolve(&files, "sudo").findings.iter().map(|finding| finding.tolerated).collect();
    assert_eq!(expected, [true, true, false, false, false]);
}
