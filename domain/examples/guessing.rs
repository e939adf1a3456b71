//! Prints how many guesses at one account attackers have in a simulated month. `make drills` runs it.

#![allow(clippy::print_stdout, reason = "it prints its figures")]

#[path = "../tests/support/mod.rs"]
mod support;

use support::World;
use support::guessing::{Attacker, besiege};
use support::{DAY, MINUTE};

fn main() {
    println!("Guesses at one account in 30 days, and the owner's sign-ins at the first try:");
    for attacker in Attacker::ALL {
        let world = World::new();
        world.sign_up("ada");
        let siege = besiege(&world, attacker, 30 * DAY, MINUTE);
        let bound = attacker.bound(&world, 30 * DAY);
        let (name, guesses, sign_ins) = (format!("{attacker:?}"), siege.guesses, siege.sign_ins);
        println!("{name:16} {guesses:6} guesses, bound {bound:6}, {sign_ins} sign-ins");
    }
}
