//! The device cookie, which records the users who have signed in on this device.
//!
//! The value is up to four entries of 48 bytes in base64url without padding: a random id, and an HMAC-SHA-256
//! over a label, a user, an epoch of the account and that id. The cookie contains no user ids or names: a reader
//! only learns that someone has signed in on this device. It grants no access. The known devices of an account
//! share a rate limit, which the domain applies. An entry is void in the next epoch, such as after a change of
//! the password.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue};
use kunci_domain::ports::{Entropy, EntropyError};
use kunci_domain::{DeviceId, Epoch, KnownDevices, UserId};

use super::key::{SigningKey, TAG_LEN};
use crate::settings::Settings;

/// Number of users that the cookie records. The most recent sign-ins are kept.
const MAX_ENTRIES: usize = 4;
const ENTRY_LEN: usize = DeviceId::LEN + TAG_LEN;
/// Longest lifetime that browsers accept for a cookie (RFC 6265bis, 5.5).
const MAX_AGE: Duration = Duration::from_secs(400 * 24 * 3_600);
/// Label at the start of the signed data. A session cookie signs 32 bytes and this cookie 51, so a signature
/// of one is never valid for the other.
const LABEL: &[u8] = b"kunci device cookie";

/// A user in an epoch of the account.
type Account = (UserId, Epoch);

/// One user of the device, as stored in the cookie.
#[derive(Clone, Copy)]
struct Entry {
    id: DeviceId,
    tag: [u8; TAG_LEN],
}

impl Entry {
    fn new(key: &SigningKey, (user, epoch): Account, id: DeviceId) -> Self {
        let (user, epoch) = (user.as_i64().to_be_bytes(), epoch.as_i64().to_be_bytes());
        let tag = key.tag(&[LABEL, &user, &epoch, id.as_bytes()]);
        Self { id, tag }
    }

    fn read(bytes: &[u8; ENTRY_LEN]) -> Option<Self> {
        let (id, tag) = bytes.split_first_chunk::<{ DeviceId::LEN }>()?;
        Some(Self {
            id: DeviceId::from_bytes(*id),
            tag: tag.try_into().ok()?,
        })
    }

    fn belongs_to(&self, key: &SigningKey, (user, epoch): Account) -> bool {
        let (user, epoch) = (user.as_i64().to_be_bytes(), epoch.as_i64().to_be_bytes());
        key.verify(&[LABEL, &user, &epoch, self.id.as_bytes()], &self.tag)
    }
}

/// The content of a request's device cookie.
pub(crate) struct Devices {
    entries: Vec<Entry>,
    settings: Arc<Settings>,
}

impl Devices {
    /// Reads the cookie. A malformed value counts as empty. On http, other applications on the host can set
    /// cookies of the same name, so all of them count.
    pub(crate) fn of(settings: &Arc<Settings>, headers: &HeaderMap) -> Self {
        let values = settings.cookie.device.values(headers);
        Self {
            entries: values.filter_map(entries).flatten().collect(),
            settings: Arc::clone(settings),
        }
    }

    /// Returns the `Set-Cookie` header that adds a user to the cookie.
    ///
    /// If the user already has an id on this device, in this epoch or the one before, the id is kept and signed
    /// with the current key.
    ///
    /// # Errors
    /// [`EntropyError`] if a new id is needed and the source of randomness fails.
    pub(crate) fn updated_for(
        &self,
        user: UserId,
        epoch: Epoch,
        entropy: &dyn Entropy,
    ) -> Result<Option<HeaderValue>, EntropyError> {
        let before = Epoch::from_stored(epoch.as_i64() - 1);
        let known = self
            .position((user, epoch))
            .or_else(|| self.position((user, before)));
        let id = match known {
            Some(at) => self.entries[at].id,
            None => DeviceId::generate(entropy)?,
        };
        let others = self.entries.iter().enumerate();
        let others = others
            .filter(|(at, _)| Some(*at) != known)
            .map(|(_, entry)| *entry);
        let first = Entry::new(self.settings.cookie.current(), (user, epoch), id);
        let mut bytes = Vec::with_capacity(MAX_ENTRIES * ENTRY_LEN);
        for entry in std::iter::once(first).chain(others).take(MAX_ENTRIES) {
            bytes.extend(entry.id.as_bytes());
            bytes.extend(entry.tag);
        }
        let value = BASE64_URL_SAFE_NO_PAD.encode(&bytes);
        Ok(self.settings.cookie.device.set(&value, Some(MAX_AGE)))
    }

    fn position(&self, account: Account) -> Option<usize> {
        let keys = || self.settings.cookie.keys();
        let is_theirs = |entry: &Entry| keys().any(|key| entry.belongs_to(key, account));
        self.entries.iter().position(is_theirs)
    }
}

impl KnownDevices for Devices {
    fn knows(&self, user: UserId, epoch: Epoch) -> bool {
        self.position((user, epoch)).is_some()
    }
}

fn entries(value: &[u8]) -> Option<Vec<Entry>> {
    let mut bytes = [0; MAX_ENTRIES * ENTRY_LEN];
    let length = BASE64_URL_SAFE_NO_PAD.decode_slice(value, &mut bytes).ok()?;
    let (entries, rest) = bytes[..length].as_chunks::<ENTRY_LEN>();
    if !rest.is_empty() {
        return None;
    }
    entries.iter().map(Entry::read).collect()
}
