//! The cookies of Kunci: their names, attributes and signatures.
//!
//! All cookies are built in this module, so setting, renewing and removing a cookie use the same attributes.
//!
//! The names begin with the name of the session cookie, which is `kunci` by default.
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
mod name;
mod own;
mod session;

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};

pub(crate) use device::Devices;
pub use key::{SigningKey, SigningKeyError};
pub(crate) use link::LinkCookie;
pub use name::CookieName;
pub(crate) use own::OwnCookies;
pub(crate) use session::Presented;
pub use session::SessionCookie;

const ATTRIBUTES: &str = "; Path=/; HttpOnly; SameSite=Lax";

/// A cookie: its full name, and whether it is for https only.
#[derive(Debug)]
struct Cookie {
    name: String,
    https: bool,
}

impl Cookie {
    /// Creates a cookie whose name is `name` and `suffix`, with the prefix `__Host-` on https (RFC 6265bis,
    /// 4.1.3.2).
    fn new(name: &CookieName, suffix: &str, https: bool) -> Self {
        let prefix = if https { "__Host-" } else { "" };
        Self {
            name: format!("{prefix}{name}{suffix}"),
            https,
        }
    }

    /// Returns the `Set-Cookie` header for a value.
    fn set(&self, value: &str, max_age: Option<Duration>) -> Option<HeaderValue> {
        let mut line = format!("{}={value}{ATTRIBUTES}", self.name);
        if self.https {
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
    fn remove(&self) -> Option<HeaderValue> {
        self.set("", Some(Duration::ZERO))
    }

    /// Returns every value of this cookie in a request.
    fn values<'h>(&self, headers: &'h HeaderMap) -> impl Iterator<Item = &'h [u8]> {
        let lines = headers.get_all(header::COOKIE).iter();
        let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        pairs
            .map(<[u8]>::trim_ascii)
            .filter_map(move |pair| pair.strip_prefix(self.name.as_bytes())?.strip_prefix(b"="))
    }
}
