//! Records what a client did, in the history of an account and for the log, and notifies the owner.

use super::notify::{NoticeError, notify};
use super::open_session::OpenSession;
use super::trail::Act;
use crate::account_change::Step;
use crate::admission::Admission;
use crate::event::{Actor, Event, EventKind};
use crate::user::UserId;

impl OpenSession {
    /// Records an act for the log.
    pub(super) fn did(&mut self, act: Act, user: UserId) {
        self.trail.acts.push((user, act));
    }

    /// Records for which account the client authenticates. `None` if there is no such account.
    pub(super) const fn authenticates_as(&mut self, user: Option<UserId>) {
        self.trail.named = Some(user);
    }

    /// Returns the event that this client did something to a user.
    pub(super) fn event(&self, user: UserId, kind: EventKind) -> Event {
        Event {
            actor: Actor::Owner,
            target: Some(user),
            at: self.now(),
            kind,
            device: self.context.device.clone(),
        }
    }

    /// Sends the notice of an event that was recorded. A failure does not undo the action.
    pub(super) fn notify(&mut self, user: &Admission, event: Event) {
        let sent = notify(self.core(), user, event, self.now());
        self.failed_notices.extend(sent.err());
    }

    /// Records an event that changes no account, and notifies the owner. A failure does not undo the action.
    pub(super) fn record_event(&mut self, user: &Admission, kind: EventKind) {
        let event = self.event(user.id, kind);
        let change = Step::AppendEvent(event.clone()).into();
        // Appending has no precondition, so the outcome is always the same.
        let failure = self.core().accounts.commit(&change, self.now()).err();
        self.failed_notices.extend(failure.map(NoticeError::from));
        self.notify(user, event);
    }
}
