//! The site that mails are about.

use kunci_domain::LinkToken;

/// The site that the links lead to.
pub(crate) struct Site {
    /// The public URL, without a slash at its end.
    pub(crate) base: String,
}

impl Site {
    /// Returns the public URL without its scheme.
    pub(crate) fn name(&self) -> &str {
        self.base
            .split_once("://")
            .map_or(self.base.as_str(), |(_, rest)| rest)
    }

    /// Returns the link that presents a token.
    pub(crate) fn link(&self, token: &LinkToken) -> String {
        format!("{}/link?token={}", self.base, *token.expose())
    }
}
