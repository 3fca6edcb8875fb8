//! Recovery codes in the store, in a file next to the record of their user. The file is not sealed
//! with the key, so the codes survive a lost key.

use std::{array, sync::PoisonError};

use fpass_proto::{Uid, limits};
use zeroize::Zeroizing;

use super::{Store, StoreError, enrolled, ensure_basis};
use crate::checked_file::RECOVERY_CODES;
use crate::folder::Folder;
use crate::recovery::{self, Code, Codes, hash};

impl Store {
    /// How many unused codes the user has.
    pub(crate) fn codes_left(&self, uid: Uid) -> Result<u32, StoreError> {
        Ok(read(&self.folder()?, uid)?.map_or(0, |codes| codes.left()))
    }

    /// Replaces the codes of an enrolled user. A `basis` is the generation of the record that the
    /// consent was given for.
    pub(crate) fn renew_codes(
        &self,
        uid: Uid,
        basis: Option<u64>,
    ) -> Result<Vec<Code>, StoreError> {
        let mut codes = Vec::with_capacity(limits::RECOVERY_CODES);
        let mut checks = [([0; recovery::SALT], [0; recovery::HASH]); limits::RECOVERY_CODES];
        for (number, (salt, wanted)) in checks.iter_mut().enumerate() {
            let code = draw(number)?;
            random(salt)?;
            *wanted = hash(&code, uid, salt)?;
            codes.push(code);
        }
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.folder()?;
        let (generation, record) = self.read(&folder, uid)?.unzip();
        enrolled(record)?;
        ensure_basis(basis, generation.unwrap_or_default())?;
        let name = recovery::name(uid);
        folder.remove_blocking_dir(&name).map_err(StoreError::Write)?;
        save(&folder, uid, &Codes::new(checks))?;
        Ok(codes)
    }

    /// Redeems a code. On return the code is used on the disk, so it is refused from then on, even
    /// after a crash. If `wanted` says that nobody waits for the answer, the code stays unused.
    pub(crate) fn redeem(
        &self,
        uid: Uid,
        code: &Code,
        wanted: impl FnOnce() -> bool,
    ) -> Result<(), StoreError> {
        let folder = self.folder()?;
        let codes = usable(&folder, uid)?;
        // Checking a used code takes as long as checking a wrong one.
        let salt = codes.salt(code.number()).ok_or(StoreError::CodeRefused)?;
        let hash = hash(code, uid, salt)?;
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        // The codes may have changed in the meantime.
        let mut codes = usable(&folder, uid)?;
        if !codes.mark_used(code.number(), &hash) {
            return Err(StoreError::CodeRefused);
        }
        if !wanted() {
            return Err(StoreError::CodeAbandoned);
        }
        save(&folder, uid, &codes)
    }

    /// Deletes every code, readable or not.
    pub(crate) fn remove_codes(&self, uid: Uid) -> Result<(), StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.folder()?;
        if matches!(read(&folder, uid), Ok(None)) {
            return Err(StoreError::NoCodes);
        }
        delete_codes(&folder, uid)
    }
}

/// Deletes the codes of a user, if there are any.
pub(super) fn delete_codes(folder: &Folder, uid: Uid) -> Result<(), StoreError> {
    let name = recovery::name(uid);
    if matches!(folder.read(&name), Ok(None)) {
        return Ok(());
    }
    folder.remove_blocking_dir(&name).and_then(|()| folder.remove(&name)).map_err(StoreError::Write)
}

fn read(folder: &Folder, uid: Uid) -> Result<Option<Codes>, StoreError> {
    match folder.read(&recovery::name(uid)).map_err(StoreError::Codes)? {
        None => Ok(None),
        Some(bytes) => Codes::decode(&bytes, uid).map(Some).ok_or(StoreError::CodesMalformed),
    }
}

fn save(folder: &Folder, uid: Uid, codes: &Codes) -> Result<(), StoreError> {
    let name = recovery::name(uid);
    RECOVERY_CODES.save(folder, &name, &codes.encode(uid)).map_err(StoreError::Write)
}

/// The codes of a user who has an unused one.
fn usable(folder: &Folder, uid: Uid) -> Result<Codes, StoreError> {
    read(folder, uid)?.filter(|codes| codes.left() > 0).ok_or(StoreError::NoCodes)
}

fn draw(number: usize) -> Result<Code, StoreError> {
    let mut secret = Zeroizing::new(array::from_fn(|_| 0));
    random(secret.as_mut_slice())?;
    Ok(Code::new(number, secret))
}

fn random(bytes: &mut [u8]) -> Result<(), StoreError> {
    getrandom::fill(bytes).map_err(|_| StoreError::NoRandomness)
}

#[cfg(test)]
mod tests;
