//! Hash of a recovery code: argon2id, bound to the user and the number of the code.
//!
//! 19 MiB, two passes, one lane: the first of the equivalent settings in OWASP's Password Storage
//! Cheat Sheet. 80 random bits would not need a slow hash. It compensates for a file that is not
//! sealed with the key of the templates, so anyone who can read the disk can read it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::{Algorithm, Argon2, AssociatedData, Block, ParamsBuilder, Version};
use fpass_proto::Uid;
use thiserror::Error;
use zeroize::Zeroize;

use super::{
    code::Code,
    file::{HASH, SALT},
};

/// Memory in KiB, which is also the number of its blocks.
const MEMORY: usize = 19 * 1024;
/// Passes over it.
const PASSES: u32 = 2;
/// Number of independent lanes.
const LANES: u32 = 1;

/// Why a hash could not be computed.
#[derive(Debug, Error)]
pub(crate) enum HashError {
    #[error("there is not enough memory to check a recovery code")]
    Memory,
    #[error("a recovery code could not be hashed: {0}")]
    Argon2(#[source] argon2::Error),
}

/// Memory for one computation at a time. It is kept: otherwise each thread of the runtime would
/// allocate its own in its arena, and glibc does not return that memory.
static SHARED_MEMORY: Mutex<Vec<Block>> = Mutex::new(Vec::new());

/// The memory of one computation, overwritten when dropped.
struct WorkingMemory(MutexGuard<'static, Vec<Block>>);

impl WorkingMemory {
    fn take() -> Result<Self, HashError> {
        let mut blocks = SHARED_MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
        blocks.try_reserve_exact(MEMORY).map_err(|_| HashError::Memory)?;
        blocks.resize(MEMORY, Block::new());
        Ok(Self(blocks))
    }
}

impl AsMut<[Block]> for WorkingMemory {
    fn as_mut(&mut self) -> &mut [Block] {
        &mut self.0
    }
}

impl Drop for WorkingMemory {
    fn drop(&mut self) {
        // This also clears the vector; its capacity stays.
        self.0.zeroize();
    }
}

/// The hash of a user's code. Takes 19 MiB and some tens of milliseconds of one core.
pub(crate) fn hash(code: &Code, uid: Uid, salt: &[u8; SALT]) -> Result<[u8; HASH], HashError> {
    let number = u32::try_from(code.number()).unwrap_or(u32::MAX);
    let whose = [uid.0.to_le_bytes(), number.to_le_bytes()];
    let data = AssociatedData::new(whose.as_flattened()).map_err(HashError::Argon2)?;
    let params = ParamsBuilder::new()
        .m_cost(u32::try_from(MEMORY).unwrap_or(u32::MAX))
        .t_cost(PASSES)
        .p_cost(LANES)
        .data(data)
        .output_len(HASH)
        .build()
        .map_err(HashError::Argon2)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut hash = [0; HASH];
    let mut memory = WorkingMemory::take()?;
    argon2
        .hash_password_into_with_memory(code.secret(), salt, &mut hash, &mut memory)
        .map_err(HashError::Argon2)?;
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn code(number: usize, byte: u8) -> Code {
        Code::new(number, Zeroizing::new([byte; 10]))
    }

    #[test]
    fn user_number_salt_and_secret_all_change_the_hash() {
        let hashed = |code: &Code, uid, salt| hash(code, Uid(uid), &[salt; SALT]).unwrap();
        let right = hashed(&code(3, 1), 1000, 1);
        assert_eq!(hashed(&code(3, 1), 1000, 1), right);
        for other in [
            hashed(&code(4, 1), 1000, 1),
            hashed(&code(3, 2), 1000, 1),
            hashed(&code(3, 1), 1001, 1),
            hashed(&code(3, 1), 1000, 2),
        ] {
            assert_ne!(other, right);
        }
    }
}
