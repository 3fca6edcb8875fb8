//! Asks the bus for the users of callers, and sends the refusals of the gate.

use std::{sync::Arc, time::Instant};

use fpass_proto::Uid;
use tokio::task::JoinSet;
use zbus::{
    Connection,
    fdo::DBusProxy,
    names::{BusName, UniqueName},
};

use super::gate::{Arrivals, Gate};

/// Most look-ups at once. The bus allows each connection 128 calls without a reply.
const LOOK_UPS_MAX: usize = 24;

/// Starts the tasks that look up callers for the gate over the connection `questions`, and answer
/// those that it refuses.
pub(crate) fn identify(
    connection: &Connection,
    questions: &Connection,
    gate: Arc<Gate>,
    arrivals: Arrivals,
) {
    let Arrivals { mut strangers, mut answers } = arrivals;
    let bus = questions.clone();
    tokio::spawn(async move {
        let mut look_ups = JoinSet::new();
        while let Some(name) = strangers.recv().await {
            if look_ups.len() >= LOOK_UPS_MAX {
                look_ups.join_next().await;
            }
            // Those that have ended already are only taken out.
            while look_ups.try_join_next().is_some() {}
            let (bus, gate) = (bus.clone(), Arc::clone(&gate));
            look_ups.spawn(async move {
                let user = user_of(&bus, &name).await;
                gate.identified(&name, user, Instant::now());
            });
        }
    });
    let bus = connection.clone();
    tokio::spawn(async move {
        while let Some((call, refusal)) = answers.recv().await {
            if bus.reply_dbus_error(&call.header(), refusal).await.is_err() {
                return;
            }
        }
    });
}

/// The user of a connection; `None` if it has left.
async fn user_of(bus: &Connection, name: &str) -> Option<Uid> {
    let name = UniqueName::try_from(name).ok()?;
    let bus = DBusProxy::new(bus).await.ok()?;
    match bus.get_connection_unix_user(BusName::Unique(name)).await {
        Ok(uid) => Some(Uid(uid)),
        Err(error) => {
            tracing::debug!(%error, "the user of a caller was not found");
            None
        }
    }
}
