//! A bundle: the templates of one user, for one machine.
//!
//! Layout, integers little-endian: magic (8 bytes), version (2), signing key of the sender (32),
//! receiving key of the recipient (32), creation time in seconds since 1970 (8), fingerprint of
//! what shaped the features (32), length of the user name (1) and the name, encapsulated key (32),
//! length of the ciphertext (4) and the ciphertext, Ed25519 signature over all that (64). The
//! ciphertext is that of HPKE (RFC 9180) in base mode with ChaCha20-Poly1305. Its associated data
//! is everything before the encapsulated key.

use ed25519_dalek::{SIGNATURE_LENGTH, Signature, Signer};
use fpass_proto::{UserName, limits};
use hpke::{
    Deserializable, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    single_shot_open, single_shot_seal,
};
use zeroize::Zeroizing;

use super::identity::{Kem, MachineKeys, Peer};

const MAGIC: &[u8; 8] = b"FPASSBDL";
const VERSION: u16 = 1;
/// Domain separation: text that was encrypted for another purpose does not open.
const PURPOSE: &[u8] = b"fpass bundle";
/// Bytes of a key of either kind and of a fingerprint.
const KEY: usize = 32;

/// Content of a bundle.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bundle {
    /// User of the templates.
    pub(crate) user: UserName,
    /// Creation time in seconds since 1970, UTC.
    pub(crate) made: u64,
    /// Fingerprint of what shaped the features of the templates.
    pub(crate) models: [u8; KEY],
    /// The encoded record.
    pub(crate) record: Zeroizing<Vec<u8>>,
}

/// Why a bundle is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BundleError {
    /// It is malformed, or its version is unknown.
    Malformed,
    /// Another machine signed it, or it was altered.
    Unsigned,
    /// It was made for another machine.
    Misdirected,
    /// It cannot be decrypted.
    Sealed,
    /// Other models computed its templates.
    Models,
}

/// Seals and signs. `None` if the bundle would be too large to be opened again, or if encryption
/// fails.
pub(crate) fn seal(bundle: &Bundle, from: &MachineKeys, to: &Peer) -> Option<Vec<u8>> {
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

fn header(bundle: &Bundle, from: &MachineKeys, to: &Peer) -> Option<Vec<u8>> {
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

/// Checks the sender, the recipient and the models of a bundle, in this order, then opens it.
///
/// # Errors
/// The first check that fails.
pub(crate) fn open(
    bytes: &[u8],
    from: &Peer,
    to: &MachineKeys,
    models: [u8; KEY],
) -> Result<Bundle, BundleError> {
    if bytes.len() > limits::BUNDLE_MAX {
        return Err(BundleError::Malformed);
    }
    let (signed, signature) = bytes
        .split_last_chunk::<SIGNATURE_LENGTH>()
        .filter(|(signed, _)| signed.starts_with(MAGIC))
        .ok_or(BundleError::Malformed)?;
    // The signature is checked before any field is read.
    from.signing
        .verify_strict(signed, &Signature::from_bytes(signature))
        .map_err(|_| BundleError::Unsigned)?;
    let mut rest = Reader(signed);
    let (_magic, version) = (rest.take::<8>()?, u16::from_le_bytes(rest.take()?));
    if version != VERSION {
        return Err(BundleError::Malformed);
    }
    if rest.take::<KEY>()? != from.identity.signing {
        return Err(BundleError::Unsigned);
    }
    if rest.take::<KEY>()? != to.identity().receiving {
        return Err(BundleError::Misdirected);
    }
    let made = u64::from_le_bytes(rest.take()?);
    if rest.take::<KEY>()? != models {
        return Err(BundleError::Models);
    }
    let [length] = rest.take()?;
    let name =
        std::str::from_utf8(rest.slice(length.into())?).map_err(|_| BundleError::Malformed)?;
    let user = UserName::parse(name).map_err(|_| BundleError::Malformed)?;
    let header = signed.len().saturating_sub(rest.0.len());
    let associated = signed.get(..header).ok_or(BundleError::Malformed)?;
    let key = Deserializable::from_bytes(rest.slice(KEY)?).map_err(|_| BundleError::Sealed)?;
    let length = u32::from_le_bytes(rest.take()?);
    let ciphertext = rest.slice(usize::try_from(length).map_err(|_| BundleError::Malformed)?)?;
    if !rest.0.is_empty() {
        return Err(BundleError::Malformed);
    }
    let record = single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeR::Base,
        &to.receiving,
        &key,
        PURPOSE,
        ciphertext,
        associated,
    )
    .map_err(|_| BundleError::Sealed)?;
    Ok(Bundle { user, made, models, record: Zeroizing::new(record) })
}

/// Bytes that are not yet read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], BundleError> {
        let (chunk, rest) = self.0.split_first_chunk().ok_or(BundleError::Malformed)?;
        self.0 = rest;
        Ok(*chunk)
    }

    fn slice(&mut self, length: usize) -> Result<&'a [u8], BundleError> {
        let (slice, rest) = self.0.split_at_checked(length).ok_or(BundleError::Malformed)?;
        self.0 = rest;
        Ok(slice)
    }
}

#[cfg(test)]
mod tests;
