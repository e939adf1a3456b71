//! What goes in comes out: inserting and finding, and what counts as the same name.

use kunci_domain::ports::{UserInserted, UserStore};
use kunci_domain::{
    EmailAddress, Epoch, PasswordHash, Revision, Role, SealedSeed, SecondFactor, Standing, Timestamp,
    TotpStep, User,
};

use super::steps::{add, assert_holds, find, find_by_name, insert, username};
use crate::samples::{second_factor, start_plus, user, user_id};

/// Names whose case folds in ways that ASCII does not know; the second of each pair is the same name.
const FOLDING: [(&str, &str); 5] = [
    ("Ada.Lovelace", "ADA.lovelace"),
    ("Ärger", "äRGER"),
    ("ПЕТЯ", "петя"),
    ("ﬁnn", "FINN"),
    ("Ωmega", "Ωmega"),
];

/// Every field survives.
pub fn a_user_comes_back_as_it_went_in(store: &dyn UserStore) {
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
    add(store, &full);
    assert_holds(store, &full);
}

/// A user needs neither an address nor a usual name.
pub fn a_bare_user_comes_back(store: &dyn UserStore) {
    let longest = "日".repeat(64);
    for (number, name) in (1..).zip([
        "a",
        "42",
        "日本語",
        "o'brien".replace('\'', "_").as_str(),
        &longest,
    ]) {
        let bare = user(number, name);
        add(store, &bare);
        assert_holds(store, &bare);
    }
}

/// Neither an id nor a name that nobody has finds anybody.
pub fn an_unknown_user_is_not_found(store: &dyn UserStore) {
    add(store, &user(1, "ada"));
    assert_eq!(find(store, user_id(2)), None);
    for name in ["adam", "ad", "a", "ada_", "_da"] {
        assert_eq!(find_by_name(store, name), None, "{name}");
    }
}

/// People type their names as they please, and see them as they first wrote them.
pub fn a_user_is_found_by_name_whatever_its_case(store: &dyn UserStore) {
    for (number, (name, typed)) in (1..).zip(FOLDING) {
        let kept = user(number, name);
        add(store, &kept);
        assert_eq!(find_by_name(store, typed), Some(kept), "{typed}");
    }
}

/// Nobody takes somebody's name by writing it differently.
pub fn a_name_is_taken_whatever_its_case(store: &dyn UserStore) {
    for (number, (name, other)) in (1..).zip(FOLDING) {
        let holder = user(number, name);
        add(store, &holder);
        assert_eq!(
            insert(store, &user(100 + number, other)),
            UserInserted::NameTaken,
            "{other}"
        );
        assert_holds(store, &holder);
        assert_eq!(find(store, user_id(100 + number)), None);
    }
}

/// Accents and scripts make a difference, and so do signs that patterns use.
pub fn names_that_only_look_alike_are_different(store: &dyn UserStore) {
    let names = ["resume", "résumé", "aaa", "a_a", "а_а", "a.a", "a-a", "ss"];
    for (number, name) in (1..).zip(names) {
        add(store, &user(number, name));
    }
    for (number, name) in (1..).zip(names) {
        assert_eq!(
            find_by_name(store, name).map(|found| found.id),
            Some(user_id(number)),
            "{name}"
        );
    }
}

/// An id that another user has is refused.
pub fn an_id_is_taken_once(store: &dyn UserStore) {
    let holder = user(1, "ada");
    add(store, &holder);
    assert_eq!(insert(store, &user(1, "grace")), UserInserted::Collision);
    assert_holds(store, &holder);
    assert_eq!(find_by_name(store, "grace"), None);
}

/// Inserting is no way to overwrite.
pub fn the_same_user_is_not_added_twice(store: &dyn UserStore) {
    let holder = user(1, "ada");
    add(store, &holder);
    let again = User {
        role: Role::Administrator,
        ..holder.clone()
    };
    assert_ne!(insert(store, &again), UserInserted::Done);
    assert_holds(store, &holder);
}

/// An address is no proof of who one is, so that it need not be unique.
pub fn an_address_may_belong_to_several_users(store: &dyn UserStore) {
    let email = EmailAddress::parse("office@example.org").ok();
    for (number, name) in [(1, "ada"), (2, "grace")] {
        let user = User {
            email: email.clone(),
            ..user(number, name)
        };
        add(store, &user);
        assert_holds(store, &user);
    }
}

/// Codes run out, and a sealer may seal as long as it likes.
pub fn any_second_factor_comes_back(store: &dyn UserStore) {
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
        add(store, &user);
        assert_holds(store, &user);
    }
}

/// Times and counts at the ends of their types neither wrap nor fail.
pub fn extreme_times_and_counts_come_back(store: &dyn UserStore) {
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
        add(store, &user);
        assert_holds(store, &user);
    }
    assert_eq!(
        find(store, user_id(4)).map(|found| found.name),
        Some(username("user4"))
    );
}
