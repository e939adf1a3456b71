//! A folder of messages: each is there whole or not at all, and there are only so many.
//!
//! A message is written under a temporary name, brought to the disk, renamed, and then the folder is
//! brought to the disk, too. Left out: what the messages say, and what becomes of them.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use kunci_domain::Timestamp;
use kunci_domain::ports::MailError;

use crate::error::{OpenError, failed};
use crate::places::Places;

const EXTENSION: &str = "eml";

/// The name of a message: sorted by name, messages are sorted by time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Message(String);

impl Message {
    /// A name for a message of this time; `id`, of letters and digits, makes it unlike any other.
    #[must_use]
    pub fn new(now: Timestamp, id: &str) -> Self {
        Self(format!("{:015}-{id}", now.unix_millis().max(0)))
    }

    fn parse(file_name: &OsStr) -> Option<Self> {
        let stem = file_name.to_str()?.strip_suffix(EXTENSION)?.strip_suffix('.')?;
        let message = Self(stem.to_owned());
        message.time_in_name().map(|_| message)
    }

    /// When it was written.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        // Only names that have a time are made, so that the default is never taken.
        self.time_in_name().unwrap_or(Timestamp::from_unix_millis(0))
    }

    fn time_in_name(&self) -> Option<Timestamp> {
        let (millis, _) = self.0.split_once('-')?;
        millis.parse().ok().map(Timestamp::from_unix_millis)
    }

    /// The name, for logs: it tells nothing but the time.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    fn file_name(&self) -> String {
        format!("{}.{EXTENSION}", self.0)
    }
}

/// Whether a message stays once it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stay {
    /// It does.
    Kept,
    /// It is removed at once, under a name by which nobody takes it for a message.
    Dropped,
}

/// A folder that only its owner can read, with a bound.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    handle: File,
    places: Places,
}

impl Folder {
    /// Opens the folder, makes it if there is none, and removes what a crash left half written.
    ///
    /// # Errors
    /// [`OpenError`], with what the system says.
    pub fn open(path: &Path, limit: usize) -> Result<Self, OpenError> {
        let inner = || -> io::Result<Self> {
            DirBuilder::new().recursive(true).mode(0o700).create(path)?;
            fs::set_permissions(path, Permissions::from_mode(0o700))?;
            remove_leftovers(path)?;
            Ok(Self {
                path: path.to_owned(),
                handle: File::open(path)?,
                places: Places::new(limit, count(path)?),
            })
        };
        inner().map_err(|source| OpenError {
            path: path.to_owned(),
            source,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes it for this process alone, until the folder is closed. Answers whether it could be had; a
    /// process that has it may ask again.
    pub fn try_claim(&self) -> bool {
        self.handle.try_lock().is_ok()
    }

    /// Whether there is room for one more message.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.places.are_left()
    }

    /// The messages that wait, the oldest first.
    ///
    /// # Errors
    /// What the system says.
    pub fn list(&self) -> io::Result<Vec<Message>> {
        let mut messages: Vec<_> = messages(&self.path)?.collect();
        messages.sort();
        Ok(messages)
    }

    /// What a message says.
    ///
    /// # Errors
    /// What the system says.
    pub fn read(&self, message: &Message) -> io::Result<Vec<u8>> {
        fs::read(self.path.join(message.file_name()))
    }

    /// Removes a message.
    ///
    /// # Errors
    /// What the system says; the message may still be there.
    pub fn remove(&self, message: &Message) -> io::Result<()> {
        fs::remove_file(self.path.join(message.file_name()))?;
        self.places.free();
        self.handle.sync_all()
    }

    /// Moves a message into another folder.
    ///
    /// # Errors
    /// What the system says; the message may still be there.
    pub fn move_to(&self, other: &Self, message: &Message) -> io::Result<()> {
        let name = message.file_name();
        fs::rename(self.path.join(&name), other.path.join(&name))?;
        other.places.add();
        self.places.free();
        other.handle.sync_all()?;
        self.handle.sync_all()
    }

    /// Writes a message down.
    pub(crate) fn put(
        &self,
        message: &Message,
        text: &[u8],
        stay: Stay,
        now: Timestamp,
    ) -> Result<(), MailError> {
        let count = || count(&self.path);
        if !self.places.take(now, count).map_err(failed)? {
            return Err(MailError::Full);
        }
        let written = self.write(message, text, stay);
        self.places.came(written.is_ok() && stay == Stay::Kept);
        written.map_err(failed)
    }

    fn write(&self, message: &Message, text: &[u8], stay: Stay) -> io::Result<()> {
        let temporary = self.path.join(format!(".{}.tmp", message.name()));
        let written = self.write_as(&temporary, message, text, stay);
        if written.is_err() {
            // Neither may be there, and whatever is left of the first is removed at the next start.
            let _ = fs::remove_file(&temporary);
            let _ = fs::remove_file(self.path.join(message.file_name()));
        }
        written
    }

    fn write_as(&self, temporary: &Path, message: &Message, text: &[u8], stay: Stay) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(temporary)?;
        // A process that starts meanwhile leaves alone what is locked.
        file.lock()?;
        file.write_all(text)?;
        file.sync_all()?;
        let there = match stay {
            Stay::Kept => self.path.join(message.file_name()),
            Stay::Dropped => self.path.join(format!(".{}.drop", message.name())),
        };
        fs::rename(temporary, &there)?;
        self.handle.sync_all()?;
        match stay {
            Stay::Kept => Ok(()),
            Stay::Dropped => fs::remove_file(there),
        }
    }
}

fn messages(path: &Path) -> io::Result<impl Iterator<Item = Message>> {
    let entries = fs::read_dir(path)?;
    Ok(entries.filter_map(|entry| Message::parse(&entry.ok()?.file_name())))
}

fn count(path: &Path) -> io::Result<usize> {
    Ok(messages(path)?.count())
}

/// Removes what was not finished, and what was to be dropped; not what another process is at.
fn remove_leftovers(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if is_leftover(&entry.file_name())
            && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
        {
            // Somebody else may have removed it, and what stays does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

fn is_leftover(name: &OsStr) -> bool {
    let ends = |name: &str| name.ends_with(".tmp") || name.ends_with(".drop");
    name.to_str()
        .is_some_and(|name| name.starts_with('.') && ends(name))
}
