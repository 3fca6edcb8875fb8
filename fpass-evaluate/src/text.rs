//! Small text files that the user names.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::error::Error;

/// Most bytes that are read.
const BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The text of a file.
///
/// # Errors
/// [`Error::Unreadable`], also when it is not UTF-8, and [`Error::TooLarge`].
pub(crate) fn read(path: &Path) -> Result<String, Error> {
    let mut text = String::new();
    let whole = |file: File| file.take(BYTES_MAX + 1).read_to_string(&mut text);
    let read: io::Result<usize> = File::open(path).and_then(whole);
    match read {
        Err(reason) => Err(Error::Unreadable { path: path.to_owned(), reason }),
        Ok(length) if u64::try_from(length).is_ok_and(|length| length <= BYTES_MAX) => Ok(text),
        Ok(_) => Err(Error::TooLarge { path: path.to_owned(), limit: BYTES_MAX }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_endless_or_no_text_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("file");
        assert!(matches!(read(&path), Err(Error::Unreadable { .. })));
        std::fs::write(&path, b"\xff\xfe").unwrap();
        assert!(matches!(read(&path), Err(Error::Unreadable { .. })));
        assert!(matches!(read(Path::new("/dev/zero")), Err(Error::TooLarge { .. })));
    }
}
