//! Bounds on what crosses the bus, shared so that both ends refuse the same things.

use std::time::Duration;

/// Longest user name in bytes: `LOGIN_NAME_MAX` on Linux without its terminating NUL.
pub const USER_NAME_MAX: usize = 255;
/// Longest PAM service name in bytes.
pub const SERVICE_NAME_MAX: usize = 64;
/// Longest terminal name in bytes.
pub const TERMINAL_MAX: usize = 64;
/// Longest template label in bytes.
pub const LABEL_MAX: usize = 64;
/// Most labelled templates one user may hold.
pub const TEMPLATES_MAX: usize = 8;
/// Number of recovery codes that one user holds.
pub const RECOVERY_CODES: usize = 10;
/// Longest text that is taken for a recovery code, in bytes.
pub const RECOVERY_CODE_MAX: usize = 64;
/// Time that checking a recovery code may take once it is typed.
pub const RECOVERY_LIMIT: Duration = Duration::from_secs(5);
/// Largest bundle of templates in bytes.
pub const BUNDLE_MAX: usize = 1024 * 1024;
/// Time one PAM attempt may take when the PAM line does not say otherwise.
pub const DEADLINE_DEFAULT: Duration = Duration::from_secs(10);
/// Longest time that a PAM line may ask for.
pub const DEADLINE_CAP: Duration = Duration::from_secs(30);
/// Shortest time that a PAM line may ask for.
pub const DEADLINE_FLOOR: Duration = Duration::from_secs(1);
/// What a client keeps back of its deadline so that the daemon's answer still arrives in time.
pub const DEADLINE_MARGIN: Duration = Duration::from_millis(500);
/// Longest time that one try of setting up an F-pass at a login may take.
pub const SET_UP_MAX: Duration = Duration::from_secs(120);
/// Longest time that somebody may take to confirm a request with a password.
pub const AUTHENTICATION_MAX: Duration = Duration::from_secs(120);
