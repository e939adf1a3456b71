//! Credentials for the SMTP server.

use std::fmt;

use zeroize::Zeroizing;

/// A username and a password. They are only sent over TLS or to the local machine.
#[derive(Clone)]
pub struct Credentials {
    username: String,
    password: Zeroizing<String>,
}

impl Credentials {
    /// Creates credentials for a user of the server.
    #[must_use]
    pub const fn new(username: String, password: Zeroizing<String>) -> Self {
        Self { username, password }
    }

    pub(crate) fn expose(&self) -> lettre::transport::smtp::authentication::Credentials {
        let password = self.password.as_str().to_owned();
        lettre::transport::smtp::authentication::Credentials::new(self.username.clone(), password)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}
