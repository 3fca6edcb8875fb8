//! The last attempts of a user in the store, sealed with the key of the records and written in
//! place.
//!
//! Content of the file, before [`ATTEMPT_HISTORY`] adds its checksum: id of the key (8 bytes),
//! nonce (24), ciphertext with its 16-byte tag. User and machine are the associated data. A file
//! that does not open counts as empty and is replaced by the next attempt: nothing depends on it.

use std::sync::PoisonError;

use chacha20poly1305::{
    XNonce,
    aead::{Aead, Payload},
};
use fpass_proto::Uid;

use super::{Store, StoreError, file_name, keyring::Keyring, scrub};
use crate::{
    checked_file::ATTEMPT_HISTORY,
    folder::Folder,
    history::{AttemptHistory, EndedAttempt},
};

const KEY_ID: usize = 8;
const NONCE: usize = 24;
/// First bytes of the associated data: no record has them.
const DOMAIN: &[u8] = b"fpass attempt history";

impl Store {
    /// The last attempts of a user; none if the file cannot be opened.
    pub(crate) fn history(&self, uid: Uid) -> Result<AttemptHistory, StoreError> {
        let folder = self.folder()?;
        scrub::after(|| self.open_history(&folder, &self.keyring(&folder)?, uid))
    }

    /// Adds an attempt to the history of a user who has a record.
    pub(crate) fn add_to_history(
        &self,
        uid: Uid,
        attempt: &EndedAttempt,
    ) -> Result<(), StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.folder()?;
        let record = file_name(uid);
        if !folder.contains(|name| name == record).map_err(StoreError::Directory)? {
            return Err(StoreError::NeverEnrolled);
        }
        let content = scrub::after(|| {
            let ring = self.keyring(&folder)?;
            let mut history = self.open_history(&folder, &ring, uid)?;
            history.add(attempt);
            self.seal_history(&ring, uid, &history)
        })?;
        ATTEMPT_HISTORY.save(&folder, &name(uid), &content).map_err(StoreError::Write)
    }

    fn open_history(
        &self,
        folder: &Folder,
        ring: &Keyring,
        uid: Uid,
    ) -> Result<AttemptHistory, StoreError> {
        let Some(file) = folder.read(&name(uid)).map_err(StoreError::History)? else {
            return Ok(AttemptHistory::default());
        };
        let opened =
            ATTEMPT_HISTORY.decode(&file).and_then(|content| self.unseal(ring, uid, content));
        Ok(opened.unwrap_or_default())
    }

    fn unseal(&self, ring: &Keyring, uid: Uid, content: &[u8]) -> Option<AttemptHistory> {
        let (id, rest) = content.split_first_chunk::<KEY_ID>()?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE>()?;
        let key = ring.keys().find(|key| key.id.0 == *id)?;
        let aad = self.associated(uid);
        let payload = Payload { msg: ciphertext, aad: &aad };
        AttemptHistory::decode(&key.cipher.decrypt(&XNonce::from(*nonce), payload).ok()?)
    }

    fn seal_history(
        &self,
        ring: &Keyring,
        uid: Uid,
        history: &AttemptHistory,
    ) -> Result<Vec<u8>, StoreError> {
        let key = ring.current();
        let mut nonce = [0_u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| StoreError::NoRandomness)?;
        let plaintext = history.encode().ok_or(StoreError::Malformed)?;
        let aad = self.associated(uid);
        let payload = Payload { msg: &plaintext, aad: &aad };
        let sealed = key.cipher.encrypt(&XNonce::from(nonce), payload);
        Ok([key.id.0.as_slice(), &nonce, &sealed.map_err(|_| StoreError::Altered)?].concat())
    }

    fn associated(&self, uid: Uid) -> Vec<u8> {
        [DOMAIN, &uid.0.to_le_bytes(), self.binding.machine_id.as_bytes()].concat()
    }
}

/// Deletes the history of a user, if there is one.
pub(super) fn delete_history(folder: &Folder, uid: Uid) -> Result<(), StoreError> {
    let name = name(uid);
    folder.remove_blocking_dir(&name).and_then(|()| folder.remove(&name)).map_err(StoreError::Write)
}

fn name(uid: Uid) -> String {
    format!("{uid}.attempts")
}

#[cfg(test)]
mod tests {
    use fpass_proto::{PastAttempt, Refusal, Verdict};

    use super::*;
    use crate::store::{
        rotate_key,
        tests::{ALICE, BOB, add, store, template},
    };

    fn refused() -> EndedAttempt {
        EndedAttempt { ended: 7, service: None, outcome: Err(Refusal::TooDark) }
    }

    fn told(store: &Store, uid: Uid) -> Vec<PastAttempt> {
        store.history(uid).unwrap().report()
    }

    #[test]
    fn the_history_of_an_enrolled_user_is_kept_and_only_root_can_forget_it() {
        let (directory, store) = store();
        let never = store.add_to_history(ALICE, &refused());
        assert!(matches!(never, Err(StoreError::NeverEnrolled)));
        assert!(!directory.path().join(name(ALICE)).exists());
        add(&store, ALICE, template("face")).unwrap();
        assert_eq!(told(&store, ALICE), []);
        store.add_to_history(ALICE, &refused()).unwrap();
        let matched = EndedAttempt { outcome: Ok(Verdict::Match), ..refused() };
        store.add_to_history(ALICE, &matched).unwrap();
        assert_eq!(told(&store, ALICE).len(), 2);
        // The F-pass may have been removed because of what the history shows.
        store.clear(ALICE, None).unwrap();
        assert_eq!(told(&store, ALICE).len(), 2);
        store.forget(ALICE).unwrap();
        assert!(!directory.path().join(name(ALICE)).exists());
    }

    #[test]
    fn nothing_is_in_clear_and_a_file_of_another_user_or_key_is_empty() {
        let (directory, store) = store();
        for uid in [ALICE, BOB] {
            add(&store, uid, template("face")).unwrap();
        }
        store.add_to_history(ALICE, &refused()).unwrap();
        let file = std::fs::read(directory.path().join(name(ALICE))).unwrap();
        let clear = Refusal::TooDark.error_name().as_bytes();
        assert!(!file.windows(clear.len()).any(|window| window == clear));
        store.folder().unwrap().write(&name(BOB), &file).unwrap();
        assert_eq!(told(&store, BOB), []);
        store.add_to_history(BOB, &refused()).unwrap();
        assert_eq!((told(&store, ALICE).len(), told(&store, BOB).len()), (1, 1));
        rotate_key(directory.path(), &store.binding).unwrap();
        assert_eq!(told(&store, ALICE), []);
        store.add_to_history(ALICE, &refused()).unwrap();
        assert_eq!(told(&store, ALICE).len(), 1);
    }

    #[test]
    fn a_damaged_file_is_empty_and_a_changed_byte_is_noticed() {
        let (directory, store) = store();
        add(&store, ALICE, template("face")).unwrap();
        store.add_to_history(ALICE, &refused()).unwrap();
        let folder = store.folder().unwrap();
        let file = folder.read(&name(ALICE)).unwrap().unwrap();
        let content = ATTEMPT_HISTORY.decode(&file).unwrap().to_vec();
        for place in 0..content.len() {
            let mut changed = content.clone();
            changed[place] ^= 1;
            // With a right checksum.
            folder.write(&name(ALICE), &ATTEMPT_HISTORY.encode(&changed).unwrap()).unwrap();
            assert_eq!(told(&store, ALICE), [], "byte {place}");
        }
        std::fs::write(directory.path().join(name(ALICE)), b"damaged").unwrap();
        assert_eq!(told(&store, ALICE), []);
        store.add_to_history(ALICE, &refused()).unwrap();
        assert_eq!(told(&store, ALICE).len(), 1);
    }
}
