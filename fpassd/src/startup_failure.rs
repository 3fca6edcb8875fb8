//! Answers callers on the bus when the daemon cannot start. The bus does not tell a caller that the
//! unit of an activated service has failed; without an answer a login waits until its deadline.

use std::{io, time::Duration};

use fpass_proto::{Refusal, names};
use futures_util::StreamExt;
use zbus::{
    Connection, MessageStream,
    fdo::{DBusProxy, RequestNameFlags, RequestNameReply},
    message::Type,
    names::WellKnownName,
};

use crate::{admission, service_manager};

/// How long calls are answered; the caller that activated the daemon calls at once. Five times this
/// must exceed `StartLimitIntervalSec=` of the unit, or callers reach the start limit.
const ANSWER_TIME: Duration = Duration::from_secs(3);

/// Requests the name and refuses every call for [`ANSWER_TIME`]. Uses nothing but the bus. Does
/// nothing when the daemon was started by hand, because then no caller waits.
pub(crate) fn refuse_callers() {
    if !service_manager::is_present() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let refused = runtime.map_err(zbus::Error::from).and_then(|runtime| {
        runtime.block_on(async {
            let request = tokio::time::timeout(ANSWER_TIME, request_name()).await;
            let (connection, calls) = request.map_err(io::Error::from)??;
            tokio::time::timeout(ANSWER_TIME, refuse(&connection, calls)).await.unwrap_or(Ok(()))
        })
    });
    if let Err(error) = refused {
        tracing::warn!(%error, "callers were not told that the daemon cannot start");
    }
}

/// The connection that owns the name, and the calls to it. It has no object server, because the
/// objects of the daemon do not exist.
async fn request_name() -> zbus::Result<(Connection, MessageStream)> {
    let connection = admission::connect_for_refusals().await?;
    let calls = MessageStream::from(&connection);
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
