//! The whole life of an account: invited, confirmed, signed in on two devices, second factor on, password
//! changed, device ended, reset through the outbox, recovered with a code, deleted; in pages and in JSON.
//!
//! Left out: what is refused on the way, which the tests of `adapters/web` have in tables.

mod in_json;
mod in_pages;
mod outbox;

use totp_rs::{Builder, Secret};

use crate::support::{Server, Setup, Transport, for_each_transport};

for_each_transport!(
    the_whole_life_of_an_account_passes_in_pages,
    the_whole_life_of_an_account_passes_in_json,
);

fn the_whole_life_of_an_account_passes_in_pages(transport: Transport) {
    in_pages::live(&invited_only(transport));
}

fn the_whole_life_of_an_account_passes_in_json(transport: Transport) {
    in_json::live(&invited_only(transport));
}

const ADDRESS: &str = "ada@example.org";
const SECOND_PASSWORD: &str = "another good one";
const THIRD_PASSWORD: &str = "a third one, forgotten never";

fn invited_only(transport: Transport) -> Server {
    Setup::of(transport)
        .settings("accounts.sign_up = \"invitation\"")
        .start()
}

/// The token of an invitation for one account, as the command line gives it.
fn invitation(server: &Server) -> String {
    let output = server.command(&["invitation", "add"], "");
    assert!(output.status.success(), "{output:?}");
    token_in(&String::from_utf8(output.stdout).unwrap()).expect("the command prints a link")
}

/// The token of the first link in a text.
fn token_in(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("/link?token=")?;
    Some(rest.chars().take_while(char::is_ascii_hexdigit).collect())
}

/// An authenticator, which knows the seed by its text.
struct Authenticator(Secret);

impl Authenticator {
    fn new(secret: &str) -> Self {
        let secret: String = secret.chars().filter(|c| !c.is_whitespace()).collect();
        Self(Secret::try_from_base32(secret).expect("a secret is base 32"))
    }

    /// The code of a step, counted from the present one.
    fn code(&self, steps_ago: u64) -> String {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let time = now.unwrap().as_secs() - 30 * steps_ago;
        let totp = Builder::new().with_secret(self.0.clone()).build_noncompliant();
        totp.generate(time).to_string()
    }

    /// Tries the code of the step before this one, so that the present one is left for the next use; once
    /// more when the step has changed in between.
    fn try_earlier<T>(&self, attempt: impl Fn(&str) -> Option<T>) -> T {
        let tried = attempt(&self.code(1)).or_else(|| attempt(&self.code(1)));
        tried.expect("the code of the step before is good")
    }
}
