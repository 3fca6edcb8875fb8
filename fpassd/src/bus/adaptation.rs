//! What follows a login that matched, if templates adapt. It cannot change the verdict.

use std::sync::Arc;

use fpass_face::Features;
use fpass_proto::Uid;

use crate::{adapt, audit::RequestContext, config::Config, service::Service};

/// Kind of the audit record.
const ADAPTATION: &str = "adaptation";

/// The login that a sample comes from.
pub(super) struct MatchedLogin {
    /// Number of its call.
    pub(super) request: u32,
    /// User of the caller.
    pub(super) caller: Uid,
    /// User who logged in.
    pub(super) uid: Uid,
    /// Generation of the record that the verdict was computed from.
    pub(super) generation: u64,
    /// Number of templates in that record.
    pub(super) templates: usize,
}

/// Adds the probe of a login to the templates, if it is suitable. A record that has changed in the
/// meantime is left as it is.
pub(super) async fn adapt_templates(
    service: Arc<Service>,
    config: Arc<Config>,
    login: MatchedLogin,
    probe: Features,
) {
    let MatchedLogin { request, caller, uid, generation, templates } = login;
    let thresholds = service.calibrations.match_thresholds(&config, templates);
    let window = service.window(&config);
    let outcome = service
        .change_store(uid, move |store| {
            store.adapt(uid, generation, |stored| {
                adapt::add_sample(stored, probe, &thresholds, window)
            })
        })
        .await;
    let context = RequestContext { kind: ADAPTATION, request, caller, uid };
    match outcome {
        Ok(Ok(label)) => service.audit_log.record_change(context, Some(&label), Ok(())).await,
        Ok(Err(declined)) => tracing::debug!(request, %declined, "no sample was added"),
        // The cause is logged already.
        Err(refusal) => service.audit_log.record_change(context, None, Err(refusal)).await,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use fpass_face::Comparator;

    use super::*;
    use crate::{
        config::Config,
        folder::private_directory,
        scripted::{ALICE, user},
        service::Enrolled,
        throttle::SystemClock,
    };

    fn service(directory: &std::path::Path) -> Arc<Service> {
        crate::scripted::service(directory, SystemClock::new())
    }

    async fn log_in(service: &Arc<Service>, generation: u64) {
        let login =
            MatchedLogin { request: 1, caller: Uid::ROOT, uid: ALICE, generation, templates: 1 };
        adapt_templates(Arc::clone(service), service.config(), login, user(40)).await;
    }

    fn taken(service: &Service) -> Vec<u64> {
        let templates = service.store.templates(ALICE).unwrap().1;
        templates.iter().flat_map(|t| &t.adapted).map(|sample| sample.taken).collect()
    }

    #[tokio::test]
    async fn a_change_in_between_and_a_lost_key_keep_the_sample_out() {
        let directory = private_directory();
        let service = service(directory.path());
        let generation = service.gallery(ALICE, &service.config()).await.unwrap().generation;
        service.store.reset_adaptation(ALICE, None).unwrap();
        log_in(&service, generation).await;
        assert!(taken(&service).is_empty());
        let key = directory.path().join("key");
        let elsewhere = directory.path().join("elsewhere");
        fs::rename(&key, &elsewhere).unwrap();
        log_in(&service, generation + 1).await;
        fs::rename(&elsewhere, &key).unwrap();
        assert!(taken(&service).is_empty());
        log_in(&service, generation + 1).await;
        assert_eq!(taken(&service).len(), 1, "nothing else kept it out");
    }

    #[tokio::test]
    async fn the_sample_of_a_certain_login_is_added_and_changes_no_other_verdict() {
        let directory = private_directory();
        let service = service(directory.path());
        let config = service.config();
        let score = async || {
            let Enrolled { gallery, generation, .. } =
                service.gallery(ALICE, &config).await.unwrap();
            (gallery.score(&user(40), Comparator::Fused).value(), generation)
        };
        let (before, generation) = score().await;
        log_in(&service, generation).await;
        assert_eq!(taken(&service), [1_000_000_000]);
        service.unchanged(ALICE, generation).await.unwrap();
        assert!(score().await.0 > before, "the sample is compared");
        let off = service.gallery(ALICE, &Config::default()).await.unwrap().gallery;
        let alone = off.score(&user(40), Comparator::Fused).value();
        assert!((alone - before).abs() < 1e-6, "without adaptation it is not");
        let gallery = service.enrolled_before(ALICE, &service.config()).await.unwrap().gallery;
        let enrolled = gallery.score(&user(40), Comparator::Fused).value();
        assert!((enrolled - before).abs() < 1e-6, "nor at an enrolment");
    }
}
