//! The fixed table of files that pages load, under names that carry a hash of their content.
//!
//! A changed file has a new name, so a response may be cached for a year. Status codes and headers are the
//! caller's; nothing is read from disk at run time.

use std::fmt::Write as _;
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

/// How many digits of the hash a name carries: 64 bits, plenty to tell our own versions apart.
const HASH_DIGITS: usize = 16;

/// A file that is compiled in and served as it is.
#[derive(Debug)]
pub struct Asset {
    /// The last part of the path: stem, hash and extension, as in `style.0123456789abcdef.css`.
    pub name: String,
    /// The value for `Content-Type`.
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

    /// The path under which pages ask for this file.
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

/// The files by role, so that no page has to look one up by a name that might be missing.
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

/// All files.
#[must_use]
pub fn all() -> [&'static Asset; 2] {
    let Table { style, mark } = table();
    [style, mark]
}

/// The file with this name, which is the part of the path after `/assets/`.
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

/// The style sheet of every page.
#[must_use]
pub fn style() -> &'static Asset {
    &table().style
}

/// The mark, which is also the icon of every page.
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
            // Writing to a string cannot fail.
            let _ = write!(hash, "{byte:02x}");
            hash
        })
}
