//! Promises about what readers see during a commit: all of a change or nothing.

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{Event, EventKind, OneTimeToken, Purpose, Step, User};

use super::support::{commit, delete, events, find, find_link};
use crate::samples::{event, start, token_for, user, user_id};
use crate::suites::concurrency::observe_while;

const ROUNDS: u64 = 20;
const READERS: usize = 3;

/// A user, a link and an event that one commit stores and another one removes.
struct Parts {
    user: User,
    link: OneTimeToken,
    event: Event,
}

impl Parts {
    fn new(round: u64) -> Self {
        let id = user_id(round);
        Self {
            user: user(round, &format!("user-{round}")),
            link: token_for(round, id, Purpose::ConfirmAddress),
            event: event(id, 0, EventKind::SignedUp),
        }
    }

    fn steps(&self) -> [Step; 3] {
        [
            Step::InsertUser(self.user.clone()),
            Step::IssueLink(self.link.clone()),
            Step::AppendEvent(self.event.clone()),
        ]
    }

    /// Reads the three parts one after the other, each reader in another order, and returns which exist.
    fn read(&self, store: &dyn AccountStore, reader: usize) -> [bool; READERS] {
        [0, 1, 2].map(|place| match (reader + place) % READERS {
            0 => find(store, self.user.id).is_some(),
            1 => find_link(store, &self.link.key, start()).is_some(),
            _ => !events(store, self.user.id, 0, 1).is_empty(),
        })
    }
}

/// Checks that readers who see a part of a change afterwards see the rest, as it is stored and as it is
/// removed.
pub fn readers_see_all_of_a_change_or_nothing(store: &dyn AccountStore) {
    read_while_committing(store, store);
}

/// Checks that readers of another handle see all of a change or nothing.
pub fn other_handle_sees_all_of_a_change_or_nothing(one: &dyn AccountStore, other: &dyn AccountStore) {
    read_while_committing(one, other);
}

fn read_while_committing(writer: &dyn AccountStore, readers: &dyn AccountStore) {
    for parts in (0..ROUNDS).map(Parts::new) {
        let (stored, whole) = observe_while(
            READERS,
            || commit(writer, parts.steps()),
            |reader| {
                let [first, second, third] = parts.read(readers, reader);
                !first || second && third
            },
        );
        assert_eq!(stored, Committed::Done);
        assert!(whole, "a reader saw a part of a change");
        let (removed, whole) = observe_while(
            READERS,
            || delete(writer, parts.user.id),
            |reader| {
                let [first, second, third] = parts.read(readers, reader);
                first || !second && !third
            },
        );
        assert_eq!(removed, Committed::Done);
        assert!(whole, "a reader saw a part of a deleted account");
    }
}

/// Checks that readers never see a step of a change that is refused.
pub fn readers_see_nothing_of_a_refused_change(store: &dyn AccountStore) {
    let parts = Parts::new(1);
    let refused = || {
        let steps = parts.steps().into_iter().chain([Step::RequireNoUsers]);
        commit(store, steps) == Committed::NotEmpty
    };
    let (all_refused, unseen) = observe_while(
        READERS,
        || (0..ROUNDS).all(|_| refused()),
        |reader| parts.read(store, reader) == [false; READERS],
    );
    assert!(all_refused, "the last step was not refused");
    assert!(unseen, "a reader saw a step of a refused change");
}
