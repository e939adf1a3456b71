//! Checks that other users of the machine cannot access a database.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A file or folder that other users can access, and the mode that would prevent it.
#[derive(Debug, Clone, Error)]
#[error("{} is open to other users", path.display())]
pub(crate) struct Exposed {
    pub(crate) path: PathBuf,
    pub(crate) remedy: &'static str,
}

/// The bits that the files must not have. Their group may read them, for backups.
const FILE: u32 = 0o027;
/// The bit that the folder must not have. A user who can write to it can replace the database.
const FOLDER: u32 = 0o002;

/// Checks the files of the database at `path` and their folder. What does not exist is not checked.
///
/// # Errors
/// [`Exposed`] for the first file or folder that other users can access.
pub(crate) fn check(path: &Path) -> Result<(), Exposed> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        refuse(Path::new(&name), FILE, "600")?;
    }
    path.parent()
        .map_or(Ok(()), |folder| refuse(folder, FOLDER, "o-w"))
}

fn refuse(path: &Path, bits: u32, remedy: &'static str) -> Result<(), Exposed> {
    match fs::metadata(path) {
        Ok(file) if file.permissions().mode() & bits != 0 => {
            let path = path.to_owned();
            Err(Exposed { path, remedy })
        }
        _ => Ok(()),
    }
}
