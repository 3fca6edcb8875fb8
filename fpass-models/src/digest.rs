//! SHA-256 of a stream, with its length.

use std::io::{self, Read};

use fpass_face::model::Sha256;
use sha2::{Digest as _, Sha256 as Hasher};

/// Length and SHA-256 of what was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digest {
    /// Bytes read.
    pub(crate) size: u64,
    /// Their SHA-256.
    pub(crate) sha256: Sha256,
}

/// Reads to the end, but at most one byte past `limit`, which proves that the input is too long.
pub(crate) fn sha256(source: impl Read, limit: u64) -> io::Result<Digest> {
    copy(source, limit, &mut io::sink())
}

/// Like [`sha256`], and writes what it reads to `sink`.
pub(crate) fn copy(source: impl Read, limit: u64, sink: &mut impl io::Write) -> io::Result<Digest> {
    let mut source = source.take(limit.saturating_add(1));
    let mut hash = Hasher::new();
    let mut size = 0;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let Some(chunk) = buffer.get(..count) else {
            break;
        };
        hash.update(chunk);
        sink.write_all(chunk)?;
        size += chunk.len() as u64;
    }
    Ok(Digest { size, sha256: Sha256(hash.finalize().into()) })
}
