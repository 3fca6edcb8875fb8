//! Terminals: their device numbers, their owners, and when somebody last typed at them.

use std::{fs, io, os::unix::fs::MetadataExt, time::Duration};

use fpass_proto::Uid;
use nix::time::{ClockId, clock_gettime};

use super::facts::LastInput;

/// Major device number of virtual consoles and serial lines. Consoles are numbered below 64.
const CONSOLES: u32 = 4;
const CONSOLES_END: u32 = 64;
/// Major device number of pseudo terminals.
const PSEUDO: u32 = 136;

/// Without input for this long, nobody is typing at a terminal.
const IDLE_AFTER: Duration = Duration::from_secs(10 * 60);

/// A terminal that a person can type at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Terminal {
    /// A virtual console, which only the keyboard of the machine feeds.
    Console(u32),
    /// A pseudo terminal, which the program that made it feeds.
    Pseudo(u32),
    /// A serial line, or a device that is not known here.
    Other,
}

impl Terminal {
    /// The terminal of a `tty_nr` field, see `proc_pid_stat(5)`; 0 means none.
    pub(super) fn from_tty_nr(tty_nr: u32) -> Option<Self> {
        if tty_nr == 0 {
            return None;
        }
        let major = (tty_nr >> 8) & 0xfff;
        let minor = (tty_nr & 0xff) | ((tty_nr >> 12) & 0xf_ff00);
        Some(match major {
            CONSOLES if (1..CONSOLES_END).contains(&minor) => Self::Console(minor),
            PSEUDO => Self::Pseudo(minor),
            _ => Self::Other,
        })
    }

    /// The terminal that logind names, without `/dev/`.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        let number = |digits: &str| digits.parse().ok();
        match name {
            "" => None,
            _ => Some(match (name.strip_prefix("tty"), name.strip_prefix("pts/")) {
                (Some(digits), _) => number(digits).map_or(Self::Other, Self::Console),
                (_, Some(digits)) => number(digits).map_or(Self::Other, Self::Pseudo),
                (None, None) => Self::Other,
            }),
        }
    }

    /// The user who owns a pseudo terminal: the program that made it runs as that user.
    ///
    /// # Errors
    /// It cannot be looked at.
    pub(super) fn owner(self) -> io::Result<Option<Uid>> {
        let Self::Pseudo(number) = self else { return Ok(None) };
        fs::metadata(pseudo_path(number)).map(|metadata| Some(Uid(metadata.uid())))
    }

    /// When somebody last typed at it.
    pub(super) fn last_input(self) -> LastInput {
        let Self::Pseudo(number) = self else { return LastInput::Unknown };
        match (fs::metadata(pseudo_path(number)), now()) {
            // The kernel sets the time of access when input is read. A user can set that time too;
            // the kernel then notes the time of that change, which nobody can set.
            (Ok(metadata), Some(now)) => judge(metadata.atime().max(metadata.ctime()), now),
            // It may be gone, or in a file system of pseudo terminals that a user mounted.
            _ => LastInput::Unknown,
        }
    }
}

/// Whether input at `then` is recent at `now`, in seconds since the Unix epoch. A time in the
/// future is recent: the clock was set back.
fn judge(then: i64, now: i64) -> LastInput {
    let idle = i64::try_from(IDLE_AFTER.as_secs()).unwrap_or(i64::MAX);
    if now.saturating_sub(then) < idle { LastInput::Recent } else { LastInput::LongAgo }
}

fn now() -> Option<i64> {
    clock_gettime(ClockId::CLOCK_REALTIME).ok().map(|time| time.tv_sec())
}

fn pseudo_path(number: u32) -> String {
    format!("/dev/pts/{number}")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::seat::typed_terminal::TypedTerminal;

    #[test]
    fn a_device_number_names_its_terminal() {
        for (tty_nr, terminal) in [
            (0, None),
            (0x0401, Some(Terminal::Console(1))),
            (0x043f, Some(Terminal::Console(63))),
            // tty0 is the console in front, and 64 is the first serial line.
            (0x0400, Some(Terminal::Other)),
            (0x0440, Some(Terminal::Other)),
            (0x8800, Some(Terminal::Pseudo(0))),
            (0x88ff, Some(Terminal::Pseudo(255))),
            (0x0010_8800, Some(Terminal::Pseudo(256))),
            (0x0501, Some(Terminal::Other)),
            (u32::MAX, Some(Terminal::Other)),
        ] {
            assert_eq!(Terminal::from_tty_nr(tty_nr), terminal, "{tty_nr:#x}");
        }
    }

    #[test]
    fn a_name_of_logind_names_its_terminal() {
        for (name, terminal) in [
            ("", None),
            ("tty3", Some(Terminal::Console(3))),
            ("pts/12", Some(Terminal::Pseudo(12))),
            ("pts/../tty3", Some(Terminal::Other)),
            ("ttyS0", Some(Terminal::Other)),
            ("ssh", Some(Terminal::Other)),
        ] {
            assert_eq!(Terminal::from_name(name), terminal, "{name:?}");
        }
    }

    #[test]
    fn input_is_recent_for_ten_minutes_and_in_the_future() {
        for (then, input) in [
            (1_000_000, LastInput::Recent),
            (999_401, LastInput::Recent),
            (999_400, LastInput::LongAgo),
            (1_000_001, LastInput::Recent),
            (i64::MAX, LastInput::Recent),
            (i64::MIN, LastInput::LongAgo),
        ] {
            assert_eq!(judge(then, 1_000_000), input, "{then}");
        }
    }

    #[test]
    fn a_terminal_that_is_gone_and_one_that_is_not_a_pseudo_terminal_tell_nothing() {
        assert_eq!(Terminal::Pseudo(u32::MAX).last_input(), LastInput::Unknown);
        assert_eq!(Terminal::Console(1).last_input(), LastInput::Unknown);
        assert_eq!(Terminal::Other.last_input(), LastInput::Unknown);
    }

    #[test]
    fn a_user_who_sets_the_time_of_access_back_hides_no_input() {
        let typed = TypedTerminal::open();
        let terminal = typed.terminal();
        assert!(matches!(terminal, Terminal::Pseudo(_)), "{terminal:?}");
        assert_eq!(terminal.last_input(), LastInput::Recent);
        let long_ago = Command::new("touch").args(["-a", "-d", "@0"]).arg(typed.path()).status();
        assert!(long_ago.unwrap().success());
        assert_eq!(fs::metadata(typed.path()).unwrap().atime(), 0);
        assert_eq!(terminal.last_input(), LastInput::Recent);
    }
}
