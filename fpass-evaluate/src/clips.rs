//! Clips of faces below a directory, and whose they are.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::Error;

/// Ending of the name of a clip that needs no other program.
const RAW: &str = "y4m";
/// Endings of the names of clips that ffmpeg reads.
const VIDEOS: [&str; 10] = ["mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "ogv", "gif"];
/// Endings of the names of pictures, of which a directory is a clip.
const PICTURES: [&str; 3] = ["png", "jpg", "jpeg"];
/// Deepest directory below the one that is searched.
const DEPTH_MAX: usize = 8;
/// Most clips.
const CLIPS_MAX: usize = 1_000_000;

/// The person's own side to which a clip says that the head turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NamedSide {
    /// The name ends in `-left`.
    Left,
    /// The name ends in `-right`.
    Right,
}

/// How the frames of a clip are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClipKind {
    /// A `.y4m` file or a directory of pictures.
    Recording,
    /// A file that ffmpeg reads.
    Video,
}

/// One clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClipFile {
    /// The file or directory.
    pub(crate) path: PathBuf,
    /// Its path from the directory that was searched, without the ending.
    pub(crate) name: String,
    /// Whose face it shows: the first directory below the one that was searched, or the file name
    /// up to its last dash.
    pub(crate) person: String,
    /// The side in its name.
    pub(crate) side: Option<NamedSide>,
    /// How its frames are stored.
    pub(crate) kind: ClipKind,
}

impl ClipFile {
    fn new(root: &Path, path: &Path, kind: ClipKind) -> Self {
        let inside = path.strip_prefix(root).ok().filter(|rest| !rest.as_os_str().is_empty());
        let inside = inside.unwrap_or(Path::new(path.file_name().unwrap_or_default()));
        let is_file = kind == ClipKind::Video || path.extension().is_some_and(|end| end == RAW);
        let name = if is_file { inside.with_extension("") } else { inside.to_owned() };
        let name = name.to_string_lossy().into_owned();
        let (parents, stem) = match name.rsplit_once('/') {
            Some((parents, stem)) => (Some(parents), stem),
            None => (None, name.as_str()),
        };
        let (stem, side) = match stem.rsplit_once('-') {
            Some((rest, "left")) => (rest, Some(NamedSide::Left)),
            Some((rest, "right")) => (rest, Some(NamedSide::Right)),
            _ => (stem, None),
        };
        let person = match parents {
            Some(parents) => parents.split('/').next().unwrap_or_default(),
            None => stem.rsplit_once('-').map_or(stem, |(person, _)| person),
        };
        Self { path: path.to_owned(), person: person.to_owned(), side, kind, name }
    }
}

/// Every clip below a directory, or the one that the path is itself, sorted by path. Symbolic links
/// are followed; hidden files and other files are skipped.
///
/// # Errors
/// [`Error::Directory`], [`Error::TooManyClips`].
pub(crate) fn list(root: &Path) -> Result<Vec<ClipFile>, Error> {
    let mut found = Vec::new();
    match kind_of(root)? {
        Some(kind) => found.push(ClipFile::new(root, root, kind)),
        None => search(root, root, DEPTH_MAX, &mut found)?,
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn search(
    root: &Path,
    directory: &Path,
    depth: usize,
    found: &mut Vec<ClipFile>,
) -> Result<(), Error> {
    for path in entries(directory)? {
        if found.len() == CLIPS_MAX {
            return Err(Error::TooManyClips(CLIPS_MAX));
        }
        match kind_of(&path)? {
            Some(kind) => found.push(ClipFile::new(root, &path, kind)),
            None if path.is_dir() && depth > 0 => search(root, &path, depth - 1, found)?,
            None => {}
        }
    }
    Ok(())
}

/// How a path stores a clip; `None` for anything else.
fn kind_of(path: &Path) -> Result<Option<ClipKind>, Error> {
    if path.is_dir() {
        let pictures = entries(path)?.into_iter().any(|entry| ends(&entry, &PICTURES));
        return Ok(pictures.then_some(ClipKind::Recording));
    }
    Ok(if ends(path, &[RAW]) {
        Some(ClipKind::Recording)
    } else if ends(path, &VIDEOS) {
        Some(ClipKind::Video)
    } else {
        None
    })
}

fn ends(path: &Path, endings: &[&str]) -> bool {
    let known = |ending: &OsStr| endings.iter().any(|known| ending.eq_ignore_ascii_case(known));
    path.extension().is_some_and(known) && path.is_file()
}

/// The entries of a directory that are not hidden.
fn entries(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |reason: io::Error| Error::Directory { path: directory.into(), reason };
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// The folders directly below a directory, sorted by name.
///
/// # Errors
/// [`Error::Directory`].
pub(crate) fn folders(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    Ok(entries(directory)?.into_iter().filter(|path| path.is_dir()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_are_found_at_any_depth_with_their_person_and_side() {
        let root = tempfile::tempdir().unwrap();
        for file in [
            "anna-1-left.y4m",
            "anna-2.MP4",
            "bert.gif",
            "carl-dan-7/0001.jpg",
            "eve/morning/turn-right.mkv",
            "eve/notes.txt",
            ".hidden-1.y4m",
        ] {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, []).unwrap();
        }
        let found = list(root.path()).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|clip| (clip.name.as_str(), clip.person.as_str(), clip.side, clip.kind))
            .collect();
        let expected = [
            ("anna-1-left", "anna", Some(NamedSide::Left), ClipKind::Recording),
            ("anna-2", "anna", None, ClipKind::Video),
            ("bert", "bert", None, ClipKind::Video),
            ("carl-dan-7", "carl-dan", None, ClipKind::Recording),
            ("eve/morning/turn-right", "eve", Some(NamedSide::Right), ClipKind::Video),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_clip_may_be_named_itself() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("anna-1.mp4");
        fs::write(&path, []).unwrap();
        let found = list(&path).unwrap();
        assert_eq!((found.len(), found[0].person.as_str()), (1, "anna"));
        assert!(matches!(list(&root.path().join("absent")), Err(Error::Directory { .. })));
    }
}
