//! PAM stacks of the private machine.

use std::fs;

use crate::TestbedError;

/// The installed examples.
const EXAMPLES: &str = "/usr/share/doc/fpass/pam.d";

/// Services with the shipped examples: `own-service`; `common-auth`, included; and `include`, for
/// sudo, which includes a `common-auth` without our line.
pub const SHIPPED: [&str; 3] = ["fpass-test", "fpass-debian", "sudo"];

/// The service with the example that requires a set-up.
pub const SET_UP: &str = "fpass-set-up";

/// The shipped line, without arguments.
pub const FACE_LINE: &str = "auth [success=ok ignore=ignore default=die] pam_fpass.so";

/// The password line, without the pause after a wrong password. A wrong password ends the stack, so
/// no face is checked before it is right.
pub const PASSWORD_LINE: &str = "auth requisite pam_unix.so nodelay";

/// A service of its own: password, then face.
#[must_use]
pub fn own(arguments: &str) -> String {
    format!("{PASSWORD_LINE}\n{FACE_LINE} {arguments}\naccount required pam_unix.so\n")
}

/// Writes a service file.
pub(crate) fn write(service: &str, text: &str) -> Result<(), TestbedError> {
    let path = format!("/etc/pam.d/{service}");
    fs::write(&path, text).map_err(TestbedError::io(format!("writing {path}")))
}

/// Writes the stacks that every private machine has.
pub(crate) fn write_all() -> Result<(), TestbedError> {
    let common = example("common-auth")?;
    let own_common: String = common.split_inclusive('\n').filter(|line| !is_ours(line)).collect();
    write("common-auth", &own_common)?;
    write("common-account", "account required pam_unix.so\n")?;
    write("common-session-noninteractive", "session required pam_permit.so\n")?;

    write("fpass-test", &example("own-service")?)?;
    write("fpass-common-auth", &common)?;
    write("fpass-debian", "@include fpass-common-auth\n@include common-account\n")?;
    write("sudo", &example("include")?)?;
    write(SET_UP, &example("set-up")?)?;
    write("fpass-nullok", &own("nullok"))
}

/// A shipped example, without the pause after a wrong password.
fn example(name: &str) -> Result<String, TestbedError> {
    let path = format!("{EXAMPLES}/{name}");
    let text = fs::read_to_string(&path).map_err(TestbedError::io(format!("reading {path}")))?;
    Ok(text
        .split_inclusive('\n')
        .map(|line| match line.split_whitespace().next() {
            Some("auth") => line.replace("pam_unix.so", "pam_unix.so nodelay"),
            _ => line.to_owned(),
        })
        .collect())
}

fn is_ours(line: &str) -> bool {
    line.starts_with("auth") && line.contains("pam_fpass.so")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_example_holds_the_one_line() {
        let folder = crate::tree::require("packaging").unwrap().join(&EXAMPLES[1..]);
        for name in ["own-service", "common-auth", "include", "set-up", "root-console"] {
            let text = fs::read_to_string(folder.join(name)).unwrap();
            let lines: Vec<&str> = text.lines().filter(|line| is_ours(line)).collect();
            let [line] = lines[..] else { panic!("{name}: {lines:?}") };
            let words: Vec<&str> = line.split_whitespace().collect();
            assert!(words.join(" ").starts_with(FACE_LINE), "{name}: {line}");
        }
    }
}
