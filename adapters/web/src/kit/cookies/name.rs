//! The name of the session cookie, from which the names of the other cookies are derived.

use std::fmt;

/// Name of the session cookie without the prefix `__Host-`, which it has on https. The names of all other cookies
/// begin with it.
///
/// - It has 1 to 32 ASCII letters, digits, `-` and `_`, which are valid in a cookie name (RFC 6265, 4.1.1).
/// - It begins with a letter, so it never begins with a prefix such as `__Secure-`.
///
/// ```
/// use kunci_web::CookieName;
///
/// assert_eq!(CookieName::default().as_str(), "kunci");
/// assert!(CookieName::parse("wiki-9000").is_some());
/// assert!(CookieName::parse("__Host-wiki").is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieName(String);

impl CookieName {
    const MAX_LEN: usize = 32;

    /// Parses a name. Returns `None` if it is not valid.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let fits = text.len() <= Self::MAX_LEN && text.bytes().all(is_allowed);
        (fits && text.starts_with(|first: char| first.is_ascii_alphabetic())).then(|| Self(text.to_owned()))
    }

    /// Returns the default name for a port, such as `kunci-9000`.
    #[must_use]
    pub fn of_port(port: u16) -> Self {
        Self(format!("{}-{port}", Self::default()))
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for CookieName {
    fn default() -> Self {
        Self("kunci".to_owned())
    }
}

impl fmt::Display for CookieName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_letters_digits_and_two_signs() {
        let (longest, too_long) = ("x".repeat(32), "x".repeat(33));
        for good in ["kunci", "K", "a_b-9", "kunci-65535", &longest] {
            assert_eq!(CookieName::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "", &too_long, "__Host-a", "-a", "9a", "a b", "a=b", "a;b", "é", "a.b", "a\n",
        ] {
            assert_eq!(CookieName::parse(bad), None, "{bad:?}");
        }
        assert_eq!(CookieName::of_port(9000).as_str(), "kunci-9000");
    }
}
