//! The daemon on the bus: who calls, then guards, then work. No pixel comes here.

mod adaptation;
mod administration;
mod caller;
mod consent;
mod counting;
mod enrolment;
mod fleet;
mod locality;
mod machine;
mod recovery;
mod set_up;
mod verification;

use std::sync::Arc;

use fpass_proto::names;
use futures_util::StreamExt;
use tokio::task::JoinHandle;
use zbus::{
    Connection, connection,
    fdo::{DBusProxy, RequestNameFlags},
};

use crate::{calls::Calls, seat, service::Service};

/// Connects to the system bus, serves the interfaces and takes the name.
///
/// The task that comes with the connection ends when the bus is gone.
pub(crate) async fn serve(service: Arc<Service>) -> zbus::Result<(Connection, JoinHandle<()>)> {
    let connection = connection::Builder::address(names::SYSTEM_BUS_ADDRESS)
        .serve_at(names::OBJECT_PATH, verification::Verification::new(Arc::clone(&service)))
        .serve_at(names::OBJECT_PATH, enrolment::Enrolment::new(Arc::clone(&service)))
        .serve_at(names::OBJECT_PATH, recovery::Recovery::new(Arc::clone(&service)))
        .serve_at(names::OBJECT_PATH, administration::Administration::new(Arc::clone(&service)))
        .serve_at(names::OBJECT_PATH, fleet::Fleet::new(Arc::clone(&service)))
        .serve_at(names::OBJECT_PATH, machine::Machine::new(Arc::clone(&service)))
        .build()
        .await?;
    // The watch stands before the name is taken: no caller can come and go unseen.
    let departures = watch_departures(&connection, service.calls.clone()).await?;
    seat::watch(&connection, service.seat_leases.clone()).await?;
    // Whoever has the name keeps it: a second daemon does not start.
    connection.request_name_with_flags(names::BUS_NAME, RequestNameFlags::DO_NOT_QUEUE).await?;
    Ok((connection, departures))
}

/// Cancels the calls of every connection that leaves the bus.
async fn watch_departures(connection: &Connection, calls: Calls) -> zbus::Result<JoinHandle<()>> {
    let bus = DBusProxy::new(connection).await?;
    let mut changes = bus.receive_name_owner_changed().await?;
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
