//! Watches logind while attempts run, and revokes leases when sessions or the machine change.

use std::collections::HashMap;

use futures_util::StreamExt;
use tokio::task::JoinHandle;
use zbus::{
    Connection, MatchRule, Message, MessageStream, OwnedObjectPath, OwnedVariant,
    fdo::DBusProxy,
    message::Type,
    names::{BusName, OwnedUniqueName, WellKnownName},
};

use super::{
    leases::SeatLeases,
    logind::{LOGIN, LOGIN_PATH, MANAGER, PROPERTIES, SEAT, SEAT_PATH, SESSION},
};

/// Names of properties and their values.
type Changed = HashMap<String, OwnedVariant>;

/// Which leases an event revokes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Effect {
    /// None.
    Nothing,
    /// Those that depend on this session.
    Session(String),
    /// All.
    All,
}

/// Starts a task that revokes leases when the sessions that they depend on change.
///
/// # Errors
/// The bus refuses the subscription.
pub(crate) async fn watch(
    connection: &Connection,
    leases: SeatLeases,
) -> zbus::Result<JoinHandle<()>> {
    let login = WellKnownName::try_from(LOGIN)?;
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(login.clone())
        .path_namespace(LOGIN_PATH)
        .build()?;
    let mut events = MessageStream::for_match_rule(rule, connection, None).await?;
    let bus = DBusProxy::new(connection).await?;
    let mut owners = bus.receive_name_owner_changed_with_args(&[(0, LOGIN)]).await?;
    // Without logind the name has no owner; each look-up about a caller then fails.
    let mut owner: Option<OwnedUniqueName> =
        bus.get_name_owner(BusName::WellKnown(login)).await.ok();
    let end = CloseOnDrop(leases.clone());
    Ok(tokio::spawn(async move {
        let _end = end;
        loop {
            tokio::select! {
                biased;
                change = owners.next() => {
                    let Some(change) = change else { return };
                    owner = change.args().ok().and_then(|args| {
                        args.new_owner().as_ref().map(|name| name.to_owned().into())
                    });
                    // The facts came from the former logind.
                    leases.revoke_all();
                }
                event = events.next() => {
                    let Some(event) = event else { return };
                    let Ok(event) = event else { continue };
                    // Any connection may send a signal to this one under any path.
                    if event.header().sender().map(|name| name.as_str())
                        == owner.as_ref().map(|name| name.as_str())
                    {
                        apply(&effect(&event), &leases);
                    }
                }
            }
        }
    }))
}

/// Revokes every lease when the watch ends for any reason.
struct CloseOnDrop(SeatLeases);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn apply(effect: &Effect, leases: &SeatLeases) {
    match effect {
        Effect::Nothing => {}
        Effect::Session(path) => leases.revoke(path),
        Effect::All => leases.revoke_all(),
    }
}

/// Which leases a signal of logind revokes: all for a signal that cannot be read.
fn effect(event: &Message) -> Effect {
    let header = event.header();
    let word = |name: Option<&str>| name.unwrap_or_default().to_owned();
    let interface = word(header.interface().map(|name| name.as_str()));
    let member = word(header.member().map(|name| name.as_str()));
    let path = word(header.path().map(|path| path.as_str()));
    let body = event.body();
    match (interface.as_str(), member.as_str()) {
        (MANAGER, "PrepareForSleep" | "PrepareForShutdown") => match body.deserialize::<bool>() {
            Ok(false) => Effect::Nothing,
            Ok(true) | Err(_) => Effect::All,
        },
        (MANAGER, "SessionRemoved") => body
            .deserialize::<(String, OwnedObjectPath)>()
            .map_or(Effect::All, |(_, session)| Effect::Session(session.as_str().to_owned())),
        (SESSION, "Lock") => Effect::Session(path),
        (PROPERTIES, "PropertiesChanged") => body
            .deserialize::<(String, Changed, Vec<String>)>()
            .map_or(Effect::All, |(of, changed, unsaid)| {
                properties_changed(&of, path, &changed, &unsaid)
            }),
        _ => Effect::Nothing,
    }
}

fn properties_changed(of: &str, path: String, changed: &Changed, unsaid: &[String]) -> Effect {
    let named =
        |name: &str| changed.contains_key(name) || unsaid.iter().any(|property| property == name);
    // A property that changed to another value than the one that an attempt needs.
    let lost = |name: &str, good: bool| {
        named(name) && changed.get(name).is_none_or(|value| bool::try_from(value) != Ok(good))
    };
    if path == SEAT_PATH && of == SEAT && named("ActiveSession") {
        Effect::All
    } else if of == SESSION && (lost("Active", true) || lost("LockedHint", false)) {
        Effect::Session(path)
    } else {
        Effect::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "/org/freedesktop/login1/session/_31";

    fn signal<B>(path: &str, interface: &str, member: &str, body: &B) -> Effect
    where
        B: serde::Serialize + zbus::DynamicType,
    {
        effect(&Message::signal(path, interface, member).build(body).unwrap())
    }

    fn changed(path: &str, of: &str, name: &str, value: bool) -> Effect {
        let values = HashMap::from([(name, zbus::Variant::from(value))]);
        signal(path, PROPERTIES, "PropertiesChanged", &(of, values, Vec::<String>::new()))
    }

    fn unsaid(path: &str, of: &str, name: &str) -> Effect {
        let none = HashMap::<String, zbus::Variant<'_>>::new();
        signal(path, PROPERTIES, "PropertiesChanged", &(of, none, vec![name]))
    }

    #[test]
    fn every_event_that_takes_the_user_away_from_the_camera_revokes_leases() {
        let one = || Effect::Session(ONE.to_owned());
        assert_eq!(changed(ONE, SESSION, "Active", false), one());
        assert_eq!(changed(ONE, SESSION, "LockedHint", true), one());
        assert_eq!(unsaid(ONE, SESSION, "Active"), one());
        assert_eq!(unsaid(SEAT_PATH, SEAT, "ActiveSession"), Effect::All);
        assert_eq!(changed(SEAT_PATH, SEAT, "ActiveSession", true), Effect::All);
        assert_eq!(signal(ONE, SESSION, "Lock", &()), one());
        assert_eq!(signal(LOGIN_PATH, MANAGER, "PrepareForSleep", &true), Effect::All);
        assert_eq!(signal(LOGIN_PATH, MANAGER, "PrepareForShutdown", &true), Effect::All);
        let removed = ("1", zbus::ObjectPath::try_from(ONE).unwrap());
        assert_eq!(signal(LOGIN_PATH, MANAGER, "SessionRemoved", &removed), one());
    }

    #[test]
    fn a_signal_that_cannot_be_read_revokes_all() {
        assert_eq!(signal(LOGIN_PATH, MANAGER, "PrepareForSleep", &"yes"), Effect::All);
        assert_eq!(signal(LOGIN_PATH, MANAGER, "SessionRemoved", &7_u32), Effect::All);
        assert_eq!(signal(ONE, PROPERTIES, "PropertiesChanged", &7_u32), Effect::All);
        let values = HashMap::from([("Active", zbus::Variant::from("yes"))]);
        let lie = (SESSION, values, Vec::<String>::new());
        let effect = signal(ONE, PROPERTIES, "PropertiesChanged", &lie);
        assert_eq!(effect, Effect::Session(ONE.to_owned()));
    }

    #[test]
    fn other_events_revoke_nothing() {
        for effect in [
            changed(ONE, SESSION, "Active", true),
            changed(ONE, SESSION, "LockedHint", false),
            changed(ONE, SESSION, "IdleHint", true),
            changed(SEAT_PATH, SEAT, "IdleHint", true),
            signal(LOGIN_PATH, MANAGER, "PrepareForSleep", &false),
            signal(ONE, SESSION, "Unlock", &()),
            signal(LOGIN_PATH, MANAGER, "SessionNew", &7_u32),
        ] {
            assert_eq!(effect, Effect::Nothing);
        }
    }
}
