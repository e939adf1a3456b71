//! Keeps space on the disk, so that users can sign in and out when the disk is full.
//!
//! A file beside the database takes the space. When SQLite reports a full disk, the file is removed. Until it
//! can be created again, the store refuses what strangers can fill a disk with: sessions of visitors, larger
//! values, and new accounts.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::error::SqliteError;

/// Time between two looks at the file and at the free space.
const INTERVAL: Duration = Duration::from_secs(1);

/// The reserve of one database. Several processes may share it.
#[derive(Debug)]
pub(crate) struct Reserve {
    path: PathBuf,
    /// The size of the file; 0 disables the reserve.
    bytes: u64,
    is_released: AtomicBool,
    refuses_growth: AtomicBool,
}

impl Reserve {
    /// Returns the reserve beside the database at `path`. This creates no file.
    pub(crate) fn beside(path: &Path, bytes: u64) -> Self {
        let mut name = path.as_os_str().to_owned();
        name.push("-reserve");
        Self {
            path: name.into(),
            bytes,
            is_released: AtomicBool::new(false),
            refuses_growth: AtomicBool::new(false),
        }
    }

    /// Frees the space for the most important writes, and refuses all others from now on.
    ///
    /// Returns whether this can make a failed write succeed.
    pub(crate) fn release(&self) -> bool {
        if self.bytes == 0 {
            return false;
        }
        let is_removed = fs::remove_file(&self.path).is_ok();
        self.note_release();
        !self.refuses_growth.swap(true, Ordering::AcqRel) || is_removed
    }

    /// Checks that a write may need more space.
    ///
    /// # Errors
    /// [`SqliteError::DiskShort`] while the reserve is in use.
    pub(crate) fn allow_growth(&self) -> Result<(), SqliteError> {
        if self.refuses_growth.load(Ordering::Acquire) {
            Err(SqliteError::DiskShort)
        } else {
            Ok(())
        }
    }

    /// Checks that the reserve is not in use.
    ///
    /// # Errors
    /// [`SqliteError::DiskShort`] if it is.
    pub(crate) fn check(&self) -> Result<(), SqliteError> {
        if self.is_released.load(Ordering::Acquire) {
            Err(SqliteError::DiskShort)
        } else {
            Ok(())
        }
    }

    /// Creates the file again if there is room, and notices if another process has removed it.
    fn tend(&self, connection: &Connection) {
        let is_whole = || fs::metadata(&self.path).is_ok_and(|file| file.len() == self.bytes);
        if self.bytes == 0 || is_whole() || self.restore().is_ok() {
            self.note_restoration();
        } else {
            self.note_release();
            // The database may have free pages while the disk has no space.
            let is_scarce = free_bytes(connection).is_none_or(|free| free < self.bytes);
            self.refuses_growth.store(is_scarce, Ordering::Release);
        }
    }

    /// Creates the file if a part of its size is left beyond it. So space that only the release has made free
    /// does not count.
    fn restore(&self) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("/"));
        if free_space(folder)? < self.bytes + self.bytes / 4 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(0o600);
        let allocated = allocate(&file.open(&self.path)?, self.bytes);
        if allocated.is_err() {
            // A file that stays is noticed by its length.
            let _ = fs::remove_file(&self.path);
        }
        allocated
    }

    fn note_release(&self) {
        if !self.is_released.swap(true, Ordering::AcqRel) {
            let path = self.path.display();
            tracing::error!(%path, "the disk is full: the reserve is in use, and only signing in and out works");
        }
    }

    fn note_restoration(&self) {
        self.refuses_growth.store(false, Ordering::Release);
        if self.is_released.swap(false, Ordering::AcqRel) {
            tracing::info!("the disk has room again, and the reserve is restored");
        }
    }
}

/// Looks after a reserve on the writer thread.
#[derive(Debug)]
pub(crate) struct ReserveKeeper {
    tended_at: Option<Instant>,
}

impl ReserveKeeper {
    /// Creates the file if there is room for it.
    pub(crate) fn start(reserve: &Reserve, connection: &Connection) -> Self {
        let mut keeper = Self { tended_at: None };
        keeper.tend_if_due(reserve, connection);
        keeper
    }

    /// Looks after the reserve, at most once per second.
    pub(crate) fn tend_if_due(&mut self, reserve: &Reserve, connection: &Connection) {
        if self.tended_at.is_none_or(|at| INTERVAL <= at.elapsed()) {
            reserve.tend(connection);
            self.tended_at = Some(Instant::now());
        }
    }
}

/// Returns the size of the free pages in the database.
fn free_bytes(connection: &Connection) -> Option<u64> {
    let integer = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let free = integer("freelist_count").ok()? * integer("page_size").ok()?;
    u64::try_from(free).ok()
}

fn free_space(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(target_os = "linux")]
fn allocate(file: &File, bytes: u64) -> io::Result<()> {
    Ok(rustix::fs::fallocate(
        file,
        rustix::fs::FallocateFlags::empty(),
        0,
        bytes,
    )?)
}

#[cfg(not(target_os = "linux"))]
fn allocate(mut file: &File, bytes: u64) -> io::Result<()> {
    io::copy(&mut io::Read::take(io::repeat(0), bytes), &mut file)?;
    file.sync_all()
}
