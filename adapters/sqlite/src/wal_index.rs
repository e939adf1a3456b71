//! Tells whether a database has changed, in one call of the operating system and without SQLite.
//!
//! In write-ahead logging, all processes that have a database open share a small file beside it, the
//! wal-index. Its header counts the transactions and holds checksums of the log; whoever commits writes it
//! anew, and no reader sees the commit before that (<https://www.sqlite.org/walformat.html>, 2.1). It stands
//! there twice. This reads the second copy, which is written first, so that it never tells too late.
//!
//! Left out: reading anything else of SQLite's, and writing.

use std::path::Path;

use rusqlite::Connection;

/// A state of a database: the header of its wal-index, in the byte order of the machine. No two states have
/// the same, as it counts and holds random salts and a checksum over the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State([u8; HEADER]);

const HEADER: usize = 48;

/// The number that a header begins with since SQLite 3.7.
const FORMAT: u32 = 3_007_000;

/// The wal-index of one database.
#[derive(Debug)]
pub(crate) struct WalIndex(file::Kept);

impl WalIndex {
    /// That of the database behind `connection`, which must have it in use and keep it so.
    ///
    /// `None` where there is no such file, or one that is not understood.
    pub(crate) fn of(connection: &Connection) -> Option<Self> {
        let path = [connection.path()?, "-shm"].concat();
        let index = Self(file::keep_open(Path::new(&path)).ok()?);
        index
            .state()
            .filter(|state| state.0.starts_with(&FORMAT.to_ne_bytes()))?;
        Some(index)
    }

    /// What is the newest state now.
    pub(crate) fn state(&self) -> Option<State> {
        let mut header = [0; HEADER];
        file::read_at(&self.0, &mut header, HEADER as u64).ok()?;
        Some(State(header))
    }
}

#[cfg(target_os = "linux")]
mod file {
    //! Files that are never closed. SQLite holds locks on this very file, and POSIX drops all locks that a
    //! process has on a file when it closes any handle to it. So a file is opened once in a process, however
    //! many stores use it, and kept.

    use std::collections::BTreeMap;
    use std::fs::{self, File};
    use std::io;
    use std::os::unix::fs::{FileExt, MetadataExt};
    use std::path::Path;
    use std::sync::{Mutex, PoisonError};

    pub(super) type Kept = &'static File;

    static KEPT: Mutex<BTreeMap<(u64, u64), Kept>> = Mutex::new(BTreeMap::new());

    pub(super) fn keep_open(path: &Path) -> io::Result<Kept> {
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        let metadata = fs::metadata(path)?;
        let which = (metadata.dev(), metadata.ino());
        if let Some(file) = kept.get(&which) {
            return Ok(file);
        }
        let file: Kept = Box::leak(Box::new(File::open(path)?));
        kept.insert(which, file);
        Ok(file)
    }

    pub(super) fn read_at(file: &Kept, buffer: &mut [u8], at: u64) -> io::Result<()> {
        file.read_exact_at(buffer, at)
    }
}

#[cfg(not(target_os = "linux"))]
mod file {
    //! Elsewhere it was not tried. POSIX leaves it open whether who reads a file sees at once what another
    //! process writes to it through mapped memory, as SQLite does; Linux shows it.

    use std::convert::Infallible;
    use std::io;
    use std::path::Path;

    pub(super) type Kept = Infallible;

    pub(super) fn keep_open(_: &Path) -> io::Result<Kept> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn read_at(never: &Kept, _: &mut [u8], _: u64) -> io::Result<()> {
        match *never {}
    }
}
