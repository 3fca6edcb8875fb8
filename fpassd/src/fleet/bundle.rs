//! A bundle: the templates of one user, for one machine.
//!
//! Layout, integers little-endian: magic (8 bytes), version (2), signing key of the sender (32),
//! receiving key of the recipient (32), time of the making in seconds since 1970 (8), fingerprint of the
//! models (32), length of the user name (1) and the name, encapsulated key (32), length of the
//! ciphertext (4) and the ciphertext, Ed25519 signature over all that (64). The ciphertext is that of
//! HPKE (RFC 9180) in base mode, with ChaCha20-Poly1305; everything before the encapsulated key is its
//! associated data.

use ed25519_dalek::{SIGNATURE_LENGTH, Signature, Signer};
use fpass_proto::{UserName, limits};
use hpke::{
    Deserializable, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    single_shot_open, single_shot_seal,
};
use zeroize::Zeroizing;

use super::identity::{Kem, Peer, Secret};

const MAGIC: &[u8; 8] = b"FPASSBDL";
const VERSION: u16 = 1;
/// What else the key of a bundle is derived from: nothing that was encrypted for another purpose opens.
const PURPOSE: &[u8] = b"fpass bundle";
/// Bytes of a key of either kind, and of a fingerprint.
const KEY: usize = 32;

/// What a bundle carries.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bundle {
    /// Whose templates.
    pub(crate) user: UserName,
    /// When it was made, in seconds since 1970, UTC.
    pub(crate) made: u64,
    /// Fingerprint of the models that the templates were computed with.
    pub(crate) models: [u8; KEY],
    /// The record.
    pub(crate) record: Zeroizing<Vec<u8>>,
}

/// Why a bundle does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is none, or of a version that is not known.
    Malformed,
    /// Another machine made it, or it was altered.
    Unsigned,
    /// It was made for another machine.
    Misdirected,
    /// It does not open.
    Sealed,
    /// Its templates were computed with other models.
    Models,
}

/// Seals and signs. `None` when the record is too large to be opened again, or something is no key.
pub(crate) fn seal(bundle: &Bundle, from: &Secret, to: &Peer) -> Option<Vec<u8>> {
    let mut bytes = header(bundle, from, to)?;
    let (key, ciphertext) = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeS::Base,
        &to.receiving,
        PURPOSE,
        &bundle.record,
        &bytes,
    )
    .ok()?;
    bytes.extend_from_slice(&key.to_bytes());
    bytes.extend_from_slice(&u32::try_from(ciphertext.len()).ok()?.to_le_bytes());
    bytes.extend_from_slice(&ciphertext);
    let signature = from.signing.sign(&bytes);
    bytes.extend_from_slice(&signature.to_bytes());
    (bytes.len() <= limits::BUNDLE_MAX).then_some(bytes)
}

fn header(bundle: &Bundle, from: &Secret, to: &Peer) -> Option<Vec<u8>> {
    let name = bundle.user.as_str().as_bytes();
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&from.identity().signing);
    bytes.extend_from_slice(&to.identity.receiving);
    bytes.extend_from_slice(&bundle.made.to_le_bytes());
    bytes.extend_from_slice(&bundle.models);
    bytes.push(u8::try_from(name.len()).ok()?);
    bytes.extend_from_slice(name);
    Some(bytes)
}

/// Checks who made a bundle, then for whom and with which models, then opens it.
///
/// # Errors
/// The first thing that is wrong.
pub(crate) fn open(
    bytes: &[u8],
    from: &Peer,
    to: &Secret,
    models: [u8; KEY],
) -> Result<Bundle, Refused> {
    if bytes.len() > limits::BUNDLE_MAX {
        return Err(Refused::Malformed);
    }
    let (signed, signature) = bytes
        .split_last_chunk::<SIGNATURE_LENGTH>()
        .filter(|(signed, _)| signed.starts_with(MAGIC))
        .ok_or(Refused::Malformed)?;
    // Nothing in it is looked at before it is known whose it is.
    from.signing
        .verify_strict(signed, &Signature::from_bytes(signature))
        .map_err(|_| Refused::Unsigned)?;
    let mut rest = Reader(signed);
    let (_magic, version) = (rest.take::<8>()?, u16::from_le_bytes(rest.take()?));
    if version != VERSION {
        return Err(Refused::Malformed);
    }
    if rest.take::<KEY>()? != from.identity.signing {
        return Err(Refused::Unsigned);
    }
    if rest.take::<KEY>()? != to.identity().receiving {
        return Err(Refused::Misdirected);
    }
    let made = u64::from_le_bytes(rest.take()?);
    if rest.take::<KEY>()? != models {
        return Err(Refused::Models);
    }
    let [length] = rest.take()?;
    let name = std::str::from_utf8(rest.slice(length.into())?).map_err(|_| Refused::Malformed)?;
    let user = UserName::parse(name).map_err(|_| Refused::Malformed)?;
    let header = signed.len().saturating_sub(rest.0.len());
    let associated = signed.get(..header).ok_or(Refused::Malformed)?;
    let key = Deserializable::from_bytes(rest.slice(KEY)?).map_err(|_| Refused::Sealed)?;
    let length = u32::from_le_bytes(rest.take()?);
    let ciphertext = rest.slice(usize::try_from(length).map_err(|_| Refused::Malformed)?)?;
    if !rest.0.is_empty() {
        return Err(Refused::Malformed);
    }
    let record = single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeR::Base,
        &to.receiving,
        &key,
        PURPOSE,
        ciphertext,
        associated,
    )
    .map_err(|_| Refused::Sealed)?;
    Ok(Bundle { user, made, models, record: Zeroizing::new(record) })
}

/// What is left to be read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Refused> {
        let (chunk, rest) = self.0.split_first_chunk().ok_or(Refused::Malformed)?;
        self.0 = rest;
        Ok(*chunk)
    }

    fn slice(&mut self, length: usize) -> Result<&'a [u8], Refused> {
        let (slice, rest) = self.0.split_at_checked(length).ok_or(Refused::Malformed)?;
        self.0 = rest;
        Ok(slice)
    }
}

#[cfg(test)]
mod tests;
