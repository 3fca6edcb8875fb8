//! The checks of `fpass-enroll doctor`, one file each: from facts to a finding with its remedy. A
//! check that cannot be made is a warning, never a success.

mod audit_head;
mod bus;
mod camera;
mod clock;
mod configuration;
mod disk;
mod finding;
mod key;
mod liveness;
mod logind;
mod memory;
mod models;
mod polkit;
mod sandbox;
mod services;
mod speed;
mod stacks;

pub(crate) use self::finding::{Finding, Severity};
use self::services::Services;

/// Makes every check, in the order in which to apply their remedies.
pub(crate) async fn examine() -> Vec<Finding> {
    let services = Services::gather().await;
    let configured = configuration::directories();
    vec![
        configuration::check().await,
        models::check(&configured.models).await,
        disk::check(&configured.storage),
        bus::check(&services),
        key::check(&services, &configured.storage),
        memory::check(&services),
        liveness::check(&services),
        speed::check(&services),
        camera::check(&services).await,
        sandbox::check(&services),
        polkit::check(&services).await,
        logind::check(&services).await,
        audit_head::check(&services).await,
        stacks::check(),
        clock::check().await,
    ]
}
