//! Promises about finding users by a confirmed email address.

use kunci_domain::User;
use kunci_domain::ports::{AccountStore, Committed};

use super::support::{add_user, delete, find_by_address, replace};
use crate::samples::{address, start, user, user_id};

/// Returns a user with a confirmed address.
fn confirmed(number: u64, name: &str, text: &str) -> User {
    User {
        email_confirmed_at: Some(start()),
        ..unconfirmed(number, name, text)
    }
}

fn unconfirmed(number: u64, name: &str, text: &str) -> User {
    User {
        email: Some(address(text)),
        ..user(number, name)
    }
}

/// Checks that a confirmed address finds its user, with every field, and no others.
pub fn user_is_found_by_confirmed_address(store: &dyn AccountStore) {
    let ada = confirmed(1, "Ada", "ada@example.org");
    add_user(store, &ada);
    add_user(store, &confirmed(2, "grace", "grace@example.org"));
    assert_eq!(find_by_address(store, "ada@example.org", 10), [ada]);
    assert_eq!(find_by_address(store, "nobody@example.org", 10), []);
}

/// Checks that an unconfirmed or missing address finds no user.
///
/// Otherwise a user could get the mail of an account by claiming its address.
pub fn unconfirmed_address_finds_no_user(store: &dyn AccountStore) {
    let without_address = User {
        email_confirmed_at: Some(start()),
        ..user(2, "grace")
    };
    add_user(store, &unconfirmed(1, "ada", "ada@example.org"));
    add_user(store, &without_address);
    assert_eq!(find_by_address(store, "ada@example.org", 10), []);
}

/// Checks that addresses are compared exactly, except for the case of ASCII letters.
///
/// Other letters and the wildcards of patterns are significant.
pub fn addresses_ignore_only_ascii_case(store: &dyn AccountStore) {
    let kept = [
        "Ada@Example.org",
        "ärger@example.org",
        "a_a@example.org",
        "%@example.org",
    ];
    for (number, text) in (1..).zip(kept) {
        add_user(store, &confirmed(number, &format!("user{number}"), text));
    }
    let asked = [
        ("ada@example.org", Some(1)),
        ("ADA@EXAMPLE.ORG", Some(1)),
        ("ada@example.orG", Some(1)),
        ("ada@example.or", None),
        ("ärger@EXAMPLE.org", Some(2)),
        ("Ärger@example.org", None),
        ("arger@example.org", None),
        ("A_A@example.org", Some(3)),
        ("aba@example.org", None),
        ("%@example.org", Some(4)),
        ("_da@example.org", None),
        ("*@example.org", None),
    ];
    for (text, want) in asked {
        let found: Vec<_> = find_by_address(store, text, 10)
            .iter()
            .map(|user| user.id)
            .collect();
        assert_eq!(found, Vec::from_iter(want.map(user_id)), "{text}");
    }
}

/// Checks that users who share an address are found in the order of their names, up to the limit.
pub fn users_sharing_an_address_are_in_name_order(store: &dyn AccountStore) {
    const IN_ORDER: [&str; 5] = ["10", "9", "Ada", "bob", "Grace"];
    for (number, name) in (1..).zip(IN_ORDER.into_iter().rev()) {
        let text = if number % 2 == 0 {
            "Office@example.org"
        } else {
            "office@EXAMPLE.org"
        };
        add_user(store, &confirmed(number, name, text));
    }
    add_user(store, &unconfirmed(8, "aaron", "office@example.org"));
    add_user(store, &confirmed(9, "abel", "abel@example.org"));
    for limit in [0, 1, 2, 5, 100, u32::MAX] {
        let found = find_by_address(store, "OFFICE@example.org", limit);
        let names: Vec<_> = found.iter().map(|user| user.name.as_str()).collect();
        let want = IN_ORDER.len().min(limit as usize);
        assert_eq!(names, IN_ORDER[..want], "at most {limit}");
    }
}

/// Checks that the search reflects confirming, changing, unconfirming and deleting at once.
pub fn address_search_reflects_every_write(store: &dyn AccountStore) {
    let found = |text| find_by_address(store, text, 10).len();
    let mut ada = unconfirmed(1, "ada", "old@example.org");
    add_user(store, &ada);
    let writes: [(User, usize, usize); 4] = [
        (confirmed(1, "ada", "old@example.org"), 1, 0),
        (confirmed(1, "ada", "new@example.org"), 0, 1),
        (unconfirmed(1, "ada", "new@example.org"), 0, 0),
        (confirmed(1, "ada", "NEW@example.org"), 0, 1),
    ];
    for (write, old, new) in writes {
        let revision = ada.revision;
        assert_eq!(replace(store, &User { revision, ..write }), Committed::Done);
        ada.revision = revision.next();
        assert_eq!((found("old@example.org"), found("new@example.org")), (old, new));
    }
    assert_eq!(delete(store, user_id(1)), Committed::Done);
    assert_eq!(found("new@example.org"), 0);
}
