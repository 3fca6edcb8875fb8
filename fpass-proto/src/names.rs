//! Names of the bus objects. They are fixed: no client may be pointed elsewhere.

/// Well-known bus name that `fpassd` owns on the system bus.
pub const BUS_NAME: &str = "org.fpass.Fpass1";
/// The one object that carries all interfaces.
pub const OBJECT_PATH: &str = "/org/fpass/Fpass1";
/// Interface for asking whether a user is in front of the camera.
pub const VERIFICATION_INTERFACE: &str = "org.fpass.Fpass1.Verification";
/// Interface for creating and maintaining templates.
pub const ENROLMENT_INTERFACE: &str = "org.fpass.Fpass1.Enrolment";
/// Interface for recovery codes.
pub const RECOVERY_INTERFACE: &str = "org.fpass.Fpass1.Recovery";
/// Interface for what root alone may do.
pub const ADMINISTRATION_INTERFACE: &str = "org.fpass.Fpass1.Administration";
/// Interface for carrying templates to other machines of the same owner.
pub const FLEET_INTERFACE: &str = "org.fpass.Fpass1.Fleet";
/// Interface for the state of the machine: cameras, models, version.
pub const MACHINE_INTERFACE: &str = "org.fpass.Fpass1.Machine";
/// Address of the system bus. The environment is never asked for it.
pub const SYSTEM_BUS_ADDRESS: &str = "unix:path=/run/dbus/system_bus_socket";
/// Account under which `fpassd` runs; besides root, the only admissible owner of [`BUS_NAME`].
pub const DAEMON_USER: &str = "fpassd";
