//! Sessions from elsewhere, through which somebody may type at the programs of a user.

use std::{
    collections::HashSet,
    io,
    pin::pin,
    time::{Duration, Instant},
};

use fpass_proto::Uid;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    facts::{FarSession, LastInput, Origin, SessionClass, SessionState, Typists},
    logind::{LoginSession, Logind},
    not_local::NotLocal,
    process_tree::{self, UserProcess},
    sessions::KnownSessions,
    terminal::Terminal,
    unit,
};

/// Longest time for one scan of all processes.
const SCAN_MAX: Duration = Duration::from_secs(2);
/// Most questions about these sessions at the same time; one about the caller's own session may be
/// open as well. See `turns.rs`.
const QUESTIONS_MAX: usize = 3;
/// Most sessions of one user that are examined.
const SESSIONS_MAX: usize = 64;

/// Looks up who may be typing at a process in no session. `sessions` are all sessions.
pub(super) async fn typists_outside(
    logind: &Logind<'_>,
    process: u32,
    origin: &Origin,
    sessions: &KnownSessions,
) -> Typists {
    let owner = match origin {
        Origin::Session(session) => Some(session.uid),
        Origin::UserManager(owner) => Some(*owner),
        Origin::Service(unit) => unit::peer_of(unit),
        Origin::Elsewhere => None,
    };
    let far_sessions = match owner {
        Some(owner) => far_sessions(logind, process, owner, sessions).await,
        // Nobody types at a login screen or console through the programs of a user.
        None => Ok(Vec::new()),
    };
    Typists { at_own_console: false, far_sessions }
}

/// Whether the terminal of a process is the virtual console of its own session.
pub(super) fn is_at_own_console(process: u32, own: &LoginSession) -> bool {
    match process_tree::terminal_of(process) {
        Ok(Some(Terminal::Console(number))) => own.console() == Some(number),
        _ => false,
    }
}

/// The sessions from elsewhere of the user who owns the caller's session, and of everybody who
/// feeds that user's programs. `sessions` are all sessions.
pub(super) async fn far_sessions(
    logind: &Logind<'_>,
    process: u32,
    owner: Uid,
    sessions: &KnownSessions,
) -> Result<Vec<FarSession>, NotLocal> {
    let terminal = process_tree::terminal_of(process).map_err(|error| tree_unknown(&error))?;
    let processes = processes_of(owner).await?;
    let feeders = feeders(owner, terminal, &processes).map_err(|error| tree_unknown(&error))?;
    let mut found = far_sessions_of(logind, owner, sessions, &processes).await?;
    // In turn: each scan of the processes takes a thread.
    for user in feeders {
        let processes = processes_of(user).await?;
        found.extend(far_sessions_of(logind, user, sessions, &processes).await?);
    }
    Ok(found)
}

async fn processes_of(user: Uid) -> Result<Vec<UserProcess>, NotLocal> {
    let deadline = Instant::now() + SCAN_MAX;
    let look_up = tokio::task::spawn_blocking(move || process_tree::processes_of(user, deadline));
    look_up
        .await
        .map_err(|error| NotLocal::Unanswered(error.to_string()))?
        .map_err(|error| tree_unknown(&error))
}

/// The other users who own the caller's terminal, or a terminal of one of these processes. A
/// multiplexer may run as another user; and a process that `su` started in the session of another
/// user can leave the scope of that session, but keeps its terminal.
fn feeders(
    owner: Uid,
    terminal: Option<Terminal>,
    processes: &[UserProcess],
) -> io::Result<HashSet<Uid>> {
    let mut users: HashSet<Uid> = HashSet::new();
    users.extend(terminal.map_or(Ok(None), Terminal::owner)?);
    let terminals: HashSet<Terminal> =
        processes.iter().filter_map(|process| process.terminal).collect();
    for terminal in terminals {
        match terminal.owner() {
            Ok(user) => users.extend(user),
            // It is gone, so nobody feeds it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    // Root needs no face.
    users.retain(|user| *user != owner && !user.is_root());
    Ok(users)
}

/// The sessions from elsewhere that belong to a user, or in which one of that user's processes
/// runs.
async fn far_sessions_of(
    logind: &Logind<'_>,
    user: Uid,
    sessions: &KnownSessions,
    processes: &[UserProcess],
) -> Result<Vec<FarSession>, NotLocal> {
    let mut paths = sessions.of_user(user);
    let others: HashSet<&String> =
        processes.iter().filter_map(|process| process.session.as_ref()).collect();
    let unlisted: Vec<&String> = others.into_iter().filter(|id| !paths.contains_key(*id)).collect();
    if paths.len() + unlisted.len() > SESSIONS_MAX {
        return Err(NotLocal::Invalid("the number of sessions"));
    }
    for id in unlisted {
        if let Some(path) = logind.session_path(id).await? {
            paths.insert(id.clone(), path);
        }
    }
    let answers = stream::iter(paths).map(async |(id, path)| {
        let session = sessions.session_if_any(logind, &path).await?;
        Ok::<_, NotLocal>((id, session))
    });
    let mut answers = pin!(answers.buffer_unordered(QUESTIONS_MAX));
    let mut found = Vec::new();
    while let Some((id, session)) = answers.try_next().await? {
        // One that ended meanwhile is left out.
        if let Some(session) = session
            && is_far(&session)
        {
            let closing = session.session.state == SessionState::Closing;
            found.push(FarSession { closing, input: last_input(&session, &id, processes) });
        }
    }
    Ok(found)
}

/// Whether the people of a session are not at the camera: it is remote, or somebody works in it who
/// is not at the camera's seat.
fn is_far(LoginSession { session, .. }: &LoginSession) -> bool {
    let works = session.class == SessionClass::User && session.displayed;
    session.remote || (works && !session.at_camera)
}

/// The last input in a session from elsewhere, as its terminals tell.
fn last_input(session: &LoginSession, id: &str, processes: &[UserProcess]) -> LastInput {
    // A desktop gets its input in other ways.
    if !session.is_text {
        return LastInput::Unknown;
    }
    let closing = session.session.state == SessionState::Closing;
    let inside = processes.iter().filter(|process| process.session.as_deref() == Some(id));
    let mut terminals: HashSet<Terminal> = inside.filter_map(|process| process.terminal).collect();
    // The first terminal of a session that has ended may belong to another one by now.
    terminals.extend(session.terminal.filter(|_| !closing));
    let inputs: Vec<LastInput> = terminals.into_iter().map(Terminal::last_input).collect();
    latest(&inputs)
}

/// The latest of several inputs.
fn latest(inputs: &[LastInput]) -> LastInput {
    if inputs.contains(&LastInput::Recent) {
        LastInput::Recent
    } else if inputs.is_empty() || inputs.contains(&LastInput::Unknown) {
        LastInput::Unknown
    } else {
        LastInput::LongAgo
    }
}

fn tree_unknown(error: &io::Error) -> NotLocal {
    NotLocal::TreeUnknown(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::{MetadataExt, chown},
    };

    use super::*;
    use crate::seat::{facts::Session, typed_terminal::TypedTerminal};

    fn session(change: impl FnOnce(&mut Session)) -> LoginSession {
        let mut session = Session {
            uid: Uid(1000),
            remote: true,
            active: true,
            state: SessionState::Active,
            at_camera: false,
            class: SessionClass::User,
            displayed: true,
            locked: false,
            identity: None,
        };
        change(&mut session);
        LoginSession { session, terminal: None, is_text: true }
    }

    #[test]
    fn a_session_is_far_if_it_is_remote_or_people_work_in_it_away_from_the_seat() {
        assert!(is_far(&session(|_| {})));
        assert!(is_far(&session(|s| s.displayed = false)));
        assert!(is_far(&session(|s| s.remote = false)), "a desktop without a seat");
        assert!(!is_far(&session(|s| (s.remote, s.at_camera) = (false, true))));
        assert!(!is_far(&session(|s| (s.remote, s.displayed) = (false, false))), "cron");
        assert!(!is_far(&session(|s| (s.remote, s.class) = (false, SessionClass::Other))));
    }

    #[test]
    fn the_last_input_is_the_latest_and_unknown_when_one_terminal_does_not_tell() {
        use LastInput::{LongAgo, Recent, Unknown};
        for (inputs, expected) in [
            (&[][..], Unknown),
            (&[LongAgo], LongAgo),
            (&[LongAgo, LongAgo], LongAgo),
            (&[LongAgo, Unknown], Unknown),
            (&[Unknown, Recent], Recent),
            (&[LongAgo, Recent], Recent),
        ] {
            assert_eq!(latest(inputs), expected, "{inputs:?}");
        }
    }

    #[test]
    fn the_terminals_of_a_session_are_those_of_its_processes_and_while_it_is_open_its_own() {
        let gone = Some(Terminal::Pseudo(u32::MAX));
        let process = |id: &str, terminal| UserProcess { session: Some(id.to_owned()), terminal };
        let other = process("7", Some(Terminal::Other));
        let open = LoginSession { terminal: gone, ..session(|_| {}) };
        // ssh keeps a connection open after its terminal has gone, and carries commands on it.
        assert_eq!(last_input(&open, "5", std::slice::from_ref(&other)), LastInput::Unknown);
        let closing = LoginSession {
            terminal: gone,
            ..session(|session| session.state = SessionState::Closing)
        };
        assert_eq!(last_input(&closing, "5", &[]), LastInput::Unknown);
        assert_eq!(last_input(&closing, "5", &[process("5", gone)]), LastInput::Unknown);
        assert_eq!(last_input(&open, "7", &[other]), LastInput::Unknown);
        let desktop = LoginSession { is_text: false, ..open };
        assert_eq!(last_input(&desktop, "5", &[process("5", gone)]), LastInput::Unknown);
    }

    #[test]
    fn the_owner_of_a_terminal_of_a_process_can_type_at_it() {
        let typed = TypedTerminal::open();
        let terminal = Some(typed.terminal());
        let mut feeder = fs::metadata(typed.path()).unwrap().uid();
        if feeder == 0 {
            feeder = 65_534;
            chown(typed.path(), Some(feeder), None).unwrap();
        }
        let process = |terminal| UserProcess { session: None, terminal };
        // Out of the scope of any session, as below a service manager.
        let found = |owner| feeders(owner, None, &[process(None), process(terminal)]).unwrap();
        let (feeder, other) = (Uid(feeder), Uid(feeder - 1));
        assert_eq!(found(other), HashSet::from([feeder]));
        assert!(found(feeder).is_empty());
        let gone = Some(Terminal::Pseudo(u32::MAX));
        assert!(feeders(other, None, &[process(gone)]).unwrap().is_empty());
        assert!(feeders(other, gone, &[]).is_err(), "the caller's terminal must be known");
    }
}
