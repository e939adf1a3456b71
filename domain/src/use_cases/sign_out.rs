//! Ending one session.

use super::open_session::OpenSession;
use crate::ports::StoreError;

/// Ends this session: the record first, then the client's token.
///
/// It always works at once, asks for no proof, and may be repeated.
///
/// # Errors
/// [`StoreError`]: then the session may still live, and the client keeps its token.
pub fn sign_out(open: &mut OpenSession) -> Result<(), StoreError> {
    if let Some(record) = &open.record {
        open.core.sessions.delete(record)?;
    }
    open.sign_out_here();
    Ok(())
}
