//! Identity of a machine: a key that signs, and a key that others encrypt to.

use ed25519_dalek::{SigningKey, VerifyingKey};
use fpass_proto::MachineIdentity;
use hpke::{Deserializable, Kem as _, Serializable};
use zeroize::Zeroizing;

/// The key encapsulation, RFC 9180: DHKEM(X25519, HKDF-SHA256).
pub(super) type Kem = hpke::kem::X25519HkdfSha256;

/// Bytes of each secret key.
const SECRET: usize = 32;

/// The secret keys of this machine, 64 bytes in its store.
pub(crate) struct MachineKeys {
    pub(super) signing: SigningKey,
    pub(super) receiving: <Kem as hpke::Kem>::PrivateKey,
}

impl MachineKeys {
    /// Reads the keys, the signing key first. `None` for a wrong length or invalid keys.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (signing, receiving) = bytes.split_at_checked(SECRET)?;
        let signing = Zeroizing::new(<[u8; SECRET]>::try_from(signing).ok()?);
        Some(Self {
            signing: SigningKey::from_bytes(&signing),
            receiving: Deserializable::from_bytes(receiving).ok()?,
        })
    }

    /// The public keys.
    pub(crate) fn identity(&self) -> MachineIdentity {
        let receiving = Kem::sk_to_pk(&self.receiving).to_bytes();
        MachineIdentity {
            signing: self.signing.verifying_key().to_bytes(),
            receiving: receiving.into(),
        }
    }
}

/// Another machine, as named by the administrator of this one.
pub(crate) struct Peer {
    pub(super) identity: MachineIdentity,
    pub(super) signing: VerifyingKey,
    pub(super) receiving: <Kem as hpke::Kem>::PublicKey,
}

impl Peer {
    /// Checks the public keys of an identity. `None` for invalid or weak points.
    pub(crate) fn of(identity: MachineIdentity) -> Option<Self> {
        let signing = VerifyingKey::from_bytes(&identity.signing).ok()?;
        let receiving = Deserializable::from_bytes(&identity.receiving).ok()?;
        (!signing.is_weak()).then_some(Self { identity, signing, receiving })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of both secret keys.
    const LENGTH: usize = 2 * SECRET;

    #[test]
    fn only_this_length_is_accepted() {
        for length in [0, 1, 32, 63, 65, 128] {
            assert!(MachineKeys::read(&vec![7; length]).is_none(), "{length}");
        }
        assert!(MachineKeys::read(&[7; LENGTH]).is_some());
    }

    #[test]
    fn an_identity_follows_from_its_keys_and_does_not_contain_them() {
        let identity = |byte| MachineKeys::read(&[byte; LENGTH]).unwrap().identity();
        assert_eq!(identity(1), identity(1));
        assert_ne!(identity(1).signing, identity(2).signing);
        assert_ne!(identity(1).receiving, identity(2).receiving);
        assert_ne!(identity(1).signing, [1; SECRET]);
        assert!(Peer::of(identity(1)).is_some());
    }

    #[test]
    fn weak_points_are_nobody() {
        // With the neutral element as public key, every message has a valid signature.
        let mut signing = [0; SECRET];
        signing[0] = 1;
        let receiving = MachineKeys::read(&[1; LENGTH]).unwrap().identity().receiving;
        assert!(Peer::of(MachineIdentity { signing, receiving }).is_none());
    }
}
