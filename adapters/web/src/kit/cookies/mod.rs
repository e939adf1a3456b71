//! The cookies of Kunci: their names, attributes and signatures.
//!
//! All cookies are built in this module, so setting, renewing and removing a cookie use the same attributes.
//!
//! | Name (on https with the prefix `__Host-`) | Content | Lifetime |
//! | --- | --- | --- |
//! | `kunci` | token of the session | that of the session, or until the browser closes |
//! | `kunci-device` | users who have signed in on this device, without their names | 400 days |
//! | `kunci-link` | token of a link that the user has followed | 15 minutes |
//! | `kunci-left` | the constant `1`; only the change of this cookie matters | 1 second |

mod device;
mod key;
mod link;
mod own;
mod session;

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};

pub(crate) use device::Devices;
pub use key::{SigningKey, SigningKeyError};
pub(crate) use link::LinkCookie;
pub(crate) use own::OwnCookies;
pub(crate) use session::Presented;
pub use session::SessionCookie;

const ATTRIBUTES: &str = "; Path=/; HttpOnly; SameSite=Lax";

/// Name of a cookie on http and on https.
#[derive(Debug, Clone, Copy)]
struct CookieName {
    http: &'static str,
    https: &'static str,
}

impl CookieName {
    const fn on(self, https: bool) -> &'static str {
        if https { self.https } else { self.http }
    }

    /// Returns the `Set-Cookie` header for a value.
    fn set(self, https: bool, value: &str, max_age: Option<Duration>) -> Option<HeaderValue> {
        let mut line = format!("{}={value}{ATTRIBUTES}", self.on(https));
        if https {
            line.push_str("; Secure");
        }
        if let Some(age) = max_age {
            line.push_str("; Max-Age=");
            line.push_str(&age.as_secs().to_string());
        }
        let mut header = HeaderValue::try_from(line).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// Returns the `Set-Cookie` header that removes the cookie.
    fn remove(self, https: bool) -> Option<HeaderValue> {
        self.set(https, "", Some(Duration::ZERO))
    }

    /// Returns every value of this cookie in a request.
    fn values(self, https: bool, headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
        let name = self.on(https).as_bytes();
        let lines = headers.get_all(header::COOKIE).iter();
        let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        pairs
            .map(<[u8]>::trim_ascii)
            .filter_map(move |pair| pair.strip_prefix(name)?.strip_prefix(b"="))
    }
}

/// Returns a `Set-Cookie` header for a cookie without meaning that expires after one second.
///
/// Sign-out sets it because browsers react to the change of a cookie.
pub(crate) fn change_marker(https: bool) -> Option<HeaderValue> {
    const LEFT: CookieName = CookieName {
        http: "kunci-left",
        https: "__Host-kunci-left",
    };
    LEFT.set(https, "1", Some(Duration::from_secs(1)))
}
