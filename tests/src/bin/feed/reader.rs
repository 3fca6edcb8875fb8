//! The person in front of the camera, who reads a screen.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use fpass_tests::{listener::last_asked_side, scene::Side};

/// Reads the prompts of a screen. It knows only what the screen shows.
pub(crate) struct Reader {
    screen: PathBuf,
    /// Bytes of the file that were read, or skipped.
    seen: u64,
    text: String,
    /// Place of the last prompt in the text.
    followed: Option<usize>,
}

impl Reader {
    /// A reader of what is written to a file from now on.
    pub(crate) fn of(screen: &Path) -> Self {
        Self { screen: screen.to_owned(), seen: 0, text: String::new(), followed: None }
    }

    /// Forgets everything that was shown so far.
    pub(crate) fn skip(&mut self) -> io::Result<()> {
        self.read()?;
        self.text.clear();
        self.followed = None;
        Ok(())
    }

    /// The side of a prompt that was not there before.
    pub(crate) fn newly_asked(&mut self) -> io::Result<Option<Side>> {
        if !self.read()? {
            return Ok(None);
        }
        let Some((place, side)) = last_asked_side(&self.text) else { return Ok(None) };
        let is_new = self.followed.is_none_or(|followed| place > followed);
        self.followed = Some(place);
        Ok(is_new.then_some(side))
    }

    /// Reads on, and returns whether there was more. A file that became shorter was begun again.
    fn read(&mut self) -> io::Result<bool> {
        let mut file = match File::open(&self.screen) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            opened => opened?,
        };
        if file.metadata()?.len() < self.seen {
            self.seen = 0;
            self.text.clear();
            self.followed = None;
        }
        file.seek(SeekFrom::Start(self.seen))?;
        let mut bytes = Vec::new();
        let read = file.read_to_end(&mut bytes)?;
        self.seen = self.seen.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        self.text.push_str(&String::from_utf8_lossy(&bytes));
        Ok(read > 0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::{env, fs, fs::OpenOptions, io::Write, process};

    use fpass_proto::Prompt;

    use super::*;

    #[test]
    fn each_prompt_is_followed_once_also_if_it_comes_in_parts_or_again() {
        let path = env::temp_dir().join(format!("fpass-screen-{}", process::id()));
        let show = |text: &str| {
            let mut file = OpenOptions::new().append(true).create(true).open(&path).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        };
        let mut reader = Reader::of(&path);
        assert_eq!(reader.newly_asked().unwrap(), None, "no screen yet");
        show(Prompt::LookThenTurnRight.sentence());
        reader.skip().unwrap();
        assert_eq!(reader.newly_asked().unwrap(), None, "shown before");
        let (head, tail) = Prompt::LookThenTurnLeft.sentence().split_at(30);
        show(head);
        assert_eq!(reader.newly_asked().unwrap(), None, "half a prompt");
        show(tail);
        assert_eq!(reader.newly_asked().unwrap(), Some(Side::Left));
        show("\n");
        assert_eq!(reader.newly_asked().unwrap(), None, "the same prompt");
        show(Prompt::LookThenTurnLeft.sentence());
        assert_eq!(reader.newly_asked().unwrap(), Some(Side::Left), "again");
        fs::write(&path, "").unwrap();
        assert_eq!(reader.newly_asked().unwrap(), None, "an empty screen");
        show(Prompt::TurnRight.sentence());
        assert_eq!(reader.newly_asked().unwrap(), Some(Side::Right));
        fs::remove_file(&path).unwrap();
    }
}
