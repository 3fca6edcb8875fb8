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
    let thresholds = service.match_thresholds(&config, templates);
    let window = service.window(&config);
    let outcome = service
        .change_store(uid, move |store| {
            store.adapt(uid, generation, |stored| {
                adapt::add_sample(stored, probe, &thresholds, window)
            })
        })
        .await;
    match outcome {
        Ok(Ok(label)) => {
            audit::record_change(&service, ADAPTATION, request, caller, uid, Some(&label), Ok(()))
                .await;
        }
        Ok(Err(declined)) => tracing::debug!(request, %declined, "no sample was taken"),
        // The store logged the cause.
        Err(refusal) => {
            audit::record_change(&service, ADAPTATION, request, caller, uid, None, Err(refusal))
                .await;
        }
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
        let login = Login { request: 1, caller: Uid::ROOT, uid: ALICE, generation, templates: 1 };
        follow(Arc::clone(service), service.config(), login, user(40)).await;
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
    async fn a_sure_login_is_taken_and_fails_no_other_verdict() {
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
        assert!(score().await.0 > before, "what was taken is compared");
        let off = service.gallery(ALICE, &Config::default()).await.unwrap().gallery;
        let alone = off.score(&user(40), Comparator::Fused).value();
        assert!((alone - before).abs() < 1e-6, "unless adaptation is off");
        let gallery = service.gallery_so_far(ALICE).await.unwrap().0;
        let enrolled = gallery.score(&user(40), Comparator::Fused).value();
        assert!((enrolled - before).abs() < 1e-6, "nor has it a say in who enrols");
    }
}
