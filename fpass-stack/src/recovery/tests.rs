use super::*;
use crate::root::Memory;

const OURS: &str = "auth [success=ok ignore=ignore default=die] pam_fpass.so";
const PASSWORD: &str = "auth required pam_unix.so\n";

fn exempt(condition: &str, jump: &str) -> Vec<Recovery> {
    let text = format!(
        "{PASSWORD}auth [success={jump} default=ignore] pam_succeed_if.so {condition}\n{OURS}\n\
         auth optional pam_permit.so\n"
    );
    offered_by(&resolve(&Memory::default().with("login", &text), "login"))
}

#[test]
fn a_protected_service_offers_no_recovery_by_itself() {
    let files = Memory::default().with("login", &format!("{PASSWORD}{OURS}\n"));
    assert_eq!(offered_by(&resolve(&files, "login")), []);
    assert_eq!(offered_by_others(&files), []);
}

#[test]
fn an_exemption_that_differs_from_the_documented_one_does_not_count() {
    for (condition, jump) in [
        ("uid = 0 tty in tty1", "2"),
        ("uid = 0 tty in tty1", "ok"),
        ("uid >= 1000 tty in tty1", "1"),
        ("tty in tty1", "1"),
    ] {
        assert_eq!(exempt(condition, jump), [], "{condition} {jump}");
    }
}

#[test]
fn the_documented_exemption_counts() {
    assert_eq!(
        exempt("quiet uid = 0 tty in tty1:tty2", "1"),
        [Recovery::RootExempt { console: true }]
    );
    assert_eq!(exempt("quiet user = root", "1"), [Recovery::RootExempt { console: false }]);
}

#[test]
fn recovery_codes_count_if_the_line_accepts_them() {
    let files = Memory::default().with("login", &format!("{PASSWORD}{OURS} recovery\n"));
    assert_eq!(offered_by(&resolve(&files, "login")), [Recovery::Codes]);
}

#[test]
fn another_login_counts_if_root_can_use_it() {
    let found = [Recovery::RootThrough("login".to_owned())];
    let mut files = Memory::default().with("login", PASSWORD);
    assert_eq!(offered_by_others(&files), found);
    for (shadow, expected) in [
        ("root:!*:1::::::", &[][..]),
        ("root:*:1:", &[]),
        ("root::1:", &[]),
        ("daemon:*:1:\nroot:$y$x:1:", &found),
    ] {
        files.files.insert("/etc/shadow".into(), shadow.to_owned());
        assert_eq!(offered_by_others(&files), expected, "{shadow}");
    }
    let denied = format!("auth required pam_succeed_if.so user != root quiet\n{PASSWORD}");
    assert_eq!(offered_by_others(&Memory::default().with("gdm-password", &denied)), []);
    let open = "auth required pam_permit.so\n";
    assert_eq!(offered_by_others(&Memory::default().with("login", open)), []);
}

#[test]
fn a_lock_screen_is_no_way_back() {
    for name in ["kde", "swaylock", "physlock", "gdm-autologin"] {
        let files = Memory::default().with(name, PASSWORD);
        assert_eq!(offered_by_others(&files), [], "{name}");
    }
    for name in ["ly", "plasmalogin"] {
        let found = [Recovery::RootThrough(name.to_owned())];
        assert_eq!(offered_by_others(&Memory::default().with(name, PASSWORD)), found, "{name}");
    }
}
