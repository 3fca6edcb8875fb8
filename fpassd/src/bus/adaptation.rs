//! What follows a login that matched, where templates adapt. The verdict is out of its reach.

use std::sync::Arc;

use fpass_face::Features;
use fpass_proto::Uid;

use crate::{adapt, audit, config::Config, service::Service};

/// Kind of the journal record.
const ADAPTATION: &str = "adaptation";

/// The login that a sample comes from.
pub(super) struct Login {
    /// Number of its call.
    pub(super) request: u32,
    /// Who asked.
    pub(super) caller: Uid,
    /// For whom.
    pub(super) uid: Uid,
    /// Generation of the record that the verdict was computed from.
    pub(super) generation: u64,
    /// Number of templates in it.
    pub(super) templates: usize,
}

/// Takes the probe of a login into the templates, if it is fit for it. A change that came in
/// between wins.
pub(super) async fn follow(
    service: Arc<Service>,
    config: Arc<Config>,
    login: Login,
    probe: Features,
) {
    let Login { request, caller, uid, generation, templates } = login;
    let measure = service.measure(&config, templates);
    let window = service.window(&config);
    let outcome = service
        .change_store(uid, move |store| {
            store.adapt(uid, generation, |stored| adapt::take(stored, probe, &measure, window))
        })
        .await;
    match outcome {
        Ok(Ok(label)) => audit::change(ADAPTATION, request, caller, uid, Some(&label), Ok(())),
        Ok(Err(declined)) => tracing::debug!(request, %declined, "no sample was taken"),
        // The store logged the cause.
        Err(refusal) => audit::change(ADAPTATION, request, caller, uid, None, Err(refusal)),
    }
}
