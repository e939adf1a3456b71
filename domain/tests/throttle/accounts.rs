//! Limits of an account as a whole, of its known devices, and of large networks.

use super::*;

#[test]
fn known_devices_share_one_budget_in_each_epoch() {
    let world = world();
    world.sign_up("bob");
    let ada = world.known("ada");
    let wait = Outcome::Throttled(10 * MINUTE);
    for number in 0..10 {
        let from = [10, 0, number, 1];
        assert_eq!(
            sign_in_as(&world, from, "ada", "wrong password", &ada),
            Outcome::Wrong
        );
    }
    assert_eq!(sign_in_as(&world, ELSEWHERE, "ada", PASSWORD, &ada), wait);
    assert_eq!(
        guesses(&world, HOME, "ada"),
        10,
        "other clients have their own budget"
    );
    assert_eq!(
        sign_in_as(&world, HOME, "bob", PASSWORD, &ada),
        Outcome::SignedIn,
        "unknown to bob"
    );
    guesses(&world, HOME, "bob");
    assert_eq!(sign_in_as(&world, HOME, "bob", PASSWORD, &ada), wait);
    world.change("ada", kunci_domain::User::in_next_epoch);
    assert_eq!(
        sign_in_as(&world, HOME, "ada", PASSWORD, &ada),
        wait,
        "the device is known in the earlier epoch only"
    );
    assert_eq!(
        sign_in_as(&world, HOME, "ada", PASSWORD, &world.known("ada")),
        Outcome::SignedIn,
        "the budget of the earlier epoch does not count"
    );
}

#[test]
fn neighbouring_networks_share_larger_budgets() {
    for (network, most) in [(0, 10), (1, 20), (2, 40), (3, 80), (4, 0)] {
        // Each step uses an address that shares one network less with the first ones.
        let address = |number: u16| -> IpAddr {
            let segments = match network {
                0 => [0x2001, 0xdb8, 0, 0, 0, 0, 0, number],
                1 => [0x2001, 0xdb8, 0, number, 0, 0, 0, 1],
                2 => [0x2001, 0xdb8, 0, number << 8, 0, 0, 0, 1],
                3 => [0x2001, 0xdb8, number, 0, 0, 0, 0, 1],
                _ => [0x2001, 0xdb8 + number, 0, 0, 0, 0, 0, 1],
            };
            segments.into()
        };
        let world = world();
        let tried: usize = (0..100)
            .map(|number| guesses(&world, address(number), "ada"))
            .sum();
        let most = if most == 0 { 500 } else { most };
        assert_eq!(tried, most, "level {network}");
    }
}

#[test]
fn account_has_a_daily_bound_across_all_networks() {
    let world = world();
    let address = |number: u8| [10 + number, 1, 1, 1];
    let tried: usize = (0..100)
        .map(|number| guesses(&world, address(number), "ada"))
        .sum();
    assert_eq!(tried, 500, "half of the daily bound at once");
    let wait = Duration::from_millis(172_800);
    assert_eq!(
        sign_in_as(&world, HOME, "ada", PASSWORD, &NoKnownDevices),
        Outcome::Throttled(wait)
    );
    assert_eq!(guess(&world, HOME, "bob"), Outcome::Wrong, "another account");
    assert_eq!(
        sign_in_as(&world, HOME, "ada", PASSWORD, &world.known("ada")),
        Outcome::SignedIn,
        "a known device"
    );
    let link = world.issue_link("ada", kunci_domain::Purpose::SignIn);
    let mut open = world.visit_from(HOME);
    kunci_domain::use_cases::sign_in_by_link(&mut open, &link, &NoKnownDevices).unwrap();
    let without_bound = World::with(|core| core.account_policy.budgets.all_networks = None);
    let tried: usize = (0..100)
        .map(|number| guesses(&without_bound, address(number), "ada"))
        .sum();
    assert_eq!(tried, 1_000);
}

#[test]
fn stored_budgets_survive_a_restart() {
    let world = world();
    let known = world.known("ada");
    for number in 0..60 {
        guesses(&world, [10 + number, 1, 1, 1], "ada");
    }
    while sign_in_as(&world, HOME, "ada", "wrong password", &known) == Outcome::Wrong {}
    let core = world.core_with(|core| core.throttle = std::sync::Arc::new(MemoryThrottle::default()));
    let attempt_after = |devices: &dyn KnownDevices| {
        let device = kunci_domain::Device::new("a browser", Some(ELSEWHERE.into()));
        let context = kunci_domain::RequestContext::new(&core, device, world.now());
        let mut open = kunci_domain::use_cases::resume(context, None).unwrap();
        let attempt = SignIn {
            devices,
            ..attempt("ada", PASSWORD)
        };
        outcome_of(sign_in(&mut open, attempt).map(|_| ()))
    };
    assert!(matches!(attempt_after(&NoKnownDevices), Outcome::Throttled(_)));
    assert!(matches!(attempt_after(&known), Outcome::Throttled(_)));
}
