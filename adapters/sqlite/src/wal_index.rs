//! Detects changes of a database with one system call and without SQLite.
//!
//! In WAL mode, all processes that have a database open share a small file beside it, the WAL index. Its
//! header contains a counter of transactions and checksums of the log. Each commit rewrites the header, and
//! no reader sees the commit before that (<https://www.sqlite.org/walformat.html>, section 2.1). The file
//! contains the header twice. SQLite writes the second copy first, so this module reads that one.

use std::path::Path;

use rusqlite::Connection;

/// One state of a database: the header of its WAL index, in the byte order of the machine.
///
/// Two states never have the same header, because it contains a counter, random salts and a checksum of the
/// log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DatabaseState([u8; HEADER_BYTES]);

impl DatabaseState {
    /// Returns the size that the database has in bytes when the log is copied into it.
    pub(crate) fn database_bytes(&self) -> u64 {
        u64::from(self.number(20)) * self.page_bytes()
    }

    /// Returns the size that the log needs in bytes for all frames up to the last commit.
    pub(crate) fn log_bytes(&self) -> u64 {
        match u64::from(self.number(16)) {
            0 => 0,
            frames => LOG_HEADER_BYTES + frames * (FRAME_HEADER_BYTES + self.page_bytes()),
        }
    }

    /// Returns the size of a page in bytes. The number 1 means 64 KiB, which does not fit in 16 bits.
    fn page_bytes(&self) -> u64 {
        match u16::from_ne_bytes([self.0[14], self.0[15]]) {
            1 => 0x1_0000,
            bytes => bytes.into(),
        }
    }

    fn number(&self, offset: usize) -> u32 {
        let bytes = &self.0[offset..];
        u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }
}

const HEADER_BYTES: usize = 48;

/// The sizes of the headers of the log and of each of its frames
/// (<https://www.sqlite.org/fileformat2.html>, section 4.1).
const LOG_HEADER_BYTES: u64 = 32;
const FRAME_HEADER_BYTES: u64 = 24;

/// The number that a header begins with since SQLite 3.7.
const FORMAT: u32 = 3_007_000;

/// The WAL index of one database.
#[derive(Debug)]
pub(crate) struct WalIndex(file::KeptFile);

impl WalIndex {
    /// Opens the WAL index of the database behind `connection`, which must stay open.
    ///
    /// Returns `None` if there is no such file, or if its format is unknown.
    pub(crate) fn of(connection: &Connection) -> Option<Self> {
        let path = [connection.path()?, "-shm"].concat();
        let index = Self(file::keep_open(Path::new(&path)).ok()?);
        index
            .state()
            .filter(|state| state.0.starts_with(&FORMAT.to_ne_bytes()))?;
        Some(index)
    }

    /// Returns the newest state, or `None` if the file cannot be read.
    pub(crate) fn state(&self) -> Option<DatabaseState> {
        let mut header = [0; HEADER_BYTES];
        file::read_at(&self.0, &mut header, HEADER_BYTES as u64).ok()?;
        Some(DatabaseState(header))
    }
}

#[cfg(target_os = "linux")]
mod file {
    //! Files that are never closed.
    //!
    //! SQLite holds locks on the WAL index. When a process closes any handle to a file, POSIX drops all locks
    //! that the process has on it. Each file is therefore opened once per process and kept open.

    use std::collections::BTreeMap;
    use std::fs::{self, File};
    use std::io;
    use std::os::unix::fs::{FileExt, MetadataExt};
    use std::path::Path;
    use std::sync::{Mutex, PoisonError};

    pub(super) type KeptFile = &'static File;

    /// The files by device and inode.
    static KEPT: Mutex<BTreeMap<(u64, u64), KeptFile>> = Mutex::new(BTreeMap::new());

    pub(super) fn keep_open(path: &Path) -> io::Result<KeptFile> {
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        let metadata = fs::metadata(path)?;
        let inode = (metadata.dev(), metadata.ino());
        if let Some(file) = kept.get(&inode) {
            return Ok(file);
        }
        let file: KeptFile = Box::leak(Box::new(File::open(path)?));
        kept.insert(inode, file);
        Ok(file)
    }

    pub(super) fn read_at(file: &KeptFile, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        file.read_exact_at(buffer, offset)
    }
}

#[cfg(not(target_os = "linux"))]
mod file {
    //! Disables the row cache on other systems.
    //!
    //! SQLite writes the WAL index through mapped memory. POSIX does not specify whether `read` sees such a
    //! write of another process at once. Linux shows it; other systems were not tested.

    use std::convert::Infallible;
    use std::io;
    use std::path::Path;

    pub(super) type KeptFile = Infallible;

    pub(super) fn keep_open(_: &Path) -> io::Result<KeptFile> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn read_at(never: &KeptFile, _: &mut [u8], _: u64) -> io::Result<()> {
        match *never {}
    }
}
