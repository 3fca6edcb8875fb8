//! The private bus: who owns a name on it, and a policy that lets another account own one.

use crate::{Run, Testbed, TestbedError, bus_policy};

/// An administrator's mistake: the policy lets this account own the name. On return the bus has
/// read it.
///
/// # Errors
/// Says why it cannot be written, or what the bus answered.
pub fn let_own(testbed: &Testbed, user: &str, names: &[&str]) -> Result<(), TestbedError> {
    bus_policy::write("mistake", user, names, "")?;
    let run = ask(testbed, "ReloadConfig", &[])?;
    if run.code == Some(0) {
        return Ok(());
    }
    Err(TestbedError::Answer { program: "dbus-daemon", output: run.stdout + &run.stderr })
}

/// Whether somebody owns the name.
pub(crate) fn is_owned(testbed: &Testbed, name: &str) -> bool {
    let run = ask(testbed, "GetNameOwner", &[&format!("string:{name}")]);
    run.is_ok_and(|run| run.code == Some(0))
}

/// Calls a method of the bus itself, as root.
fn ask(testbed: &Testbed, member: &str, arguments: &[&str]) -> Result<Run, TestbedError> {
    const BUS: &str = "org.freedesktop.DBus";
    let (destination, method) = (format!("--dest={BUS}"), format!("{BUS}.{member}"));
    let call =
        ["--system", "--print-reply=literal", &destination, "/org/freedesktop/DBus", &method];
    testbed.run("root", "dbus-send", &[&call, arguments].concat())
}
