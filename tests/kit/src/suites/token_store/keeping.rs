//! What goes in comes out: issuing and finding.

use kunci_domain::ports::TokenStore;
use kunci_domain::{Epoch, LinkKey, OneTimeToken, Purpose, Timestamp};

use super::steps::{add, assert_holds, find};
use crate::samples::{address, invitation, link_key, start, start_plus, token_for, user_id};

/// Every field survives, for every purpose.
pub fn a_token_comes_back_as_it_went_in(store: &dyn TokenStore) {
    for (number, purpose) in (1..).zip(Purpose::ALL) {
        let token = OneTimeToken {
            address: Some(address("Ada+kunci@Example.org")),
            uses_left: 3,
            created_at: start_plus(-5),
            ..token_for(number, user_id(1), purpose)
        };
        add(store, &token);
        assert_holds(store, &token);
    }
}

/// A token needs neither an account nor an address, nor one for the other.
pub fn a_bare_token_comes_back(store: &dyn TokenStore) {
    let without_address = OneTimeToken {
        address: None,
        ..token_for(2, user_id(1), Purpose::ResetPassword)
    };
    let without_account = OneTimeToken {
        address: Some(address("grace@example.org")),
        ..invitation(3)
    };
    for token in [invitation(1), without_address, without_account] {
        add(store, &token);
        assert_holds(store, &token);
    }
}

/// A key that nobody has finds nothing.
pub fn an_unknown_key_finds_nothing(store: &dyn TokenStore) {
    assert_eq!(find(store, &link_key(1), start()), None);
    add(store, &invitation(1));
    assert_eq!(find(store, &link_key(2), start()), None);
}

/// Every bit of a key counts, the first and the last.
pub fn a_key_that_differs_in_one_bit_is_another_key(store: &dyn TokenStore) {
    add(store, &invitation(1));
    for (place, bit) in [(0, 0x80), (7, 1), (8, 0x80), (31, 1)] {
        let mut bytes = *link_key(1).as_bytes();
        bytes[place] ^= bit;
        let neighbour = LinkKey::from_stored(bytes);
        assert_eq!(find(store, &neighbour, start()), None, "byte {place}");
    }
}

/// Times and counts at the ends of their types neither wrap nor fail.
pub fn extreme_times_and_counts_come_back(store: &dyn TokenStore) {
    for (number, extreme) in (1..).zip([i64::MIN, -1, 0, i64::MAX]) {
        let token = OneTimeToken {
            account: Some((user_id(number), Epoch::from_stored(extreme))),
            uses_left: u32::MAX,
            created_at: Timestamp::from_unix_millis(extreme),
            expires_at: Timestamp::MAX,
            ..invitation(number)
        };
        add(store, &token);
        assert_holds(store, &token);
    }
}

/// Looking is no using.
pub fn finding_changes_nothing(store: &dyn TokenStore) {
    add(store, &invitation(1));
    for _ in 0..3 {
        assert_holds(store, &invitation(1));
    }
}
