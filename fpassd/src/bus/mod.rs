//! The D-Bus interfaces: who calls, then the checks, then the work. No frame is handled here.

mod adaptation;
mod administration;
mod arguments;
mod attempt;
mod consent;
mod cues;
mod enrolment;
mod fleet;
mod machine;
mod outgoing;
mod past_attempts;
mod preview;
mod prompting;
mod recovery;
mod request;
mod root_socket;
mod set_up;
mod task;
mod throttling;
mod turn_plan;
mod verification;

use std::{path::Path, sync::Arc};

use fpass_proto::names;
use futures_util::StreamExt;
use tokio::task::JoinHandle;
use zbus::{
    Connection,
    fdo::{DBusProxy, RequestNameFlags},
};

use self::{
    administration::Administration, enrolment::Enrolment, fleet::Fleet, machine::Machine,
    recovery::Recovery, verification::Verification,
};
use crate::{
    admission::{self, Gate},
    calls::Calls,
    seat,
    service::Service,
};

/// The daemon and its connection, for the interfaces.
#[derive(Clone)]
struct Bus {
    service: Arc<Service>,
    gate: Arc<Gate>,
    connection: Connection,
    /// For questions to logind, the service manager and the bus.
    questions: Connection,
}

/// What the daemon serves.
pub(crate) struct Served {
    connection: Connection,
    /// Ends when the bus closes one of the connections.
    pub(crate) departure: JoinHandle<()>,
    root_socket: Option<JoinHandle<()>>,
}

/// Connects to the system bus, serves the interfaces, requests the name and opens the socket for
/// root.
pub(crate) async fn serve(service: Arc<Service>) -> zbus::Result<Served> {
    let (connection, gate, arrivals) = admission::connect(service.refused_calls.clone()).await?;
    let questions = admission::connect_for_questions().await?;
    admission::identify(&connection, &questions, Arc::clone(&gate), arrivals);
    let seat_watch = seat::watch(&questions, service.seat_leases.clone()).await?;
    let bus = Bus { service, gate, connection: connection.clone(), questions };
    offer(bus.clone()).await?;
    // Watches start before the name is requested, so no caller leaves unnoticed.
    let departures = watch_departures(&connection, bus.service.calls.clone()).await?;
    // The daemon is of no use without one of the two connections.
    let departure = tokio::spawn(async move {
        tokio::select! {
            _ = departures => {}
            _ = seat_watch => {}
        }
    });
    // A second daemon does not get the name, and ends.
    connection.request_name_with_flags(names::BUS_NAME, RequestNameFlags::DO_NOT_QUEUE).await?;
    let root_socket = match root_socket::listen(Path::new(names::ROOT_SOCKET)) {
        Ok(listener) => Some(tokio::spawn(root_socket::serve(listener, bus))),
        Err(error) => {
            // Not fatal: logins then use the bus.
            tracing::warn!(%error, "the socket for root cannot be opened");
            None
        }
    };
    Ok(Served { connection, departure, root_socket })
}

/// Puts the interfaces on the bus.
async fn offer(bus: Bus) -> zbus::Result<()> {
    let connection = bus.connection.clone();
    let (objects, path) = (connection.object_server(), names::OBJECT_PATH);
    objects.at(path, Verification::new(bus.clone())).await?;
    objects.at(path, Enrolment::new(bus.clone())).await?;
    objects.at(path, Recovery::new(bus.clone())).await?;
    objects.at(path, Administration::new(bus.clone())).await?;
    objects.at(path, Fleet::new(bus.clone())).await?;
    objects.at(path, Machine::new(bus)).await?;
    Ok(())
}

/// Closes the socket and takes the interfaces off the bus. They hold the connection that holds
/// them: without this the engine would not be dropped, so the daemon would not wait for it.
pub(crate) async fn withdraw(served: Served) {
    let Served { connection, root_socket, .. } = served;
    if let Some(task) = root_socket {
        task.abort();
        // It has let go of everything once it has ended.
        let _ = task.await;
    }
    let (objects, path) = (connection.object_server(), names::OBJECT_PATH);
    let removed = [
        objects.remove::<Verification, _>(path).await,
        objects.remove::<Enrolment, _>(path).await,
        objects.remove::<Recovery, _>(path).await,
        objects.remove::<Administration, _>(path).await,
        objects.remove::<Fleet, _>(path).await,
        objects.remove::<Machine, _>(path).await,
    ];
    if removed.iter().any(|removed| !matches!(removed, Ok(true))) {
        tracing::debug!("an interface was not served any more");
    }
}

/// Cancels the calls of every connection that leaves the bus.
async fn watch_departures(connection: &Connection, calls: Calls) -> zbus::Result<JoinHandle<()>> {
    let bus = DBusProxy::new(connection).await?;
    // Without a new owner: arrivals are of no use, and everybody can cause them.
    let mut changes = bus.receive_name_owner_changed_with_args(&[(2, "")]).await?;
    let watch = tokio::spawn(async move {
        while let Some(change) = changes.next().await {
            if let Ok(args) = change.args()
                && args.new_owner().is_none()
            {
                calls.cancel(args.name().as_str());
            }
        }
    });
    Ok(watch)
}

#[cfg(test)]
mod tests;
