//! The URLs of stores.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::wire::backends::{self, Backend, OpenError, StoreOptions};
use crate::wire::stores::Stores;

/// The text is not the URL of a store of this build. The message is a clause without the text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct StoreUrlError(pub(crate) Cow<'static, str>);

/// The URL of a store for accounts or sessions: `sqlite:PATH`, `memory:` or, with the feature `postgres`,
/// `postgres://USER@HOST/DATABASE`.
///
/// ```
/// use kunci::StoreUrl;
///
/// assert_eq!(StoreUrl::parse("sqlite:app.db")?.show(), "sqlite:app.db");
/// assert!(StoreUrl::parse("memory:").is_ok());
/// assert!(StoreUrl::parse("sqlite::memory:").is_err());
/// // The URL of a store on a network can contain a password.
/// assert_eq!(format!("{:?}", StoreUrl::parse("sqlite:app.db")?), "StoreUrl(sqlite:..)");
/// # Ok::<(), kunci::StoreUrlError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct StoreUrl {
    backend: &'static Backend,
    /// What follows the scheme and its colon.
    rest: String,
}

impl fmt::Debug for StoreUrl {
    /// Shows only the scheme, because what follows can contain a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({}:..)", self.backend.name)
    }
}

impl StoreUrl {
    /// Parses a URL.
    ///
    /// # Errors
    /// [`StoreUrlError`] if this build has no such store.
    pub fn parse(text: &str) -> Result<Self, StoreUrlError> {
        let refused = |why: &'static str| StoreUrlError(why.into());
        let (scheme, rest) = text.split_once(':').ok_or(refused("it is not a URL"))?;
        let Some(backend) = backends::find(scheme) else {
            let is_absent = backends::ABSENT.contains(&scheme);
            let absent = || StoreUrlError(format!("this build has no {scheme} store").into());
            return Err(if is_absent {
                absent()
            } else {
                refused(backends::UNKNOWN)
            });
        };
        (backend.check)(rest).map_err(refused)?;
        let rest = rest.to_owned();
        Ok(Self { backend, rest })
    }

    /// Returns the URL as a text, without a password.
    #[must_use]
    pub fn show(&self) -> String {
        format!(
            "{}:{}",
            self.backend.name,
            (self.backend.without_password)(&self.rest)
        )
    }

    /// Returns the URL of a library that names no store.
    pub(crate) fn of_library() -> Self {
        Self {
            backend: backends::LIBRARY_DEFAULT,
            rest: String::new(),
        }
    }

    /// Opens the store.
    pub(crate) fn open(&self, options: StoreOptions) -> Result<Stores, OpenError> {
        (self.backend.open)(&self.rest, options)
    }

    /// Returns the default file for the secret key, beside the database.
    pub(crate) fn key_file(&self) -> Option<PathBuf> {
        self.file().map(|path| path.with_extension("key"))
    }

    /// Returns the default folder for mails, beside the database.
    pub(crate) fn outbox(&self) -> Option<PathBuf> {
        self.file().map(|path| path.with_extension("outbox"))
    }

    fn file(&self) -> Option<&Path> {
        self.backend.is_file.then(|| Path::new(&self.rest))
    }
}

#[cfg(feature = "server")]
impl StoreUrl {
    /// Returns the URL of a server whose settings name no store. The database is in the data folder.
    pub(crate) fn of_server(data: &Path) -> Self {
        Self {
            backend: backends::SERVER_DEFAULT,
            // Settings are UTF-8, so that the path is shown as it is.
            rest: data.join("kunci.db").to_string_lossy().into_owned(),
        }
    }

    /// Returns the forms of all URLs of this build, as a list in words.
    pub(crate) fn forms() -> String {
        let forms: Vec<&str> = backends::BACKENDS.iter().map(|backend| backend.form).collect();
        match forms.split_last() {
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        }
    }

    /// Whether the URL contains a password.
    pub(crate) fn has_password(&self) -> bool {
        (self.backend.without_password)(&self.rest) != self.rest
    }

    /// Whether the records are in the memory of the process, which has no limit and which commands cannot access.
    pub(crate) const fn is_in_process(&self) -> bool {
        self.backend.is_in_process
    }

    /// Returns the most memory that the open store uses with this many reading threads, in bytes.
    #[cfg(feature = "hyper")]
    pub(crate) fn memory_bytes(&self, readers: u64, options: StoreOptions) -> u64 {
        (self.backend.memory_bytes)(readers, options)
    }
}

/// Opens the stores of two URLs. The same URL is opened once.
pub(crate) fn open_stores(
    main: &StoreUrl,
    sessions: &StoreUrl,
    options: StoreOptions,
) -> Result<Stores, OpenError> {
    let stores = main.open(options)?;
    if sessions == main {
        return Ok(stores);
    }
    let other = sessions.open(options)?;
    let locality = stores.locality.max(other.locality);
    Ok(Stores {
        health: [stores.health, other.health].concat(),
        ..Stores::separate(other.sessions, stores.accounts, locality)
    })
}
