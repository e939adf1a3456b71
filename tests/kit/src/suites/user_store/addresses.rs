//! Finding users by an address that they have confirmed.

use kunci_domain::User;
use kunci_domain::ports::{Updated, UserStore};

use super::steps::{add, delete, find_by_address, update};
use crate::samples::{address, start, user, user_id};

/// A user who has shown that mail to an address arrives.
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

/// The whole user, and nobody else.
pub fn a_user_is_found_by_an_address_that_was_confirmed(store: &dyn UserStore) {
    let ada = confirmed(1, "Ada", "ada@example.org");
    add(store, &ada);
    add(store, &confirmed(2, "grace", "grace@example.org"));
    assert_eq!(find_by_address(store, "ada@example.org", 10), [ada]);
    assert_eq!(find_by_address(store, "nobody@example.org", 10), []);
}

/// Nobody gets the mail of an account by claiming its address, or by having none.
pub fn an_address_that_was_not_confirmed_finds_nobody(store: &dyn UserStore) {
    let without_address = User {
        email_confirmed_at: Some(start()),
        ..user(2, "grace")
    };
    add(store, &unconfirmed(1, "ada", "ada@example.org"));
    add(store, &without_address);
    assert_eq!(find_by_address(store, "ada@example.org", 10), []);
}

/// Letters beyond ASCII and signs that patterns use make a difference.
pub fn addresses_are_compared_as_they_are_but_for_the_case_of_ascii_letters(store: &dyn UserStore) {
    let kept = [
        "Ada@Example.org",
        "ärger@example.org",
        "a_a@example.org",
        "%@example.org",
    ];
    for (number, text) in (1..).zip(kept) {
        add(store, &confirmed(number, &format!("user{number}"), text));
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

/// An address may be several people's, and a search takes no more of them than it was told to.
pub fn users_of_one_address_are_found_in_the_order_of_their_names(store: &dyn UserStore) {
    const IN_ORDER: [&str; 5] = ["10", "9", "Ada", "bob", "Grace"];
    for (number, name) in (1..).zip(IN_ORDER.into_iter().rev()) {
        let text = if number % 2 == 0 {
            "Office@example.org"
        } else {
            "office@EXAMPLE.org"
        };
        add(store, &confirmed(number, name, text));
    }
    add(store, &unconfirmed(8, "aaron", "office@example.org"));
    add(store, &confirmed(9, "abel", "abel@example.org"));
    for limit in [0, 1, 2, 5, 100, u32::MAX] {
        let found = find_by_address(store, "OFFICE@example.org", limit);
        let names: Vec<_> = found.iter().map(|user| user.name.as_str()).collect();
        let want = IN_ORDER.len().min(limit as usize);
        assert_eq!(names, IN_ORDER[..want], "at most {limit}");
    }
}

/// Confirming, changing, taking back and deleting show at once.
pub fn the_search_follows_every_write(store: &dyn UserStore) {
    let found = |text| find_by_address(store, text, 10).len();
    let mut ada = unconfirmed(1, "ada", "old@example.org");
    add(store, &ada);
    let writes: [(User, usize, usize); 4] = [
        (confirmed(1, "ada", "old@example.org"), 1, 0),
        (confirmed(1, "ada", "new@example.org"), 0, 1),
        (unconfirmed(1, "ada", "new@example.org"), 0, 0),
        (confirmed(1, "ada", "NEW@example.org"), 0, 1),
    ];
    for (write, old, new) in writes {
        let revision = ada.revision;
        assert_eq!(update(store, &User { revision, ..write }), Updated::Done);
        ada.revision = revision.next();
        assert_eq!((found("old@example.org"), found("new@example.org")), (old, new));
    }
    assert!(delete(store, user_id(1)));
    assert_eq!(found("new@example.org"), 0);
}
