//! Which messages the daemon takes from the bus. Every user may send messages to it, so each one is
//! counted when it arrives, before a task is started or the bus is asked who sent it.

mod allowance;
mod callers;
mod door;
mod gate;
mod message;
mod refused_calls;
mod socket;
mod stream;

use std::sync::Arc;

use fpass_proto::names;
use zbus::{Connection, connection, fdo::RequestNameFlags};

pub(crate) use self::{
    allowance::{Allowance, Rate},
    callers::identify,
    gate::{Arrivals, Gate},
    refused_calls::{RefusedCalls, RefusedTally},
};
use self::{door::Door, socket::BusSocket};

/// Connects to the system bus. Calls pass the returned gate once [`identify`] runs.
pub(crate) async fn connect(
    refused: RefusedCalls,
) -> zbus::Result<(Connection, Arc<Gate>, Arrivals)> {
    let (gate, arrivals) = Gate::new(refused);
    let gate = Arc::new(gate);
    Ok((build(Door::Guarded(Arc::clone(&gate))).await?, gate, arrivals))
}

/// Connects to the system bus for calls to others. Nobody can call this connection.
pub(crate) async fn connect_without_calls() -> zbus::Result<Connection> {
    build(Door::Shut).await
}

/// Connects to the system bus for questions about callers. The bus itself refuses what others send
/// to this connection, so no backlog of theirs delays an answer.
///
/// # Errors
/// The bus does not answer.
pub(crate) async fn connect_for_questions() -> zbus::Result<Connection> {
    let questions = build(Door::Shut).await?;
    let flags = RequestNameFlags::DO_NOT_QUEUE;
    if let Err(error) = questions.request_name_with_flags(names::QUESTIONS_BUS_NAME, flags).await {
        // Not fatal: after an upgrade the bus may still have its old policy. The door is shut, but
        // the bus passes on what others send.
        tracing::warn!(%error, "the bus does not protect the connection for questions; reload it");
    }
    Ok(questions)
}

/// Connects to the system bus, and takes a bounded number of calls in each second.
pub(crate) async fn connect_for_refusals() -> zbus::Result<Connection> {
    build(Door::limited()).await
}

async fn build(door: Door) -> zbus::Result<Connection> {
    // The address is a path: fpass-proto names it.
    let path = names::SYSTEM_BUS_ADDRESS.strip_prefix("unix:path=").unwrap_or_default();
    let socket = BusSocket::connect(path, door).await?;
    connection::Builder::socket(socket).build().await
}
