//! Cookies: what Kunci keeps at a client, under which names, with which attributes, signed with what.
//!
//! Every cookie of Kunci is built in here, so that setting, renewing and removing one cannot differ.
//!
//! | Name (`__Host-` before it on https) | What | How long |
//! | --- | --- | --- |
//! | `kunci` | the session's token | as long as the session, or until the browser closes |
//! | `kunci-device` | which users have signed in here, naming none | 400 days |
//! | `kunci-link` | the token of a link that is being followed | a quarter of an hour |
//! | `kunci-left` | nothing; it is there to have changed | a second |

mod device;
mod key;
mod link;
mod session;

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};

pub(crate) use device::Devices;
pub use key::{SigningKey, SigningKeyError};
pub(crate) use link::LinkCookie;
pub use session::SessionCookie;

const ATTRIBUTES: &str = "; Path=/; HttpOnly; SameSite=Lax";

/// A cookie's name on http and on https.
#[derive(Debug, Clone, Copy)]
struct Name {
    http: &'static str,
    https: &'static str,
}

impl Name {
    const fn on(self, https: bool) -> &'static str {
        if https { self.https } else { self.http }
    }

    /// The `Set-Cookie` header for a value.
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

    /// The `Set-Cookie` header that makes a client forget it.
    fn remove(self, https: bool) -> Option<HeaderValue> {
        self.set(https, "", Some(Duration::ZERO))
    }

    /// Every value under this name that came with a request.
    fn values(self, https: bool, headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
        let name = self.on(https).as_bytes();
        let lines = headers.get_all(header::COOKIE).iter();
        let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        pairs
            .map(<[u8]>::trim_ascii)
            .filter_map(move |pair| pair.strip_prefix(name)?.strip_prefix(b"="))
    }
}

/// A cookie that stands for nothing and is gone after a second: it is there to have changed.
pub(crate) fn parting(https: bool) -> Option<HeaderValue> {
    const LEFT: Name = Name {
        http: "kunci-left",
        https: "__Host-kunci-left",
    };
    LEFT.set(https, "1", Some(Duration::from_secs(1)))
}
