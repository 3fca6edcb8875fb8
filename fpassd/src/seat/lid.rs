//! Whether the lid of the machine is closed, as logind says.

use std::time::Duration;

use zbus::{
    Connection, OwnedVariant, Proxy,
    proxy::{CacheProperties, MethodFlags},
};

use super::logind::{LOGIN, LOGIN_PATH, MANAGER, PROPERTIES};

/// Longest wait for the answer. An attempt does not depend on it.
const ANSWER_MAX: Duration = Duration::from_millis(500);

/// Whether the lid is closed. False when logind does not tell: machines without a lid have an open
/// one, and the pictures then say what can be seen.
pub(crate) async fn is_lid_closed(connection: &Connection) -> bool {
    let answer = tokio::time::timeout(ANSWER_MAX, lid_closed(connection)).await;
    match answer {
        Ok(Ok(is_closed)) => is_closed,
        Ok(Err(error)) => {
            tracing::debug!(%error, "logind does not tell whether the lid is closed");
            false
        }
        Err(_elapsed) => false,
    }
}

async fn lid_closed(connection: &Connection) -> zbus::Result<bool> {
    let proxy: Proxy<'_> = zbus::proxy::Builder::new(connection)
        .destination(LOGIN)
        .path(LOGIN_PATH)
        .interface(PROPERTIES)
        .cache_properties(CacheProperties::No)
        .build()
        .await?;
    // Without starting the service that should answer.
    let reply: Option<OwnedVariant> =
        proxy.call_with_flags("Get", MethodFlags::NO_AUTO_START, &(MANAGER, "LidClosed")).await?;
    let value =
        reply.ok_or_else(|| zbus::Error::Failure("a reply was not asked for".to_owned()))?;
    bool::try_from(value).map_err(|error| zbus::Error::Failure(error.to_string()))
}
