//! The authority to administer. Every administrative use case requires an [`Operator`].

use super::auth_state::AuthorityError;
use super::open_session::OpenSession;
use crate::event::{Actor, Event, EventKind, Interface};
use crate::session::Device;
use crate::time::Timestamp;
use crate::user::UserId;

/// Someone who may administer the site: who acts, from where, and through which interface. Each act records it
/// in an event.
///
/// There are two ways to get one: [`Operator::on_command_line`] and [`OpenSession::operator`].
///
/// ```compile_fail,E0451
/// use kunci_domain::use_cases::Operator;
/// use kunci_domain::{Actor, Device};
///
/// let forged = Operator { actor: Actor::CommandLine, device: Device::default() };
/// ```
#[derive(Debug)]
pub struct Operator {
    actor: Actor,
    device: Device,
}

impl Operator {
    /// States that the caller is a command on the server's machine. The permissions of the data folder decide
    /// who can run one.
    ///
    /// Do not call this for a client's request; use [`OpenSession::operator`].
    #[must_use]
    pub fn on_command_line() -> Self {
        Self {
            actor: Actor::CommandLine,
            device: Device::default(),
        }
    }

    /// Returns the event that this operator did something to an account, or to none.
    pub(super) fn event(&self, target: Option<UserId>, kind: EventKind, now: Timestamp) -> Event {
        Event {
            actor: self.actor,
            target,
            at: now,
            kind,
            device: self.device.clone(),
        }
    }
}

impl OpenSession {
    /// Returns the authority of the signed-in administrator, who must have authenticated recently.
    ///
    /// # Errors
    /// Any [`AuthorityError`].
    pub fn operator(&self, interface: Interface) -> Result<Operator, AuthorityError> {
        let administrator = self.fresh_administrator()?;
        Ok(Operator {
            actor: Actor::Administrator(administrator.id, interface),
            device: self.context.device.clone(),
        })
    }
}
