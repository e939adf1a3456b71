//! The device cookie: which users have signed in on this device, shown to them alone.
//!
//! The value is up to four entries of 48 bytes in base64url: a random id, and an HMAC-SHA-256 over a label,
//! a user and that id. It names nobody: whoever reads it learns that somebody signed in here, and no more.
//! It opens nothing, either; it only has a budget of guesses of its own, which is the domain's affair.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue};
use kunci_domain::ports::{Entropy, EntropyError};
use kunci_domain::{DeviceId, KnownDevices, UserId};

use super::Name;
use super::key::{SigningKey, TAG_LEN};
use crate::settings::Settings;

const NAME: Name = Name {
    http: "kunci-device",
    https: "__Host-kunci-device",
};
/// As many users of one device are remembered, those who signed in last.
const MOST: usize = 4;
const ENTRY_LEN: usize = DeviceId::LEN + TAG_LEN;
/// The longest that browsers keep a cookie (RFC 6265bis, 5.5).
const MAX_AGE: Duration = Duration::from_secs(400 * 24 * 3_600);
/// A session's signature is one over 32 bytes, this over 43, so that neither is ever taken for the other.
const LABEL: &[u8] = b"kunci device cookie";

/// One user of the device, as it stands in the cookie.
#[derive(Clone, Copy)]
struct Entry {
    id: DeviceId,
    tag: [u8; TAG_LEN],
}

impl Entry {
    fn new(key: &SigningKey, user: UserId, id: DeviceId) -> Self {
        let tag = key.tag(&[LABEL, &user.as_i64().to_be_bytes(), id.as_bytes()]);
        Self { id, tag }
    }

    fn read(bytes: &[u8; ENTRY_LEN]) -> Option<Self> {
        let (id, tag) = bytes.split_first_chunk::<{ DeviceId::LEN }>()?;
        Some(Self {
            id: DeviceId::from_bytes(*id),
            tag: tag.try_into().ok()?,
        })
    }

    fn is_of(&self, key: &SigningKey, user: UserId) -> bool {
        key.fits(
            &[LABEL, &user.as_i64().to_be_bytes(), self.id.as_bytes()],
            &self.tag,
        )
    }
}

/// What a request's device cookie shows.
pub(crate) struct Devices {
    entries: Vec<Entry>,
    settings: Arc<Settings>,
}

impl Devices {
    /// Reads the cookie; whatever is none of ours shows nothing.
    pub(crate) fn of(settings: &Arc<Settings>, headers: &HeaderMap) -> Self {
        let value = NAME.values(settings.is_https(), headers).next();
        Self {
            entries: value.and_then(entries).unwrap_or_default(),
            settings: Arc::clone(settings),
        }
    }

    /// The `Set-Cookie` header by which the client shows from now on that `user` has signed in on it.
    ///
    /// An id that it has already is kept, and signed anew.
    ///
    /// # Errors
    /// When an id is needed and the source of randomness fails.
    pub(crate) fn remembering(
        &self,
        user: UserId,
        entropy: &dyn Entropy,
    ) -> Result<Option<HeaderValue>, EntropyError> {
        let known = self.position(user);
        let id = match known {
            Some(at) => self.entries[at].id,
            None => DeviceId::generate(entropy)?,
        };
        let others = self.entries.iter().enumerate();
        let others = others
            .filter(|(at, _)| Some(*at) != known)
            .map(|(_, entry)| *entry);
        let first = Entry::new(self.settings.cookie.current(), user, id);
        let mut bytes = Vec::with_capacity(MOST * ENTRY_LEN);
        for entry in std::iter::once(first).chain(others).take(MOST) {
            bytes.extend(entry.id.as_bytes());
            bytes.extend(entry.tag);
        }
        let value = BASE64_URL_SAFE_NO_PAD.encode(&bytes);
        Ok(NAME.set(self.settings.is_https(), &value, Some(MAX_AGE)))
    }

    fn position(&self, user: UserId) -> Option<usize> {
        let is_theirs = |entry: &Entry| self.settings.cookie.keys().any(|key| entry.is_of(key, user));
        self.entries.iter().position(is_theirs)
    }
}

impl KnownDevices for Devices {
    fn of(&self, user: UserId) -> Option<DeviceId> {
        self.position(user).map(|at| self.entries[at].id)
    }
}

fn entries(value: &[u8]) -> Option<Vec<Entry>> {
    let mut bytes = [0; MOST * ENTRY_LEN];
    let length = BASE64_URL_SAFE_NO_PAD.decode_slice(value, &mut bytes).ok()?;
    let (entries, rest) = bytes[..length].as_chunks::<ENTRY_LEN>();
    if !rest.is_empty() {
        return None;
    }
    entries.iter().map(Entry::read).collect()
}
