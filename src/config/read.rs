//! Reads files of limited size.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

/// The largest file that is read, so that a wrong path cannot fill the memory.
const LARGEST: u64 = 1024 * 1024;

/// Reads a file of at most 1 MiB.
///
/// # Errors
/// The error of the system, and one of its own if the file is larger.
pub(crate) fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if LARGEST < bytes.len() as u64 {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    Ok(bytes)
}

/// Reads a file that contains a secret, without one line end at its end.
pub(crate) fn secret_in(path: &str) -> io::Result<Zeroizing<String>> {
    let text = String::from_utf8(read_limited(Path::new(path))?).map(Zeroizing::new);
    let text = text.map_err(|_| io::Error::other("it is not UTF-8"))?;
    let end = ["\r\n", "\n"].into_iter().find_map(|end| text.strip_suffix(end));
    Ok(Zeroizing::new(end.unwrap_or(&text).to_owned()))
}
