//! How long one question to logind takes on the bus, while something else happens.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use fpass_proto::names;
use zbus::{
    Proxy, connection,
    proxy::{self, CacheProperties},
};

use crate::{
    TestbedError,
    served::{Ready, Served},
};

/// Pause between two questions.
const PAUSE: Duration = Duration::from_millis(200);

/// A caller that asks logind for its list of sessions again and again, until it is dropped.
#[derive(Debug)]
pub struct BusProbe {
    times: Arc<Mutex<Vec<Duration>>>,
    _served: Served,
}

impl BusProbe {
    /// Starts to ask.
    ///
    /// # Errors
    /// Says why it cannot join the bus.
    pub fn start() -> Result<Self, TestbedError> {
        let times = Arc::<Mutex<Vec<Duration>>>::default();
        let taken = Arc::clone(&times);
        let served = Served::start("the probe of the bus", |ready| ask(taken, ready))?;
        Ok(Self { times, _served: served })
    }

    /// The times of the questions that were answered.
    #[must_use]
    pub fn times(&self) -> Vec<Duration> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn ask(times: Arc<Mutex<Vec<Duration>>>, ready: Ready) -> zbus::Result<()> {
    let bus = connection::Builder::address(names::SYSTEM_BUS_ADDRESS).build().await?;
    let logind: Proxy<'_> = proxy::Builder::new(&bus)
        .destination("org.freedesktop.login1")
        .path("/org/freedesktop/login1")
        .interface("org.freedesktop.login1.Manager")
        .cache_properties(CacheProperties::No)
        .build()
        .await?;
    ready();
    loop {
        let asked = Instant::now();
        logind.call_method("ListSessions", &()).await?;
        times.lock().unwrap_or_else(PoisonError::into_inner).push(asked.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
}
