//! Ends one session.

use super::client_token::ClientToken;
use super::open_session::OpenSession;
use super::trail::Act;
use crate::ports::StoreError;

/// Ends this session: removes the record first, then the client's token. If the token was replaced a moment
/// ago, this ends the session that continues under the new one.
///
/// It needs no re-authentication and may be repeated.
///
/// # Errors
/// [`StoreError`]; the session may then still be valid, and the client keeps its token.
pub fn sign_out(open: &mut OpenSession) -> Result<(), StoreError> {
    if let Some(record) = open.record() {
        open.core().sessions.delete(record)?;
    } else if let ClientToken::Invalid(token) = &open.token {
        open.context.core.sessions.delete(&open.empty_record(token))?;
    }
    if let Some(user) = open.account().map(|user| user.id) {
        open.did(Act::SignedOut, user);
    }
    open.sign_out_here();
    Ok(())
}
