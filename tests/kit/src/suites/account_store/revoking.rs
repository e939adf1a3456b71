//! Promises about revoking one link, and all links of a purpose.

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{OneTimeToken, Purpose, Step};

use super::support::{
    add_link, assert_link, assert_no_link, done, end, purge_links, revoke, snapshot, spend,
};
use crate::samples::{invitation, start, token_for, user_id};

/// Checks that a revocation removes the given link and no other.
pub fn revoke_removes_only_that_link(store: &dyn AccountStore) {
    let (one, other) = (
        token_for(1, user_id(1), Purpose::SignIn),
        token_for(2, user_id(1), Purpose::ResetPassword),
    );
    add_link(store, &one);
    add_link(store, &other);
    add_link(store, &invitation(3));
    assert_eq!(revoke(store, &one), Committed::Done);
    assert_no_link(store, &one);
    assert_link(store, &other);
    assert_link(store, &invitation(3));
    assert_eq!(purge_links(store, end(), 10), 2);
}

/// Checks that the revocation of an unknown or revoked link is refused and changes nothing.
pub fn revoke_of_unknown_link_is_refused(store: &dyn AccountStore) {
    add_link(store, &invitation(1));
    assert_eq!(revoke(store, &invitation(1)), Committed::Done);
    let before = snapshot(store);
    assert_eq!(revoke(store, &invitation(1)), Committed::LinkSpent);
    assert_eq!(revoke(store, &invitation(2)), Committed::LinkSpent);
    assert_eq!(snapshot(store), before);
}

/// Checks that the revocation of a spent or expired link is refused.
pub fn revoke_of_dead_link_is_refused(store: &dyn AccountStore) {
    let spent = invitation(1);
    let expired = OneTimeToken {
        expires_at: start(),
        ..invitation(2)
    };
    add_link(store, &spent);
    add_link(store, &expired);
    assert_eq!(spend(store, &spent), Committed::Done);
    for dead in [&spent, &expired] {
        assert_eq!(revoke(store, dead), Committed::LinkSpent);
        assert_no_link(store, dead);
    }
}

/// Checks that `RevokeLinksFor` removes all links of the purpose, with any account, and no others.
pub fn revoke_for_a_purpose_keeps_other_purposes(store: &dyn AccountStore) {
    let revoked = [
        invitation(1),
        token_for(2, user_id(1), Purpose::Invitation),
        token_for(3, user_id(2), Purpose::Invitation),
    ];
    let kept: Vec<_> = (10..)
        .zip(Purpose::ALL)
        .filter(|(_, purpose)| *purpose != Purpose::Invitation)
        .map(|(number, purpose)| token_for(number, user_id(1), purpose))
        .collect();
    revoked.iter().chain(&kept).for_each(|link| add_link(store, link));
    done(store, [Step::RevokeLinksFor(Purpose::Invitation)]);
    revoked.iter().for_each(|link| assert_no_link(store, link));
    kept.iter().for_each(|link| assert_link(store, link));
}

/// Checks that `RevokeLinksFor` removes spent and expired links too, so that none is left for a purge.
pub fn revoke_for_a_purpose_removes_dead_links(store: &dyn AccountStore) {
    let expired = OneTimeToken {
        expires_at: start(),
        ..invitation(2)
    };
    add_link(store, &invitation(1));
    add_link(store, &expired);
    assert_eq!(spend(store, &invitation(1)), Committed::Done);
    done(store, [Step::RevokeLinksFor(Purpose::Invitation)]);
    assert_eq!(purge_links(store, end(), 10), 0);
}

/// Checks that `RevokeLinksFor` succeeds without links, and when it is repeated.
pub fn revoke_for_a_purpose_can_be_repeated(store: &dyn AccountStore) {
    done(store, [Step::RevokeLinksFor(Purpose::SetUp)]);
    let set_up = OneTimeToken {
        purpose: Purpose::SetUp,
        ..invitation(1)
    };
    add_link(store, &set_up);
    done(store, [Step::RevokeLinksFor(Purpose::SetUp)]);
    done(store, [Step::RevokeLinksFor(Purpose::SetUp)]);
    assert_no_link(store, &set_up);
}
