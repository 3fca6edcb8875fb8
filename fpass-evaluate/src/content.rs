//! Digests of clips.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

/// SHA-256 of a file, or of the names and the bytes of the files in a directory.
///
/// # Errors
/// When something cannot be read.
pub(crate) fn digest(path: &Path) -> io::Result<[u8; 32]> {
    if !path.is_dir() {
        return file(path);
    }
    let entries = fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = entries.collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| path.is_file());
    paths.sort();
    let mut whole = Sha256::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        whole.update(Sha256::digest(name));
        whole.update(file(&path)?);
    }
    Ok(whole.finalize().into())
}

fn file(path: &Path) -> io::Result<[u8; 32]> {
    let mut input = File::open(path)?;
    let mut digest = Sha256::new();
    let mut block = vec![0; 1 << 16];
    loop {
        match io::Read::read(&mut input, &mut block)? {
            0 => return Ok(digest.finalize().into()),
            read => digest.update(block.get(..read).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_bytes_count() {
        let root = tempfile::tempdir().unwrap();
        let make = |folder: &str, name: &str, bytes: &[u8]| {
            let path = root.path().join(folder);
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join(name), bytes).unwrap();
            digest(&path).unwrap()
        };
        let one = make("a", "1.jpg", b"x");
        assert_eq!(one, make("b", "1.jpg", b"x"));
        assert_ne!(one, make("c", "2.jpg", b"x"));
        assert_ne!(one, make("d", "1.jpg", b"y"));
        assert_ne!(one, make("a", "2.jpg", b"x"));
        assert_eq!(
            digest(&root.path().join("a/1.jpg")).unwrap(),
            file(&root.path().join("c/2.jpg")).unwrap()
        );
        assert!(digest(&root.path().join("absent")).is_err());
    }
}
