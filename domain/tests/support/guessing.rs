//! Simulates attackers who guess at one account for a long time, while its owner signs in on a known device.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use kunci_domain::Budget;
use kunci_domain::use_cases::{SignIn, sign_in};

use super::{HOUR, PASSWORD, World, attempt};

/// Where an attacker's addresses are.
#[derive(Debug, Clone, Copy)]
pub enum Attacker {
    /// One IPv4 /24, or one IPv6 /64.
    OneNetwork,
    /// One IPv6 /48, with 65,536 networks.
    OneSite,
    /// One IPv6 /32, with 65,536 times as many.
    OneProvider,
    /// A number of IPv4 /24s all over the world.
    Botnet(u32),
}

impl Attacker {
    /// The attackers for whom `docs/accounts.md` states figures.
    pub const ALL: [Self; 5] = [
        Self::OneNetwork,
        Self::OneSite,
        Self::OneProvider,
        Self::Botnet(1_000),
        Self::Botnet(100_000),
    ];

    /// Returns the address of an attempt. The networks take turns.
    fn address(self, number: u32) -> IpAddr {
        let [high, low] = [(number >> 16) as u16, number as u16];
        match self {
            Self::OneNetwork => Ipv4Addr::new(192, 0, 2, low as u8).into(),
            Self::OneSite => Ipv6Addr::new(0x2001, 0xdb8, 0, low, 0, 0, 0, 1).into(),
            Self::OneProvider => Ipv6Addr::new(0x2001, 0xdb8, low, high, 0, 0, 0, 1).into(),
            // An odd factor spreads the networks over all /16s.
            Self::Botnet(networks) => {
                Ipv4Addr::from((number % networks).wrapping_mul(2_654_435_769) & !0xff).into()
            }
        }
    }

    /// Returns the most guesses at one account that the budgets allow in a time.
    pub fn bound(self, world: &World, time: Duration) -> u64 {
        let budgets = world.core.account_policy.budgets;
        let most = |budget: Budget| {
            let refilled = time.as_millis() / budget.every.as_millis();
            u64::from(budget.at_once) + u64::try_from(refilled).unwrap()
        };
        let factor = match self {
            Self::OneNetwork => 1,
            Self::OneSite => 4,
            Self::OneProvider => 8,
            Self::Botnet(networks) => networks,
        };
        most(budgets.account.times(factor)).min(most(budgets.all_networks.unwrap()))
    }
}

/// The result of a simulation.
#[derive(Debug, Clone, Copy)]
pub struct Siege {
    /// The guesses that were verified.
    pub guesses: u64,
    /// How often the owner signed in, each time at the first try.
    pub sign_ins: u64,
}

/// Lets an attacker guess for a time. At each `pause`, the attacker tries network after network until 100
/// attempts in a row are refused. The owner signs in once an hour.
///
/// # Panics
/// Panics if the owner does not get in at the first try.
pub fn besiege(world: &World, attacker: Attacker, time: Duration, pause: Duration) -> Siege {
    let end = world.now().after(time);
    let (mut number, mut next_sign_in) = (0_u32, world.now());
    let mut siege = Siege {
        guesses: 0,
        sign_ins: 0,
    };
    while world.now() < end {
        let mut refused = 0;
        while refused < 100 {
            let before = world.hasher.verifications();
            let from = attacker.address(number);
            sign_in(&mut world.visit_from(from), attempt("ada", "wrong password")).unwrap_err();
            number = number.wrapping_add(1);
            let verified = world.hasher.verifications() - before;
            siege.guesses += verified;
            refused = if verified == 0 { refused + 1 } else { 0 };
        }
        if next_sign_in <= world.now() {
            let devices = &world.known("ada");
            let attempt = SignIn {
                devices,
                ..attempt("ada", PASSWORD)
            };
            // The owner's network is the attacker's, which is the worst case.
            sign_in(&mut world.visit_from(attacker.address(number)), attempt).unwrap();
            siege.sign_ins += 1;
            next_sign_in = world.now().after(HOUR);
        }
        world.clock.advance(pause);
    }
    siege
}
