//! Makes the list of common passwords: the digests of `common-passwords.txt`, sorted, four bytes each.
//! Leaves out searching in it.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

#[path = "src/common_passwords/digest.rs"]
mod digest;

const TEXT: &str = "src/common-passwords.txt";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={TEXT}");
    println!("cargo::rerun-if-changed=src/common_passwords/digest.rs");
    let text = fs::read_to_string(TEXT)?;
    let mut digests: Vec<u32> = text.lines().map(|line| digest::digest(line.as_bytes())).collect();
    digests.sort_unstable();
    let bytes: Vec<u8> = digests.into_iter().flat_map(u32::to_le_bytes).collect();
    fs::write(Path::new(&env::var("OUT_DIR")?).join("common-passwords"), bytes)?;
    Ok(())
}
