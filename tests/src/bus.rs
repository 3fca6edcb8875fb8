//! The private bus: who may own a name on it, and who owns it.

use std::fs;

use crate::{Run, Testbed, TestbedError};

/// The administrator's policies.
const FOLDER: &str = "/etc/dbus-1/system.d";

/// Lets root own these names and everybody call their owner, as the packages of the replaced
/// services do. The bus reads it when it starts.
pub(crate) fn open(names: &[&str]) -> Result<(), TestbedError> {
    let calls: String =
        names.iter().map(|name| format!("<allow send_destination=\"{name}\"/>")).collect();
    write("testbed", "root", names, &format!("<policy context=\"default\">{calls}</policy>\n"))
}

/// An administrator's mistake: the policy lets this account own the name. On return the bus has
/// read it.
///
/// # Errors
/// Says why it cannot be written, or what the bus answered.
pub fn let_own(testbed: &Testbed, user: &str, name: &str) -> Result<(), TestbedError> {
    write("mistake", user, &[name], "")?;
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

/// One file for a reason and the first of the names.
fn write(reason: &str, user: &str, names: &[&str], further: &str) -> Result<(), TestbedError> {
    let path = format!("{FOLDER}/{reason}-{}.conf", names.first().unwrap_or(&"nothing"));
    let names: String = names.iter().map(|name| format!("<allow own=\"{name}\"/>")).collect();
    let text = format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n \
         \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n<busconfig>\n\
         <policy user=\"{user}\">{names}</policy>\n{further}</busconfig>\n"
    );
    fs::create_dir_all(FOLDER)
        .and_then(|()| fs::write(&path, text))
        .map_err(TestbedError::io(format!("writing {path}")))
}
