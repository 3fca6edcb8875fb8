//! Names of the bus objects. They are fixed, so that no client can be redirected.

use crate::Uid;

/// Well-known bus name that `fpassd` owns on the system bus.
pub const BUS_NAME: &str = "org.fpass.Fpass1";
/// Bus name of the connection over which `fpassd` asks others. The policy of the bus refuses what
/// others send to it.
pub const QUESTIONS_BUS_NAME: &str = "org.fpass.Fpass1.Questions";
/// The one object that carries all interfaces.
pub const OBJECT_PATH: &str = "/org/fpass/Fpass1";
/// Interface for asking whether a user is in front of the camera.
pub const VERIFICATION_INTERFACE: &str = "org.fpass.Fpass1.Verification";
/// Interface for creating and maintaining templates.
pub const ENROLMENT_INTERFACE: &str = "org.fpass.Fpass1.Enrolment";
/// Interface for recovery codes.
pub const RECOVERY_INTERFACE: &str = "org.fpass.Fpass1.Recovery";
/// Interface for calls that only root may make.
pub const ADMINISTRATION_INTERFACE: &str = "org.fpass.Fpass1.Administration";
/// Interface for moving templates to other computers of the same owner.
pub const FLEET_INTERFACE: &str = "org.fpass.Fpass1.Fleet";
/// Interface for the state of the computer: cameras, models, version.
pub const MACHINE_INTERFACE: &str = "org.fpass.Fpass1.Machine";
/// Address of the system bus. The environment cannot change it.
pub const SYSTEM_BUS_ADDRESS: &str = "unix:path=/run/dbus/system_bus_socket";
/// Directory of the sockets of `fpassd`. The service manager creates it for [`DAEMON_USER`].
pub const SOCKETS: &str = "/run/fpass";
/// Socket on which `fpassd` answers `Verify` for root, without the bus.
pub const ROOT_SOCKET: &str = "/run/fpass/root.socket";
/// Account under which `fpassd` runs: with root, the only allowed owner of [`BUS_NAME`].
pub const DAEMON_USER: &str = "fpassd";

/// Whether an account may own [`BUS_NAME`]: root, or `daemon`, the account [`DAEMON_USER`] if the
/// computer has one. Clients must check this before they trust an answer.
#[must_use]
pub fn may_own_bus_name(owner: Uid, daemon: Option<Uid>) -> bool {
    owner.is_root() || daemon == Some(owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_root_and_the_daemons_account_may_own_the_name() {
        let daemon = Uid(990);
        for (owner, account, allowed) in [
            (Uid::ROOT, None, true),
            (Uid::ROOT, Some(daemon), true),
            (daemon, Some(daemon), true),
            (daemon, None, false),
            (Uid(1000), Some(daemon), false),
            (Uid(1000), None, false),
        ] {
            assert_eq!(may_own_bus_name(owner, account), allowed, "{owner} {account:?}");
        }
    }
}
