use super::*;
use crate::root::Memory;

const OURS: &str = "auth [success=ok ignore=ignore default=die] pam_fpass.so";
const PASSWORD: &str = "auth required pam_unix.so\n";

fn exempt(condition: &str, jump: &str) -> Vec<Recovery> {
    let text = format!(
        "{PASSWORD}auth [success={jump} default=ignore] pam_succeed_if.so {condition}\n{OURS}\n\
         auth optional pam_permit.so\n"
    );
    own(&service(&Memory::default().with("login", &text), "login"))
}

#[test]
fn a_protected_service_offers_no_way_back_by_itself() {
    let files = Memory::default().with("login", &format!("{PASSWORD}{OURS}\n"));
    assert_eq!(own(&service(&files, "login")), []);
    assert_eq!(through_others(&files), []);
}

#[test]
fn what_is_not_the_documented_exemption_does_not_count() {
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
fn recovery_codes_count_where_the_line_accepts_them() {
    let files = Memory::default().with("login", &format!("{PASSWORD}{OURS} recovery\n"));
    assert_eq!(own(&service(&files, "login")), [Recovery::Codes]);
}

#[test]
fn another_login_counts_if_root_gets_in_there() {
    let found = [Recovery::RootThrough("login".to_owned())];
    let mut files = Memory::default().with("login", PASSWORD);
    assert_eq!(through_others(&files), found);
    for (shadow, expected) in [
        ("root:!*:1::::::", &[][..]),
        ("root:*:1:", &[]),
        ("root::1:", &[]),
        ("daemon:*:1:\nroot:$y$x:1:", &found),
    ] {
        files.files.insert("/etc/shadow".into(), shadow.to_owned());
        assert_eq!(through_others(&files), expected, "{shadow}");
    }
    let denied = format!("auth required pam_succeed_if.so user != root quiet\n{PASSWORD}");
    assert_eq!(through_others(&Memory::default().with("gdm-password", &denied)), []);
    let open = "auth required pam_permit.so\n";
    assert_eq!(through_others(&Memory::default().with("login", open)), []);
}
