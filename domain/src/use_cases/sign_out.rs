//! Ends one session.

use super::open_session::OpenSession;
use super::trail::Act;
use crate::ports::StoreError;

/// Ends this session: removes the record first, then the client's token.
///
/// It needs no re-authentication and may be repeated.
///
/// # Errors
/// [`StoreError`]; the session may then still be valid, and the client keeps its token.
pub fn sign_out(open: &mut OpenSession) -> Result<(), StoreError> {
    if let Some(record) = open.record() {
        open.context.core.sessions.delete(record)?;
    }
    if let Some(user) = open.account().map(|user| user.id) {
        open.did(Act::SignedOut, user);
    }
    open.sign_out_here();
    Ok(())
}
