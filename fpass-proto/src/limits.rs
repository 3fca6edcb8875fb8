//! Bounds on what crosses the bus, shared so that both ends apply the same ones.

use std::time::Duration;

/// Longest user name in bytes: `LOGIN_NAME_MAX` on Linux without its terminating NUL.
pub const USER_NAME_MAX: usize = 255;
/// Longest PAM service name in bytes.
pub const SERVICE_NAME_MAX: usize = 64;
/// Longest terminal name in bytes.
pub const TERMINAL_MAX: usize = 64;
/// Longest template label in bytes.
pub const LABEL_MAX: usize = 64;
/// Longest text that the module shows on a login screen, in characters. GNOME's holds each text for
/// 48 ms a letter and at least 2 s before it shows the next one.
pub const SCREEN_TEXT_MAX: usize = 60;
/// Most prompts of one attempt. A caller shows no more than these.
pub const PROMPTS_MAX: usize = 8;
/// Most signals of one attempt about how far the head has turned.
pub const TURN_SIGNALS_MAX: usize = 200;
/// Shortest time between two of them.
pub const TURN_SIGNAL_EVERY: Duration = Duration::from_millis(200);
/// Most words of [`FaceFeedback`](crate::FaceFeedback) during one attempt.
pub const FEEDBACK_MAX: usize = 64;
/// Shortest time between two of them.
pub const FEEDBACK_INTERVAL: Duration = Duration::from_millis(250);
/// Most labelled templates one user may hold.
pub const TEMPLATES_MAX: usize = 8;
/// Most pixels in a row of the picture that an enrolling person sees.
pub const PICTURE_WIDTH_MAX: u32 = 320;
/// Most rows of that picture.
pub const PICTURE_HEIGHT_MAX: u32 = 240;
/// Entries in the history of a user's attempts.
pub const PAST_ATTEMPTS: usize = 16;
/// Number of recovery codes that one user holds.
pub const RECOVERY_CODES: usize = 10;
/// Longest accepted text of a recovery code, in bytes.
pub const RECOVERY_CODE_MAX: usize = 64;
/// Longest time for checking a recovery code once it is typed.
pub const RECOVERY_LIMIT: Duration = Duration::from_secs(5);
/// Largest bundle of templates in bytes.
pub const BUNDLE_MAX: usize = 1024 * 1024;
/// Deadline of a PAM attempt when the PAM line sets none.
pub const DEADLINE_DEFAULT: Duration = Duration::from_secs(20);
/// Longest deadline that a PAM line may set.
pub const DEADLINE_CAP: Duration = Duration::from_secs(40);
/// Shortest deadline that a PAM line may set.
pub const DEADLINE_FLOOR: Duration = Duration::from_secs(1);
/// Time that a client subtracts from its deadline, so that the daemon's answer still arrives.
pub const DEADLINE_MARGIN: Duration = Duration::from_millis(500);
/// Longest time for one attempt at setting up an F-pass at a login.
pub const SET_UP_MAX: Duration = Duration::from_secs(120);
/// Longest time for confirming a request with a password.
pub const AUTHENTICATION_MAX: Duration = Duration::from_secs(120);
