//! An authenticator app.

use totp_rs::{Builder, Secret};

/// Generates the codes of one account.
#[derive(Debug)]
pub(crate) struct Authenticator(Secret);

impl Authenticator {
    pub(crate) fn new(secret: &str) -> Self {
        let secret: String = secret.chars().filter(|c| !c.is_whitespace()).collect();
        Self(Secret::try_from_base32(secret).expect("the secret is base32"))
    }

    /// Returns the code of the time step this many steps before the current one.
    pub(crate) fn code(&self, steps_ago: u64) -> String {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let time = now.unwrap().as_secs() - 30 * steps_ago;
        let totp = Builder::new().with_secret(self.0.clone()).build_noncompliant();
        totp.generate(time).to_string()
    }

    /// Calls `attempt` with the code of the previous time step, so the current code stays unused for
    /// a later sign-in. Retries once, because the time step may change in between.
    pub(crate) fn try_previous_code<T>(&self, attempt: impl Fn(&str) -> Option<T>) -> T {
        let result = attempt(&self.code(1)).or_else(|| attempt(&self.code(1)));
        result.expect("the previous code is accepted")
    }
}
