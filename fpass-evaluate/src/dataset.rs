//! A directory of people: one folder each, pictures in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::Error;

/// Endings of the names of pictures. Other files are skipped.
const ENDINGS: [&str; 3] = ["jpg", "jpeg", "png"];
/// Most pictures: people and pictures are numbered in 32 bits, and 10 million take a day.
const PICTURES_MAX: usize = 10_000_000;

/// People with at least one picture each, sorted by name.
#[derive(Debug)]
pub(crate) struct Dataset {
    /// Names of the people's folders.
    pub(crate) people: Vec<String>,
    /// Every picture, by person and then by name.
    pub(crate) pictures: Vec<PictureFile>,
}

/// One picture of one person.
#[derive(Debug)]
pub(crate) struct PictureFile {
    /// Index in [`Dataset::people`].
    pub(crate) person: u32,
    /// Path of the file.
    pub(crate) path: PathBuf,
}

impl PictureFile {
    /// File name without the ending.
    pub(crate) fn stem(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }
}

impl Dataset {
    /// Lists the pictures below a directory. Symbolic links to folders of people are followed.
    /// Folders without pictures and hidden files are skipped.
    ///
    /// # Errors
    /// [`Error::Directory`] for a folder that cannot be listed,
    /// [`Error::TooFewPeople`], [`Error::TooManyPictures`].
    pub(crate) fn read(directory: &Path) -> Result<Self, Error> {
        let mut dataset = Self { people: Vec::new(), pictures: Vec::new() };
        for folder in list(directory, Path::is_dir)? {
            let pictures = list(&folder, is_picture)?;
            if pictures.is_empty() {
                continue;
            }
            if dataset.pictures.len() + pictures.len() > PICTURES_MAX {
                return Err(Error::TooManyPictures(PICTURES_MAX));
            }
            let person = u32::try_from(dataset.people.len()).unwrap_or(u32::MAX);
            dataset.people.push(folder.file_name().unwrap_or_default().to_string_lossy().into());
            dataset.pictures.extend(pictures.into_iter().map(|path| PictureFile { person, path }));
        }
        match dataset.people.len() {
            people @ (0 | 1) => Err(Error::TooFewPeople { path: directory.to_owned(), people }),
            _ => Ok(dataset),
        }
    }
}

fn is_picture(path: &Path) -> bool {
    let known = |ending: &std::ffi::OsStr| ENDINGS.iter().any(|e| ending.eq_ignore_ascii_case(e));
    path.extension().is_some_and(known) && path.is_file()
}

/// The wanted entries of a directory, sorted by name.
fn list(directory: &Path, wanted: fn(&Path) -> bool) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |reason: io::Error| Error::Directory { path: directory.into(), reason };
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !hidden && wanted(&entry.path()) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn folder(root: &Path, person: &str, files: &[&str]) {
        fs::create_dir(root.join(person)).unwrap();
        for file in files {
            fs::write(root.join(person).join(file), []).unwrap();
        }
    }

    #[test]
    fn fewer_than_two_people_are_refused() {
        let root = tempfile::tempdir().unwrap();
        for people in 0..2 {
            let error = Dataset::read(root.path()).unwrap_err();
            assert!(matches!(error, Error::TooFewPeople { people: found, .. } if found == people));
            folder(root.path(), &format!("empty{people}"), &["notes.txt"]);
            folder(root.path(), &format!("person{people}"), &["a.jpg"]);
        }
        assert!(Dataset::read(root.path()).is_ok());
    }

    #[test]
    fn a_directory_that_is_not_there_is_named() {
        let error = Dataset::read(Path::new("/nonexistent/people")).unwrap_err();
        assert!(error.to_string().contains("/nonexistent/people"), "{error}");
    }

    #[test]
    fn what_is_no_picture_is_passed_over_and_names_give_the_order() {
        let root = tempfile::tempdir().unwrap();
        folder(root.path(), "b", &["2.PNG", "1.jpeg", "x.txt", "png", ".hidden.jpg"]);
        folder(root.path(), "a", &["10.jpg", "09.jpg"]);
        folder(root.path(), ".git", &["1.jpg"]);
        fs::create_dir(root.path().join("a/folder.jpg")).unwrap();
        fs::write(root.path().join("loose.jpg"), []).unwrap();
        let dataset = Dataset::read(root.path()).unwrap();
        assert_eq!(dataset.people, ["a", "b"]);
        let pictures: Vec<_> = dataset.pictures.iter().map(|p| (p.person, p.stem())).collect();
        let expected = [(0, "09"), (0, "10"), (1, "1"), (1, "2")];
        assert_eq!(pictures, expected.map(|(person, stem)| (person, stem.to_owned())));
    }

    #[test]
    fn links_to_people_are_followed_and_broken_ones_passed_over() {
        let elsewhere = tempfile::tempdir().unwrap();
        folder(elsewhere.path(), "a", &["1.jpg"]);
        let root = tempfile::tempdir().unwrap();
        symlink(elsewhere.path().join("a"), root.path().join("a")).unwrap();
        symlink("nowhere", root.path().join("broken")).unwrap();
        folder(root.path(), "b", &["1.jpg"]);
        assert_eq!(Dataset::read(root.path()).unwrap().people, ["a", "b"]);
    }
}
