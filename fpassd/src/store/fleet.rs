//! Exchange with other machines of the same owner: the keys of this machine, and the export and
//! import of records.

use std::sync::PoisonError;

use fpass_face::Features;
use fpass_proto::Uid;
use zeroize::Zeroizing;

use super::{
    Record, Store, StoreError, StoredTemplate, enrolled, file_name, keyring, recovery, seal,
};
use crate::{fleet::MachineKeys, folder::Folder};

/// File of the secret keys.
const NAME: &str = "identity";

impl Store {
    /// The secret keys of this machine, made at the first call.
    pub(crate) fn machine_keys(&self) -> Result<MachineKeys, StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.folder()?;
        // A directory without a key may be an unmounted store.
        self.ensure_key(&folder)?;
        match folder.read(NAME).map_err(StoreError::Record)? {
            Some(bytes) => MachineKeys::read(&bytes).ok_or(StoreError::Malformed),
            None => create(&folder),
        }
    }

    /// Fingerprint of what shaped the features of the templates.
    pub(crate) fn models(&self) -> [u8; 32] {
        self.binding.features
    }

    /// The templates of a user for another machine: the enrolled samples, without adapted samples
    /// and without the camera.
    pub(crate) fn export(&self, uid: Uid) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let (_, mut templates) = self.templates(uid)?;
        for template in &mut templates {
            template.adapted.clear();
            (template.camera, template.rotation) = (None, None);
        }
        Record::Enrolled(templates).encode()
    }

    /// Stores templates from another machine, for a user who has never had an F-pass here. With
    /// `replace` they replace the user's record.
    ///
    /// # Errors
    /// [`StoreError::Indistinct`] unless `admit` admits the samples of each template.
    pub(crate) fn import(
        &self,
        uid: Uid,
        record: &[u8],
        replace: bool,
        admit: impl Fn(&[Features]) -> bool,
    ) -> Result<(), StoreError> {
        let templates = imported_templates(record)?;
        if !templates.iter().all(|template| admit(&template.samples)) {
            return Err(StoreError::Indistinct);
        }
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.folder()?;
        self.ensure_key(&folder)?;
        let claimed = match folder.read(&file_name(uid)) {
            Ok(None) => 0,
            Ok(Some(_)) | Err(_) if !replace => return Err(StoreError::Occupied),
            Ok(Some(sealed)) => seal::claimed_generation(&sealed),
            // An unreadable record is replaced.
            Err(_) => {
                folder.remove_blocking_dir(&file_name(uid)).map_err(StoreError::Write)?;
                0
            }
        };
        // Recovery codes belong to the replaced F-pass.
        recovery::delete_codes(&folder, uid)?;
        self.write(&folder, uid, claimed.wrapping_add(1), &Record::Enrolled(templates))
    }
}

/// The templates of an imported record; a tombstone is malformed.
fn imported_templates(record: &[u8]) -> Result<Vec<StoredTemplate>, StoreError> {
    let mut templates =
        enrolled(Some(Record::decode(record)?)).map_err(|_| StoreError::Malformed)?;
    // The template was enrolled with a camera of another machine.
    for template in &mut templates {
        (template.camera, template.rotation) = (None, None);
    }
    Ok(templates)
}

fn create(folder: &Folder) -> Result<MachineKeys, StoreError> {
    let halves = [keyring::random_key()?, keyring::random_key()?];
    let bytes = Zeroizing::new(halves.iter().flat_map(|half| **half).collect::<Vec<u8>>());
    folder.write(NAME, &bytes).map_err(StoreError::Write)?;
    MachineKeys::read(&bytes).ok_or(StoreError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{ALICE, add, store, template};

    #[test]
    fn the_secret_keys_are_made_once() {
        let (_directory, store) = store();
        let first = store.machine_keys().unwrap().identity();
        assert_eq!(store.machine_keys().unwrap().identity(), first);
    }

    #[test]
    fn an_exported_record_can_be_imported_and_replaces_only_on_request() {
        let ((_here, home), (_there, away)) = (store(), store());
        assert!(matches!(home.export(ALICE), Err(StoreError::NeverEnrolled)));
        add(&home, ALICE, template("face")).unwrap();
        let record = home.export(ALICE).unwrap();
        away.import(ALICE, &record, false, |_| true).unwrap();
        assert_eq!(away.export(ALICE).unwrap(), record);
        assert!(matches!(away.import(ALICE, &record, false, |_| true), Err(StoreError::Occupied)));
        away.clear(ALICE, None).unwrap();
        assert!(matches!(away.import(ALICE, &record, false, |_| true), Err(StoreError::Occupied)));
        away.import(ALICE, &record, true, |_| true).unwrap();
        away.import(ALICE, &record, true, |_| true).unwrap();
        assert_eq!(away.export(ALICE).unwrap(), record);
    }

    #[test]
    fn malformed_templates_change_nothing() {
        let (_directory, store) = store();
        add(&store, ALICE, template("face")).unwrap();
        let before = store.templates_or_empty(ALICE).unwrap().0;
        let tombstone = Record::Removed.encode().unwrap();
        for record in [&[][..], &[7; 100], &tombstone] {
            assert!(matches!(
                store.import(ALICE, record, true, |_| true),
                Err(StoreError::Malformed)
            ));
        }
        assert_eq!(store.templates_or_empty(ALICE).unwrap().0, before);
        let record = store.export(ALICE).unwrap();
        let refused = store.import(ALICE, &record, true, |_| false);
        assert!(matches!(refused, Err(StoreError::Indistinct)));
        assert_eq!(store.templates_or_empty(ALICE).unwrap().0, before);
    }
}
