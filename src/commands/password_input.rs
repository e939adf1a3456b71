//! Reads passwords for commands: from the terminal without echo, or from standard input.

use std::io::{self, IsTerminal, Read};

use zeroize::Zeroizing;

use super::Failure;

/// More bytes than the longest password has in UTF-8, so that a longer one is refused instead of cut.
const MOST_BYTES: u64 = 8 * 1024;

/// Reads a new password: the first line of standard input, or the same text twice from the terminal.
pub(super) fn new_password(from_stdin: bool) -> Result<String, Failure> {
    if from_stdin {
        return first_line();
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::wrong_use(
            "standard input is not a terminal; give --password-stdin and the password on standard input",
        ));
    }
    let ask = |prompt| rpassword::prompt_password(prompt);
    let password = ask("New password: ")?;
    let repeated = Zeroizing::new(ask("Repeat password: ")?);
    if *repeated == password {
        Ok(password)
    } else {
        Err(Failure::failed("the two passwords differ"))
    }
}

fn first_line() -> Result<String, Failure> {
    let mut bytes = Zeroizing::new(Vec::new());
    io::stdin().lock().take(MOST_BYTES).read_to_end(&mut bytes)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Failure::failed("the password is not UTF-8"))?;
    Ok(text
        .split('\n')
        .next()
        .unwrap_or_default()
        .trim_end_matches('\r')
        .to_owned())
}
