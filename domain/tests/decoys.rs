//! Unknown names cost what existing accounts cost, after the operator has changed the cost of hashes.
//!
//! The hasher records which hashes it verifies. The generation of a hash stands for its cost.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::sync::{Arc, Mutex};

use kunci_domain::ports::{HashError, PasswordHasher, Verdict};
use kunci_domain::use_cases::{self, resume, set_standing};
use kunci_domain::{Core, DecoyKey, Device, Password, PasswordHash, RequestContext, Standing, Timestamp};
use kunci_testkit::fakes::FastHasher;
use support::{PASSWORD, World, attempt, new_user, operator, password, username, with_second_factor};

/// A hasher of the second generation that records the stored hashes that it verified.
struct Recording(FastHasher, Mutex<Vec<String>>);

impl PasswordHasher for Recording {
    fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        self.0.hash(password)
    }

    fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        self.1.lock().unwrap().push(hash.expose().to_owned());
        self.0.verify(password, hash)
    }

    fn decoy(&self) -> &PasswordHash {
        self.0.decoy()
    }

    fn decoy_like(&self, stored: &PasswordHash) -> PasswordHash {
        self.0.decoy_like(stored)
    }
}

/// A world whose operator raised the cost of hashes to the second generation.
struct Raised {
    world: World,
    core: Arc<Core>,
    hasher: Arc<Recording>,
}

impl Raised {
    fn new(world: World, key: u8) -> Self {
        let hasher = Arc::new(Recording(FastHasher::of_generation(2), Mutex::default()));
        let core = world.core_with(|core| {
            core.hasher = hasher.clone();
            core.decoy_key = DecoyKey::new([key; DecoyKey::LEN]);
        });
        Self { world, core, hasher }
    }

    /// Creates a world with `old` accounts of the first and `new` accounts of the second generation.
    fn with_accounts(old: usize, new: usize) -> Self {
        let raised = Self::new(World::new(), 7);
        for number in 0..old {
            add(&raised.world.core, &format!("old{number}"));
        }
        for number in 0..new {
            add(&raised.core, &format!("new{number}"));
        }
        raised
    }

    /// Tries to sign in with a wrong password and returns the only hash that was verified.
    fn verified(&self, name: &str) -> String {
        self.try_password(name, "wrong password")
    }

    fn try_password(&self, name: &str, text: &str) -> String {
        self.hasher.1.lock().unwrap().clear();
        let device = Device::new("", Some(self.world.another_network().into()));
        let context = RequestContext::new(&self.core, device, self.world.now());
        let outcome = use_cases::sign_in(&mut resume(context, None).unwrap(), attempt(name, text));
        assert!(outcome.is_err(), "{name}");
        let verified = std::mem::take(&mut *self.hasher.1.lock().unwrap());
        assert_eq!(verified.len(), 1, "{name}");
        verified.into_iter().next().unwrap()
    }

    /// Returns how many of 400 unknown names cost as much as an account of the first generation.
    fn old_among_unknown_names(&self) -> usize {
        let names = (0..400).map(|number| format!("unknown{number}"));
        names.filter(|name| is_old(&self.verified(name))).count()
    }
}

fn add(core: &Core, name: &str) {
    let now = Timestamp::from_unix_millis(0);
    use_cases::create_user(core, &operator(), new_user(name, PASSWORD), now).unwrap();
}

fn is_old(hash: &str) -> bool {
    hash.starts_with("$fast$g=1$")
}

#[test]
fn unknown_names_cost_what_existing_accounts_cost() {
    for (old, new, least, most) in [
        (50, 0, 400, 400),
        (0, 50, 0, 0),
        (3, 1, 260, 340),
        (100, 100, 160, 240),
        (60, 240, 50, 110),
    ] {
        let found = Raised::with_accounts(old, new).old_among_unknown_names();
        assert!(
            (least..=most).contains(&found),
            "{old} old and {new} new accounts: {found} of 400 unknown names cost as much as an old one"
        );
    }
}

#[test]
fn unknown_name_costs_the_same_each_time() {
    let raised = Raised::with_accounts(50, 50);
    for number in 0..50 {
        let name = format!("Unknown{number}");
        let first = raised.verified(&name);
        assert_eq!(raised.verified(&name), first, "{name}");
        assert_eq!(raised.verified(&name.to_uppercase()), first, "{name}");
    }
}

#[test]
fn new_accounts_change_the_cost_of_few_unknown_names() {
    let raised = Raised::with_accounts(100, 100);
    let costs = || -> Vec<bool> {
        let names = (0..100).map(|number| format!("unknown{number}"));
        names.map(|name| is_old(&raised.verified(&name))).collect()
    };
    let before = costs();
    for number in 0..5 {
        add(&raised.core, &format!("later{number}"));
    }
    let changed = before
        .iter()
        .zip(costs())
        .filter(|(before, after)| *before != after);
    assert!(changed.count() <= 10);
}

#[test]
fn cost_of_an_unknown_name_depends_on_the_key() {
    let raised = Raised::with_accounts(100, 100);
    let other = Raised {
        core: raised.world.core_with(|core| {
            core.hasher = raised.hasher.clone();
            core.decoy_key = DecoyKey::new([8; DecoyKey::LEN]);
        }),
        hasher: raised.hasher.clone(),
        world: World::new(),
    };
    let differ = (0..100)
        .map(|number| format!("unknown{number}"))
        .filter(|name| is_old(&raised.verified(name)) != is_old(&other.verified(name)));
    assert!((25..=75).contains(&differ.count()));
}

#[test]
fn decoys_match_no_password() {
    let raised = Raised::with_accounts(20, 0);
    for number in 0..20 {
        let decoy = PasswordHash::from_stored(raised.try_password(&format!("unknown{number}"), PASSWORD));
        let verdict = raised.hasher.verify(&password(PASSWORD), &decoy).unwrap();
        assert_eq!(verdict, Verdict::Mismatch);
    }
}

#[test]
fn disabled_and_two_factor_accounts_cost_what_their_hash_costs() {
    let (world, ..) = with_second_factor(World::new());
    world.sign_up("eve");
    set_standing(
        &world.core,
        &operator(),
        &username("eve"),
        Standing::Disabled,
        world.now(),
    )
    .unwrap();
    let raised = Raised::new(world, 7);
    for (name, text) in [
        ("ada", "wrong password"),
        ("eve", "wrong password"),
        ("eve", PASSWORD),
    ] {
        let stored = raised.world.user(name).password_hash;
        assert_eq!(raised.try_password(name, text), stored.expose(), "{name}");
    }
}

#[test]
fn store_without_accounts_has_the_current_cost() {
    let raised = Raised::with_accounts(0, 0);
    assert_eq!(raised.verified("ada"), raised.hasher.decoy().expose());
}

#[test]
fn failed_sign_ins_make_the_same_calls() {
    let world = World::new();
    world.sign_up("ada");
    let calls = |name: &str| {
        world.watch.pass();
        let mut open = world.visit_from(world.another_network());
        use_cases::sign_in(&mut open, attempt(name, "wrong password")).unwrap_err();
        world.watch.calls()
    };
    assert!(calls("ada").contains(&"accounts.sample_hashes"));
    assert_eq!(calls("bob"), calls("ada"));
}
