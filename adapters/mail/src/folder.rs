//! A folder of messages with a limit. Each message is complete or absent, also after a crash.
//!
//! A message is written under a temporary name, synced, renamed, and then the folder is synced.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use kunci_domain::Timestamp;
use kunci_domain::ports::MailError;

use crate::capacity::{Capacity, Priority};
use crate::error::{OpenError, failed};

const EXTENSION: &str = "eml";

/// The name of a message. Sorting by name sorts by time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Message(String);

impl Message {
    /// Creates a name from the time and `id`, which is unique and consists of letters and digits.
    #[must_use]
    pub fn new(now: Timestamp, id: &str) -> Self {
        Self(format!("{:015}-{id}", now.unix_millis().max(0)))
    }

    fn parse(file_name: &OsStr) -> Option<Self> {
        let stem = file_name.to_str()?.strip_suffix(EXTENSION)?.strip_suffix('.')?;
        let message = Self(stem.to_owned());
        message.time_in_name().map(|_| message)
    }

    /// Returns the time at which the message was written.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        // Every name contains a time, so the default is never used.
        self.time_in_name().unwrap_or(Timestamp::from_unix_millis(0))
    }

    fn time_in_name(&self) -> Option<Timestamp> {
        let (millis, _) = self.0.split_once('-')?;
        millis.parse().ok().map(Timestamp::from_unix_millis)
    }

    /// Returns the name, which is safe to log: it reveals only the time.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    fn file_name(&self) -> String {
        format!("{}.{EXTENSION}", self.0)
    }
}

/// Whether a message stays in the folder after it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retention {
    /// The message stays.
    Keep,
    /// The message is removed at once, under a name that is never listed.
    Remove,
}

/// A folder with a limit that only its owner can read.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    handle: File,
    capacity: Capacity,
}

impl Folder {
    /// Opens the folder, creates it if it does not exist, and removes incomplete files that a crash left.
    ///
    /// A symbolic link is refused, because it would lead messages to a place that others may read.
    ///
    /// # Errors
    /// Returns [`OpenError`] with the error of the operating system.
    pub fn open(path: &Path, limit: usize) -> Result<Self, OpenError> {
        let inner = || -> io::Result<Self> {
            DirBuilder::new().recursive(true).mode(0o700).create(path)?;
            let handle = open_unlinked(path)?;
            handle.set_permissions(Permissions::from_mode(0o700))?;
            remove_leftovers(path)?;
            Ok(Self {
                path: path.to_owned(),
                handle,
                capacity: Capacity::new(limit, count(path)?),
            })
        };
        inner().map_err(|source| OpenError {
            path: path.to_owned(),
            source,
        })
    }

    /// Returns the path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Locks the folder for this process until the folder is closed, and returns whether this process holds
    /// the lock. It may be called again.
    pub fn try_claim(&self) -> bool {
        self.handle.try_lock().is_ok()
    }

    /// Returns whether there is room for another message.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.capacity.has_room()
    }

    /// Lists the messages, the oldest first.
    ///
    /// # Errors
    /// Returns the error of the operating system.
    pub fn list(&self) -> io::Result<Vec<Message>> {
        let mut messages: Vec<_> = messages(&self.path)?.collect();
        messages.sort();
        Ok(messages)
    }

    /// Reads a message.
    ///
    /// # Errors
    /// Returns the error of the operating system.
    pub fn read(&self, message: &Message) -> io::Result<Vec<u8>> {
        fs::read(self.path.join(message.file_name()))
    }

    /// Removes a message.
    ///
    /// # Errors
    /// Returns the error of the operating system. The message may still exist.
    pub fn remove(&self, message: &Message) -> io::Result<()> {
        fs::remove_file(self.path.join(message.file_name()))?;
        self.capacity.remove();
        self.warn_if_nearly_full();
        self.handle.sync_all()
    }

    /// Moves a message to another folder.
    ///
    /// # Errors
    /// Returns the error of the operating system. The message may still be in this folder.
    pub fn move_to(&self, other: &Self, message: &Message) -> io::Result<()> {
        let name = message.file_name();
        fs::rename(self.path.join(&name), other.path.join(&name))?;
        other.capacity.add();
        other.warn_if_nearly_full();
        self.capacity.remove();
        self.warn_if_nearly_full();
        other.handle.sync_all()?;
        self.handle.sync_all()
    }

    /// Writes a message to the folder.
    pub(crate) fn put(
        &self,
        message: &Message,
        text: &[u8],
        priority: Priority,
        retention: Retention,
        now: Timestamp,
    ) -> Result<(), MailError> {
        let count = || count(&self.path);
        let has_room = self.capacity.reserve(priority, now, count).map_err(failed)?;
        let written = has_room.then(|| {
            let written = self.write(message, text, retention);
            let stored = written.is_ok() && retention == Retention::Keep;
            self.capacity.release(stored);
            written
        });
        self.warn_if_nearly_full();
        written.ok_or(MailError::Full)?.map_err(failed)
    }

    /// Logs a warning when the folder becomes four fifths full, and again only after it was emptier.
    fn warn_if_nearly_full(&self) {
        if let Some(messages) = self.capacity.newly_nearly_full(|| count(&self.path)) {
            let folder = self.path.display();
            tracing::warn!(
                %folder,
                messages,
                "the mail folder is 80 % full: links to confirm an address are refused, and when it is full, all mail"
            );
        }
    }

    fn write(&self, message: &Message, text: &[u8], retention: Retention) -> io::Result<()> {
        let temporary = self.path.join(format!(".{}.tmp", message.name()));
        let written = self.write_via(&temporary, message, text, retention);
        if written.is_err() {
            // Either file may be absent. If a removal fails, the next start removes the temporary file.
            let _ = fs::remove_file(&temporary);
            let _ = fs::remove_file(self.path.join(message.file_name()));
        }
        written
    }

    fn write_via(
        &self,
        temporary: &Path,
        message: &Message,
        text: &[u8],
        retention: Retention,
    ) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(temporary)?;
        // The lock keeps another process that starts now from removing the file.
        file.lock()?;
        file.write_all(text)?;
        file.sync_all()?;
        let target = match retention {
            Retention::Keep => self.path.join(message.file_name()),
            Retention::Remove => self.path.join(format!(".{}.drop", message.name())),
        };
        fs::rename(temporary, &target)?;
        self.handle.sync_all()?;
        match retention {
            Retention::Keep => Ok(()),
            Retention::Remove => fs::remove_file(target),
        }
    }
}

/// Opens a folder unless its path is a symbolic link.
fn open_unlinked(path: &Path) -> io::Result<File> {
    let named = fs::symlink_metadata(path)?;
    let handle = File::open(path)?;
    let opened = handle.metadata()?;
    if (named.dev(), named.ino()) == (opened.dev(), opened.ino()) {
        Ok(handle)
    } else {
        Err(io::Error::new(
            io::ErrorKind::NotADirectory,
            "it is a symbolic link",
        ))
    }
}

fn messages(path: &Path) -> io::Result<impl Iterator<Item = Message>> {
    let entries = fs::read_dir(path)?;
    Ok(entries.filter_map(|entry| Message::parse(&entry.ok()?.file_name())))
}

fn count(path: &Path) -> io::Result<usize> {
    Ok(messages(path)?.count())
}

/// Removes incomplete messages and mails to nobody, except those that another process is writing.
fn remove_leftovers(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if is_leftover(&entry.file_name())
            && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
        {
            // Another process may have removed the file. A file that stays does no harm.
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
