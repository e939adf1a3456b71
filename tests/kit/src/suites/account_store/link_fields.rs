//! Promises about issuing a link and finding it again.

use kunci_domain::ports::AccountStore;
use kunci_domain::{Epoch, LinkKey, OneTimeToken, Purpose, Timestamp};

use super::support::{add_link, assert_link, find_link};
use crate::samples::{address, invitation, link_key, start, start_plus, token_for, user_id};

/// Checks that every field is stored and returned unchanged, for every purpose.
pub fn all_link_fields_are_preserved(store: &dyn AccountStore) {
    for (number, purpose) in (1..).zip(Purpose::ALL) {
        let link = OneTimeToken {
            address: Some(address("Ada+kunci@Example.org")),
            uses_left: 3,
            created_at: start_plus(-5),
            ..token_for(number, user_id(1), purpose)
        };
        add_link(store, &link);
        assert_link(store, &link);
    }
}

/// Checks that a link can have an account, an address, both or neither.
pub fn link_without_account_or_address_is_preserved(store: &dyn AccountStore) {
    let without_address = OneTimeToken {
        address: None,
        ..token_for(2, user_id(1), Purpose::ResetPassword)
    };
    let without_account = OneTimeToken {
        address: Some(address("grace@example.org")),
        ..invitation(3)
    };
    for link in [invitation(1), without_address, without_account] {
        add_link(store, &link);
        assert_link(store, &link);
    }
}

/// Checks that an unknown key finds nothing.
pub fn unknown_key_is_absent(store: &dyn AccountStore) {
    assert_eq!(find_link(store, &link_key(1), start()), None);
    add_link(store, &invitation(1));
    assert_eq!(find_link(store, &link_key(2), start()), None);
}

/// Checks that keys which differ in one bit, including the first and the last, are different keys.
pub fn keys_differing_in_one_bit_are_distinct(store: &dyn AccountStore) {
    add_link(store, &invitation(1));
    for (place, bit) in [(0, 0x80), (7, 1), (8, 0x80), (31, 1)] {
        let mut bytes = *link_key(1).as_bytes();
        bytes[place] ^= bit;
        let neighbour = LinkKey::from_stored(bytes);
        assert_eq!(find_link(store, &neighbour, start()), None, "byte {place}");
    }
}

/// Checks that times and counts at the limits of their types neither wrap nor fail.
pub fn extreme_link_fields_are_preserved(store: &dyn AccountStore) {
    for (number, extreme) in (1..).zip([i64::MIN, -1, 0, i64::MAX]) {
        let link = OneTimeToken {
            account: Some((user_id(number), Epoch::from_stored(extreme))),
            uses_left: u32::MAX,
            created_at: Timestamp::from_unix_millis(extreme),
            expires_at: Timestamp::MAX,
            ..invitation(number)
        };
        add_link(store, &link);
        assert_link(store, &link);
    }
}

/// Checks that `find_link` does not take a use.
pub fn find_takes_no_use(store: &dyn AccountStore) {
    add_link(store, &invitation(1));
    for _ in 0..3 {
        assert_link(store, &invitation(1));
    }
}
