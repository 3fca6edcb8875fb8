//! The stacks that distributions ship, unchanged and with our line.
//!
//! The files in `golden/` contain only the control lines, written for this test; each names the
//! package and version that it mirrors. The proofs are about these files. Debian 12's common-auth,
//! login, su and polkit-1 were compared with an installed system. Arch's system-auth and sudo,
//! Fedora's profile, and gdm-password of both were compared with public copies. The others are
//! written from knowledge of the packages and are not yet compared with installed systems.

use std::path::Path;

use fpass_stack::{
    Facility, Service, arguments,
    edit::{self, LineOptions},
    face_check::is_face_check,
    judge::{Judgement, Verdict, judge},
    path::MissingFactor,
    recovery::{self, Recovery},
    resolve,
    root::{Files, Memory, Overlay, services},
    stack::StepKind,
};

/// A distribution, its stacks, and the services in which our line is proven at the first safe
/// place.
const DISTRIBUTIONS: [(&str, &str, &[&str]); 6] = [
    (
        "Debian 12",
        include_str!("golden/debian-12.txt"),
        &["gdm-password", "lightdm", "login", "polkit-1", "sddm", "su", "sudo"],
    ),
    (
        "Debian 13",
        include_str!("golden/debian-13.txt"),
        &["gdm-password", "lightdm", "login", "polkit-1", "sddm", "su", "sudo"],
    ),
    (
        "Ubuntu 24.04",
        include_str!("golden/ubuntu-24.04.txt"),
        &["gdm-password", "login", "polkit-1", "sddm", "su", "sudo"],
    ),
    ("Fedora 42", include_str!("golden/fedora-42.txt"), &["login", "su"]),
    (
        "Arch",
        include_str!("golden/arch.txt"),
        &["gdm-password", "greetd", "lightdm", "login", "polkit-1", "sddm", "su", "sudo"],
    ),
    (
        "openSUSE Tumbleweed",
        include_str!("golden/opensuse-tumbleweed.txt"),
        &["gdm-password", "lightdm", "login", "polkit-1", "su", "su-l", "sudo"],
    ),
];

/// Services in which our line is safe at no place, and the modules that bypass the face.
const BROKEN: [(&str, &str, &[&str]); 6] = [
    // An included sufficient line ends the stack of the service that includes it.
    ("Fedora 42", "sudo", &["pam_env.so", "pam_faildelay.so", "pam_fprintd.so", "pam_unix.so"]),
    ("Fedora 42", "polkit-1", &["pam_env.so", "pam_faildelay.so", "pam_fprintd.so", "pam_unix.so"]),
    // Users confined by SELinux get in without a password.
    ("Fedora 42", "gdm-password", &["pam_selinux_permit.so"]),
    ("Fedora 42", "sddm", &["pam_selinux_permit.so"]),
    ("Fedora 42", "lightdm", &["pam_selinux_permit.so"]),
    // Members of a group get in without a password.
    ("Ubuntu 24.04", "lightdm", &["pam_nologin.so", "pam_succeed_if.so"]),
];

const RECOVERY: LineOptions = LineOptions { recovery: true, nullok: false, announce: false };

fn files(text: &str) -> Memory {
    let mut files = Memory::default();
    for part in text.split("\n== ").skip(1) {
        let (head, lines) = part.split_once('\n').unwrap();
        let (path, package) = head.split_once(" (").unwrap();
        assert!(package.ends_with(')') && package.contains(' '), "{head}");
        files.files.insert(path.into(), format!("{lines}\n"));
    }
    assert!(files.files.len() > 8);
    files
}

fn stacks(distribution: &str) -> Memory {
    files(DISTRIBUTIONS.iter().find(|(name, _, _)| *name == distribution).unwrap().1)
}

fn judged(files: &dyn Files, name: &str) -> Judgement {
    judge(&resolve(files, name))
}

/// The verdicts with our line after each line of `auth`.
fn with_our_line(files: &Memory, name: &str) -> Vec<Judgement> {
    let own = resolve(files, name).file.unwrap();
    let text = files.read(&own).unwrap().unwrap();
    let path = Path::new("/etc/pam.d").join(name);
    edit::insertions(&text, RECOVERY)
        .iter()
        .map(|text| judged(&Overlay { base: files, path: &path, text: Some(text) }, name))
        .collect()
}

#[test]
fn as_shipped_nothing_asks_for_the_face_and_nothing_has_faults() {
    let mut count = 0;
    for (distribution, text, _) in DISTRIBUTIONS {
        let files = files(text);
        for name in services(&files) {
            let judgement = judged(&files, &name);
            assert_eq!(judgement.verdict, Verdict::NotProtected, "{distribution} {name}");
            assert!(
                judgement.faults.is_empty() && judgement.unknown.is_empty(),
                "{distribution} {name}"
            );
            count += 1;
        }
        assert_eq!(
            recovery::offered_by_others(&files).first(),
            Some(&Recovery::RootThrough("login".to_owned())),
            "{distribution}"
        );
    }
    assert!(count > 60, "{count}");
}

#[test]
fn with_our_line_each_is_proven_or_broken_by_the_expected_way() {
    for (distribution, text, proven) in DISTRIBUTIONS {
        let files = files(text);
        for name in proven {
            let judgements = with_our_line(&files, name);
            let good = judgements.iter().filter(|judgement| judgement.verdict == Verdict::Proven);
            assert!(good.count() > 0, "{distribution} {name}: {judgements:#?}");
        }
    }
    for (distribution, name, modules) in BROKEN {
        let judgements = with_our_line(&stacks(distribution), name);
        assert!(!judgements.is_empty());
        assert!(
            judgements.iter().all(|judgement| judgement.verdict != Verdict::Proven),
            "{distribution} {name}"
        );
        let Verdict::Broken { missing: MissingFactor::Face, path, .. } =
            &judgements.last().unwrap().verdict
        else {
            panic!("{distribution} {name}: {judgements:#?}");
        };
        let way: Vec<&str> = path.iter().map(|line| line.module.as_str()).collect();
        assert_eq!(way, modules, "{distribution} {name}");
    }
}

#[test]
fn every_login_that_is_shipped_is_in_one_of_the_tables() {
    for (distribution, text, proven) in DISTRIBUTIONS {
        for name in services(&files(text)) {
            let part = ["common-", "system-", "password-", "postlogin", "su-l"]
                .iter()
                .any(|start| name.starts_with(start));
            let broken =
                BROKEN.iter().any(|(at, service, _)| (*at, *service) == (distribution, &*name));
            assert!(part || broken || proven.contains(&&*name), "{distribution} {name}");
        }
    }
}

#[test]
fn a_substack_keeps_fedoras_sufficient_lines_to_themselves() {
    let sudo = format!("auth substack system-auth\n{}", edit::render_line(RECOVERY));
    let files = stacks("Fedora 42").with("sudo", &sudo);
    assert_eq!(judged(&files, "sudo").verdict, Verdict::Proven);
}

#[test]
fn the_profile_for_authselect_that_the_guide_describes_is_proven() {
    let ours = "auth [success=ok ignore=ignore default=die] pam_fpass.so\n";
    let profile = format!(
        "auth required pam_env.so\nauth required pam_faildelay.so delay=2000000\n\
         auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\n{ours}\
         account required pam_unix.so\n"
    );
    let files = stacks("Fedora 42").with("system-auth", &profile).with("password-auth", &profile);
    for name in ["sudo", "su", "su-l", "login", "polkit-1"] {
        assert_eq!(judged(&files, name).verdict, Verdict::Proven, "{name}");
    }
    let gdm = "auth substack password-auth\nauth optional pam_gnome_keyring.so\n";
    assert_eq!(judged(&files.with("gdm-password", gdm), "gdm-password").verdict, Verdict::Proven);
}

/// Renders an authselect template whose only operator is `{if "feature" text}`, also negated.
fn rendered(template: &str, features: &[&str]) -> String {
    let mut parts = template.split("{if ");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let (condition, rest) = part.split_once('}').unwrap();
        let (feature, value) = condition.split_once(':').unwrap();
        let negated = feature.starts_with("not ");
        let name = feature.trim_start_matches("not ").trim_matches('"');
        if features.contains(&name) != negated {
            text.push_str(value);
        }
        text.push_str(rest);
    }
    text
}

#[test]
fn the_vendor_profile_for_authselect_is_proven_with_and_without_its_features() {
    let template = |name: &str| {
        let path = format!("packaging/rpm/authselect/{name}");
        std::fs::read_to_string(fpass_tests::tree::require(&path).unwrap()).unwrap()
    };
    for features in [&["without-recovery"][..], &["without-fpass-nullok"], &["without-nullok"], &[]]
    {
        let mut files = stacks("Fedora 42");
        for name in ["system-auth", "password-auth", "postlogin"] {
            files = files.with(name, &rendered(&template(name), features));
        }
        for name in ["sudo", "su", "su-l", "login", "polkit-1"] {
            assert_eq!(judged(&files, name).verdict, Verdict::Proven, "{features:?} {name}");
        }
        let ours = resolve(&files, "sudo");
        assert_eq!(recovery::offered_by(&ours).is_empty(), features.contains(&"without-recovery"));
        assert_eq!(lets_newcomers_in(&ours), !features.contains(&"without-fpass-nullok"));
    }
}

/// Whether users who never enrolled pass our line.
fn lets_newcomers_in(service: &Service) -> bool {
    let ours = service.stack(Facility::Auth).iter().find(|step| is_face_check(step)).unwrap();
    let StepKind::Module { arguments, .. } = &ours.kind else { panic!("{ours:?}") };
    arguments::read(Facility::Auth, arguments).unwrap().ignores_never_enrolled()
}

/// The line of the profile for pam-auth-update.
fn profile_line() -> String {
    let path = fpass_tests::tree::require("packaging/usr/share/pam-configs/fpass").unwrap();
    let profile = std::fs::read_to_string(path).unwrap();
    let (head, lines) = profile.split_once("\nAuth:\n\t").unwrap();
    assert!(head.contains("\nDefault: no\n") && head.contains("\nAuth-Type: Additional"));
    assert_eq!(lines.lines().count(), 1, "{lines}");
    format!("auth {lines}")
}

#[test]
fn what_pam_auth_update_makes_of_our_profile_is_proven_in_every_service() {
    let ours = profile_line();
    for distribution in ["Debian 12", "Debian 13", "Ubuntu 24.04"] {
        let shipped = stacks(distribution);
        let common = shipped.files[Path::new("/etc/pam.d/common-auth")]
            .replace("auth optional pam_cap.so", &format!("{ours}auth optional pam_cap.so"));
        let files = shipped.with("common-auth", &common);
        for name in ["sudo", "su", "su-l", "login", "gdm-password", "sddm", "polkit-1", "other"] {
            assert_eq!(judged(&files, name).verdict, Verdict::Proven, "{distribution} {name}");
        }
        assert_eq!(recovery::offered_by_others(&files), [], "{distribution}");
        // A user without an F-pass gets in by password, and everybody else by a recovery code.
        for name in ["sudo", "login", "gdm-password"] {
            let ours = resolve(&files, name);
            assert!(lets_newcomers_in(&ours), "{distribution} {name}");
            assert!(
                recovery::offered_by(&ours).contains(&Recovery::Codes),
                "{distribution} {name}"
            );
        }
    }
}

#[test]
fn the_shipped_examples_are_proven() {
    let example = |name| {
        let path = format!("packaging/usr/share/doc/fpass/pam.d/{name}");
        std::fs::read_to_string(fpass_tests::tree::require(&path).unwrap()).unwrap()
    };
    let files = stacks("Debian 12").with("own", &example("own-service"));
    assert_eq!(judged(&files, "own").verdict, Verdict::Proven);
    let files = stacks("Debian 12")
        .with("sudo", &example("include"))
        .with("common-session-noninteractive", "session required pam_unix.so\n");
    assert_eq!(judged(&files, "sudo").verdict, Verdict::Proven);
    let files = stacks("Debian 12").with("common-auth", &example("common-auth"));
    for name in ["sudo", "login", "gdm-password"] {
        assert_eq!(judged(&files, name).verdict, Verdict::Proven, "{name}");
    }
}
