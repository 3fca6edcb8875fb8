//! The stacks around the module.

use std::fs;

use fpass_tests::stack::FACE_LINE;

/// A stack with places for the module that asks for the password and for our arguments.
#[derive(Clone)]
pub(crate) struct Stack {
    pub(crate) name: &'static str,
    text: String,
}

/// The password module of nearly every row.
pub(crate) const PASSWORD: &str = "pam_unix.so nodelay";

impl Stack {
    /// A stack that is fixed except for our arguments.
    pub(crate) fn literal(name: &'static str, text: String) -> Self {
        Self { name, text }
    }

    /// The file of a service.
    pub(crate) fn text(&self, password: &str, arguments: &str) -> String {
        self.text.replace("PASSWORD", password).replace("ARGUMENTS", arguments)
    }
}

/// The password comes before our line, and a wrong one ends the attempt.
pub(crate) fn shipped() -> Stack {
    let text = format!("auth requisite PASSWORD\n{FACE_LINE} ARGUMENTS\n");
    Stack { name: "shipped", text }
}

/// All five kinds.
pub(crate) fn all() -> Vec<Stack> {
    let required = "auth required PASSWORD\nauth required pam_fpass.so ARGUMENTS\n".to_owned();
    let first = format!("{FACE_LINE} ARGUMENTS sole_factor\nauth required PASSWORD\n");
    let last = "auth required PASSWORD\nauth required pam_permit.so\n\
        auth [success=ok new_authtok_reqd=ok ignore=ignore default=bad] pam_fpass.so ARGUMENTS\n"
        .to_owned();
    vec![
        shipped(),
        Stack { name: "required", text: required },
        Stack { name: "debian", text: debian() },
        Stack { name: "first", text: first },
        Stack { name: "last", text: last },
    ]
}

/// The shipped common-auth.
fn debian() -> String {
    let shipped = fs::read_to_string("/usr/share/doc/fpass/pam.d/common-auth").unwrap();
    let text = shipped
        .replace("pam_unix.so nullok", "PASSWORD")
        .replace("pam_fpass.so nullok recovery announce", "pam_fpass.so ARGUMENTS");
    assert!(text.contains("PASSWORD") && text.contains("ARGUMENTS"), "{text}");
    text
}
