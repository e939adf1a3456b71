//! Asks the linker to pack what has to be adjusted when the program is loaded: 8 kB instead of 200.
//!
//! Where the C library is too old to unpack it, the program would not start, so this machine's is asked
//! first, and a program for another machine is left as it is. Linkers that do not know the request ignore
//! it. Leaves out everything else about the build.

use std::env;
use std::process::Command;

/// The first glibc that can unpack.
const UNPACKS: (u32, u32) = (2, 36);

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if is_for_glibc_here() && glibc().is_some_and(|version| UNPACKS <= version) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

fn is_for_glibc_here() -> bool {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && env::var("HOST") == env::var("TARGET")
}

/// The version of this machine's glibc, which `getconf` calls `glibc 2.36`.
fn glibc() -> Option<(u32, u32)> {
    let asked = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let said = String::from_utf8(asked.stdout).ok()?;
    let (major, minor) = said.trim().strip_prefix("glibc ")?.split_once('.')?;
    let minor = minor.split('.').next()?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
