//! Decoys: the hashes that passwords are checked against if there is no account with the name.
//!
//! The time of a check depends on the parameters of the hash. Accounts have different parameters after the
//! operator changed the cost, until their owners sign in. An unknown name therefore imitates an existing
//! account, which a keyed digest of the name selects: the same one each time.

use super::Core;
use crate::password::PasswordHash;
use crate::ports::StoreError;

/// The number of accounts from which the imitated one is selected. Ids are random and the gaps between them
/// differ; within a sample, each account is equally likely.
const SAMPLE: u32 = 16;

/// Returns the hash that stands in for the account of an unknown name.
///
/// A sign-in calls this for known names as well, so that both make the same calls to the store.
pub(super) fn decoy_for(core: &Core, name: &str) -> Result<PasswordHash, StoreError> {
    let numbers = core.decoy_key.numbers_for(name);
    let sample = core.accounts.sample_hashes(numbers.start(), SAMPLE)?;
    // A new account changes the selection for few names: it counts only where it ranks lowest.
    let imitated = sample.iter().min_by_key(|(id, _)| numbers.rank(*id));
    Ok(imitated.map_or_else(
        || core.hasher.decoy().clone(),
        |(_, hash)| core.hasher.decoy_like(hash),
    ))
}
