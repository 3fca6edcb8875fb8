//! What `fpass-enroll doctor` looks at: one file for each check, each from facts to a finding with its
//! remedy. A check that cannot be made is a warning, never a success.

mod audit_head;
mod bus;
mod camera;
mod clock;
mod configuration;
mod disk;
mod facts;
mod finding;
mod key;
mod logind;
mod memory;
mod models;
mod polkit;
mod sandbox;
mod speed;
mod stacks;

use self::facts::Facts;
pub(crate) use self::finding::{Finding, State};

/// Makes every check, in the order in which their remedies are best applied.
pub(crate) async fn examine() -> Vec<Finding> {
    let facts = Facts::gather().await;
    let configured = configuration::directories();
    vec![
        configuration::check().await,
        models::check(&configured.models),
        disk::check(&configured.storage),
        bus::check(&facts),
        key::check(&facts, &configured.storage),
        memory::check(&facts),
        speed::check(&facts),
        camera::check(&facts).await,
        sandbox::check(&facts),
        polkit::check(&facts).await,
        logind::check(&facts).await,
        audit_head::check(&facts).await,
        stacks::check(),
        clock::check().await,
    ]
}
