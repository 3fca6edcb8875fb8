//! The administrator's policies of the private bus: who may own a name on it.

use std::fs;

use crate::TestbedError;

/// Where they are.
const FOLDER: &str = "/etc/dbus-1/system.d";

/// Lets root own these names and everybody call their owner, as the packages of the replaced
/// services do. The bus reads it when it starts.
pub(crate) fn open(names: &[&str]) -> Result<(), TestbedError> {
    let calls: String =
        names.iter().map(|name| format!("<allow send_destination=\"{name}\"/>")).collect();
    write("testbed", "root", names, &format!("<policy context=\"default\">{calls}</policy>\n"))
}

/// Writes one file, named after a reason and the first of the names.
pub(crate) fn write(
    reason: &str,
    user: &str,
    names: &[&str],
    further: &str,
) -> Result<(), TestbedError> {
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
