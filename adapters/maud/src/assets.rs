//! The static files that pages load. Their names contain a hash of their content.
//!
//! A changed file has a new name, so clients may cache a file for a year. The files are compiled in:
//! nothing is read from disk at run time. The caller sets status codes and headers.

use std::fmt::Write as _;
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

/// Number of hash digits in a name: 64 bits.
const HASH_DIGITS: usize = 16;

/// A file that is compiled in and served unchanged.
#[derive(Debug)]
pub struct Asset {
    /// Last segment of the path: stem, hash and extension, as in `style.0123456789abcdef.css`.
    pub name: String,
    /// Value of `Content-Type`.
    pub content_type: &'static str,
    /// The content.
    pub bytes: &'static [u8],
}

impl Asset {
    fn new(stem: &str, extension: &str, content_type: &'static str, bytes: &'static [u8]) -> Self {
        let name = format!("{stem}.{}.{extension}", short_hash(bytes));
        Self {
            name,
            content_type,
            bytes,
        }
    }

    /// Returns the path from which pages load this file.
    ///
    /// ```
    /// let style = kunci_maud::assets::style();
    /// assert_eq!(style.path(), format!("/assets/{}", style.name));
    /// ```
    #[must_use]
    pub fn path(&self) -> String {
        format!("/assets/{}", self.name)
    }
}

/// The files by role, so pages need no look-up that could fail.
#[derive(Debug)]
struct Table {
    style: Asset,
    mark: Asset,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table {
        style: Asset::new(
            "style",
            "css",
            "text/css; charset=utf-8",
            include_bytes!("../assets/style.css"),
        ),
        mark: Asset::new(
            "mark",
            "svg",
            "image/svg+xml",
            include_bytes!("../assets/mark.svg"),
        ),
    })
}

/// Returns all files.
#[must_use]
pub fn all() -> [&'static Asset; 2] {
    let Table { style, mark } = table();
    [style, mark]
}

/// Returns the file with this name, which is the part of the path after `/assets/`.
///
/// ```
/// use kunci_maud::assets;
///
/// let mark = assets::mark();
/// assert!(assets::find(&mark.name).is_some());
/// assert!(assets::find("mark.svg").is_none());
/// ```
#[must_use]
pub fn find(name: &str) -> Option<&'static Asset> {
    all().into_iter().find(|asset| asset.name == name)
}

/// Returns the style sheet of all pages.
#[must_use]
pub fn style() -> &'static Asset {
    &table().style
}

/// Returns the logo, which is also the icon of all pages.
#[must_use]
pub fn mark() -> &'static Asset {
    &table().mark
}

fn short_hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest
        .iter()
        .take(HASH_DIGITS / 2)
        .fold(String::with_capacity(HASH_DIGITS), |mut hash, byte| {
            // Writing to a `String` never fails.
            let _ = write!(hash, "{byte:02x}");
            hash
        })
}
