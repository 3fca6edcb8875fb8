//! The object of the scripted polkit. It reads raw messages, because some of its answers do not fit
//! an interface.

use std::{collections::HashMap, sync::Arc};

use fpass_proto::names;
use futures_util::StreamExt;
use zbus::{
    Connection, Message, MessageStream, OwnedVariant, connection,
    fdo::DBusProxy,
    message::Type,
    names::{BusName, OwnedUniqueName},
};

use super::{Asked, Behaviour, NAME, PolkitScript};

/// The arguments of `CheckAuthorization`.
type Question =
    ((String, HashMap<String, OwnedVariant>), String, HashMap<String, String>, u32, String);

/// Takes polkit's name, reports readiness, and answers by the script until the bus is gone.
///
/// # Errors
/// When the bus is missing or does not give the name.
pub async fn serve(script: Arc<PolkitScript>, ready: impl FnOnce()) -> zbus::Result<()> {
    let connection = connection::Builder::address(names::SYSTEM_BUS_ADDRESS).build().await?;
    let mut messages = MessageStream::from(&connection);
    connection.request_name(NAME).await?;
    ready();
    while let Some(message) = messages.next().await {
        let message = message?;
        if message.message_type() == Type::MethodCall {
            tokio::spawn(answer(connection.clone(), Arc::clone(&script), message));
        }
    }
    Ok(())
}

/// Answers one call. A caller that has left is not a failure.
async fn answer(connection: Connection, script: Arc<PolkitScript>, message: Message) {
    let member = message.header().member().map(ToString::to_string).unwrap_or_default();
    let _ = match member.as_str() {
        "CheckAuthorization" => check(&connection, &script, &message).await,
        "CancelCheckAuthorization" => withdraw(&connection, &script, &message).await,
        _ => connection.reply_error(&message.header(), "org.example.Unknown", &()).await,
    };
}

async fn withdraw(
    connection: &Connection,
    script: &PolkitScript,
    message: &Message,
) -> zbus::Result<()> {
    let name: String = message.body().deserialize()?;
    script.state().withdrawn.push(name);
    connection.reply(&message.header(), &()).await
}

async fn check(
    connection: &Connection,
    script: &PolkitScript,
    message: &Message,
) -> zbus::Result<()> {
    let ((kind, facts), action, _details, flags, cancellation): Question =
        message.body().deserialize()?;
    let interactive = flags & 1 != 0;
    let uid = user_of(connection, &facts).await;
    // Waits before the question is recorded: a test that saw the question can then release it.
    let released = script.released.notified();
    let behaviour = {
        let mut state = script.state();
        let behaviour = state.behaviours.get(&action).copied().unwrap_or(Behaviour::Deny);
        state.asked.push(Asked { action, kind, uid, interactive, cancellation });
        behaviour
    };
    let details = HashMap::<&str, &str>::new;
    let header = message.header();
    let result = match behaviour {
        Behaviour::Grant => (true, false),
        Behaviour::Deny => (false, false),
        Behaviour::Challenge => (false, true),
        Behaviour::Password => (interactive, !interactive),
        Behaviour::SlowPassword if !interactive => (false, true),
        Behaviour::SlowPassword | Behaviour::Hang => {
            released.await;
            (true, false)
        }
        Behaviour::Contradiction => (true, true),
        Behaviour::Nonsense => return connection.reply(&header, &("yes",)).await,
        Behaviour::Failure => {
            let name = "org.freedesktop.PolicyKit1.Error.Failed";
            return connection.reply_error(&header, name, &("scripted",)).await;
        }
    };
    connection.reply(&header, &((result.0, result.1, details()),)).await
}

/// The user of the connection that a subject names.
async fn user_of(connection: &Connection, facts: &HashMap<String, OwnedVariant>) -> Option<u32> {
    let name: String = facts.get("name")?.try_clone().ok()?.try_into().ok()?;
    let name = OwnedUniqueName::try_from(name).ok()?;
    let bus = DBusProxy::new(connection).await.ok()?;
    bus.get_connection_unix_user(BusName::from(name)).await.ok()
}
