//! A daemon that cannot start says so on the bus before it ends. The bus does not tell who had it
//! start a service that the unit has failed: a login would wait for its whole deadline.

use std::{env, io, time::Duration};

use fpass_proto::{Refusal, names};
use futures_util::StreamExt;
use zbus::{
    Connection, MessageStream, connection,
    fdo::{DBusProxy, RequestNameFlags, RequestNameReply},
    message::Type,
    names::WellKnownName,
};

/// How long whoever asks is answered. Whoever had the daemon started asks at once. Five times as long
/// must be more than `StartLimitIntervalSec=` of the unit, or callers bring it to its limit.
const ANSWERING: Duration = Duration::from_secs(3);
/// Where a service manager hears from its services, see sd_notify(3).
const MANAGER: &str = "NOTIFY_SOCKET";

/// Takes the name and refuses every call, for a moment. Nothing but the bus is touched. By hand, nobody
/// waits for an answer.
pub(crate) fn refuse_callers() {
    if env::var_os(MANAGER).is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let refused = runtime.map_err(zbus::Error::from).and_then(|runtime| {
        runtime.block_on(async {
            let taking = tokio::time::timeout(ANSWERING, take_name()).await;
            let (connection, calls) = taking.map_err(io::Error::from)??;
            tokio::time::timeout(ANSWERING, refuse(&connection, calls)).await.unwrap_or(Ok(()))
        })
    });
    if let Err(error) = refused {
        tracing::warn!(%error, "whoever asks for the daemon is not told that it cannot start");
    }
}

/// Our name, and what is asked of it.
async fn take_name() -> zbus::Result<(Connection, MessageStream)> {
    let connection = connection::Builder::address(names::SYSTEM_BUS_ADDRESS).build().await?;
    let calls = MessageStream::from(&connection);
    // Without an object server behind it: there is none of the daemon's objects.
    let name = WellKnownName::from_static_str(names::BUS_NAME)?;
    let flags = RequestNameFlags::DO_NOT_QUEUE;
    let reply = DBusProxy::new(&connection).await?.request_name(name, flags).await?;
    match reply {
        RequestNameReply::PrimaryOwner => Ok((connection, calls)),
        _ => Err(zbus::Error::NameTaken),
    }
}

/// Refuses calls until the connection ends.
async fn refuse(connection: &Connection, mut calls: MessageStream) -> zbus::Result<()> {
    while let Some(message) = calls.next().await {
        let message = message?;
        let header = message.header();
        if header.message_type() == Type::MethodCall {
            connection.reply_dbus_error(&header, Refusal::NotReady).await?;
        }
    }
    Ok(())
}
