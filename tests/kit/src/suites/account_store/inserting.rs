//! Promises about inserting and finding users, and about which names are equal.

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{
    EmailAddress, Epoch, PasswordHash, Revision, Role, SealedSeed, SecondFactor, Standing, Timestamp,
    TotpStep, User,
};

use super::support::{add_user, assert_user, find, find_by_name, insert, username};
use crate::samples::{second_factor, start_plus, user, user_id};

/// Pairs of spellings of one name, most of which need more than ASCII case folding.
const FOLDING: [(&str, &str); 5] = [
    ("Ada.Lovelace", "ADA.lovelace"),
    ("Ärger", "äRGER"),
    ("ПЕТЯ", "петя"),
    ("ﬁnn", "FINN"),
    ("Ωmega", "Ωmega"),
];

/// Checks that every field is stored and returned unchanged.
pub fn all_user_fields_are_preserved(store: &dyn AccountStore) {
    let full = User {
        email: EmailAddress::parse("ada+kunci@example.org").ok(),
        email_confirmed_at: Some(start_plus(-77)),
        password_hash: PasswordHash::from_stored("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned()),
        second_factor: Some(second_factor(1)),
        role: Role::Administrator,
        standing: Standing::Disabled,
        epoch: Epoch::from_stored(12),
        revision: Revision::from_stored(34),
        created_at: start_plus(-123_456_789),
        password_changed_at: start_plus(-123),
        ..user(1, "Ada.Lovelace")
    };
    add_user(store, &full);
    assert_user(store, &full);
}

/// Checks that users without an email address, with short, long and non-ASCII names, are preserved.
pub fn minimal_user_is_preserved(store: &dyn AccountStore) {
    let longest = "日".repeat(64);
    for (number, name) in (1..).zip([
        "a",
        "42",
        "日本語",
        "o'brien".replace('\'', "_").as_str(),
        &longest,
    ]) {
        let bare = user(number, name);
        add_user(store, &bare);
        assert_user(store, &bare);
    }
}

/// Checks that an unknown id or name finds nothing, even if the name resembles an existing one.
pub fn unknown_user_is_absent(store: &dyn AccountStore) {
    add_user(store, &user(1, "ada"));
    assert_eq!(find(store, user_id(2)), None);
    for name in ["adam", "ad", "a", "ada_", "_da"] {
        assert_eq!(find_by_name(store, name), None, "{name}");
    }
}

/// Checks that a name is found in any case and is returned as it was first written.
pub fn find_by_name_ignores_case(store: &dyn AccountStore) {
    for (number, (name, typed)) in (1..).zip(FOLDING) {
        let kept = user(number, name);
        add_user(store, &kept);
        assert_eq!(find_by_name(store, typed), Some(kept), "{typed}");
    }
}

/// Checks that a name which differs from an existing one only in case is taken.
pub fn name_is_unique_regardless_of_case(store: &dyn AccountStore) {
    for (number, (name, other)) in (1..).zip(FOLDING) {
        let holder = user(number, name);
        add_user(store, &holder);
        assert_eq!(
            insert(store, &user(100 + number, other)),
            Committed::NameTaken,
            "{other}"
        );
        assert_user(store, &holder);
        assert_eq!(find(store, user_id(100 + number)), None);
    }
}

/// Checks that accents, scripts and the wildcards of patterns are significant in names.
pub fn similar_looking_names_are_distinct(store: &dyn AccountStore) {
    let names = ["resume", "résumé", "aaa", "a_a", "а_а", "a.a", "a-a", "ss"];
    for (number, name) in (1..).zip(names) {
        add_user(store, &user(number, name));
    }
    for (number, name) in (1..).zip(names) {
        assert_eq!(
            find_by_name(store, name).map(|found| found.id),
            Some(user_id(number)),
            "{name}"
        );
    }
}

/// Checks that inserting an existing id is a `Collision` and leaves the existing user unchanged.
pub fn insert_of_existing_id_collides(store: &dyn AccountStore) {
    let holder = user(1, "ada");
    add_user(store, &holder);
    assert_eq!(insert(store, &user(1, "grace")), Committed::Collision);
    assert_user(store, &holder);
    assert_eq!(find_by_name(store, "grace"), None);
}

/// Checks that inserting a user twice is refused and leaves the existing user unchanged.
pub fn second_insert_of_same_user_is_refused(store: &dyn AccountStore) {
    let holder = user(1, "ada");
    add_user(store, &holder);
    let again = User {
        role: Role::Administrator,
        ..holder.clone()
    };
    assert_ne!(insert(store, &again), Committed::Done);
    assert_user(store, &holder);
}

/// Checks that several users can have the same email address.
pub fn several_users_can_share_an_address(store: &dyn AccountStore) {
    let email = EmailAddress::parse("office@example.org").ok();
    for (number, name) in [(1, "ada"), (2, "grace")] {
        let user = User {
            email: email.clone(),
            ..user(number, name)
        };
        add_user(store, &user);
        assert_user(store, &user);
    }
}

/// Checks that second factors are preserved with sealed seeds of any length and few or no recovery
/// codes left.
pub fn second_factors_are_preserved(store: &dyn AccountStore) {
    let seeds = [vec![], vec![0; 61], (0..=255).collect::<Vec<u8>>()];
    for (number, seed) in (1..).zip(seeds) {
        let mut factor = second_factor(number);
        factor.seed = SealedSeed::from_stored(seed);
        factor
            .recovery
            .truncate(usize::try_from(number - 1).expect("a small number"));
        let user = User {
            second_factor: Some(factor),
            ..user(number, &format!("user{number}"))
        };
        add_user(store, &user);
        assert_user(store, &user);
    }
}

/// Checks that times and counts at the limits of their types neither wrap nor fail.
pub fn extreme_user_fields_are_preserved(store: &dyn AccountStore) {
    let extremes = [i64::MIN, -1, 0, i64::MAX];
    for (number, extreme) in (1..).zip(extremes) {
        let time = Timestamp::from_unix_millis(extreme);
        let factor = SecondFactor {
            last_step: TotpStep::from_stored(extreme),
            since: time,
            ..second_factor(number)
        };
        let user = User {
            email_confirmed_at: Some(time),
            second_factor: Some(factor),
            epoch: Epoch::from_stored(extreme),
            revision: Revision::from_stored(extreme),
            created_at: time,
            password_changed_at: time,
            ..user(number, &format!("user{number}"))
        };
        add_user(store, &user);
        assert_user(store, &user);
    }
    assert_eq!(
        find(store, user_id(4)).map(|found| found.name),
        Some(username("user4"))
    );
}
