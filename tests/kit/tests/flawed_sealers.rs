//! The suite detects flaws: each known flaw of sealers breaks the expected promises.

use std::panic::{AssertUnwindSafe, catch_unwind};

use kunci_domain::ports::{EntropyError, Sealer, UnsealError};
use kunci_testkit::fakes::FastSealer;
use kunci_testkit::suites::sealer::PROMISES;
use zeroize::Zeroizing;

mod fast_sealer {
    use kunci_testkit::fakes::FastSealer;

    kunci_testkit::sealer_suite!(FastSealer::boxed);
}

/// Changes to the arguments and results of the inner sealer.
#[derive(Clone, Copy)]
struct Flaw {
    key: fn(&[u8]) -> Vec<u8>,
    knows_former: bool,
    seals_under_former: bool,
    context: fn(&[u8]) -> Vec<u8>,
    /// Seals everything under number zero, so equal secrets give equal bytes.
    repeats: bool,
    /// Appends the secret to the sealed bytes, and returns it from there without checking them.
    keeps: bool,
    drops_last_byte: bool,
}

const NONE: Flaw = Flaw {
    key: <[u8]>::to_vec,
    knows_former: true,
    seals_under_former: false,
    context: <[u8]>::to_vec,
    repeats: false,
    keeps: false,
    drops_last_byte: false,
};

struct Flawed {
    flaw: Flaw,
    inner: FastSealer,
    keys: Vec<Vec<u8>>,
}

impl Flawed {
    fn boxed(flaw: Flaw, current: &[u8], former: &[&[u8]]) -> Box<dyn Sealer> {
        let mut keys = vec![(flaw.key)(current)];
        if flaw.knows_former {
            keys.extend(former.iter().map(|key| (flaw.key)(key)));
        }
        if flaw.seals_under_former {
            keys.reverse();
        }
        let inner = under(&keys);
        Box::new(Self { flaw, inner, keys })
    }
}

fn under(keys: &[Vec<u8>]) -> FastSealer {
    let former: Vec<&[u8]> = keys[1..].iter().map(Vec::as_slice).collect();
    FastSealer::new(&keys[0], &former)
}

impl Sealer for Flawed {
    fn seal(&self, secret: &[u8], context: &[u8]) -> Result<Vec<u8>, EntropyError> {
        let context = (self.flaw.context)(context);
        let mut sealed = if self.flaw.repeats {
            under(&self.keys).seal(secret, &context)?
        } else {
            self.inner.seal(secret, &context)?
        };
        if self.flaw.keeps {
            sealed.extend_from_slice(secret);
        }
        Ok(sealed)
    }

    fn open(&self, sealed: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, UnsealError> {
        let context = (self.flaw.context)(context);
        if self.flaw.keeps {
            let length = sealed.len().saturating_sub(40) / 2;
            return Ok(Zeroizing::new(sealed[sealed.len() - length..].to_vec()));
        }
        let mut secret = self.inner.open(sealed, &context)?;
        if self.flaw.drops_last_byte {
            secret.pop();
        }
        Ok(secret)
    }
}

fn broken(flaw: Flaw) -> Vec<&'static str> {
    let new = move |current: &[u8], former: &[&[u8]]| Flawed::boxed(flaw, current, former);
    PROMISES
        .iter()
        .filter(|(_, promise)| catch_unwind(AssertUnwindSafe(|| promise(&new))).is_err())
        .map(|(name, _)| *name)
        .collect()
}

#[track_caller]
fn breaks(promises: &[&str], flaw: Flaw) {
    assert_eq!(broken(flaw), promises);
}

#[test]
fn every_promise_holds_without_a_flaw() {
    breaks(&[], NONE);
}

#[test]
fn ignored_or_truncated_context_is_caught() {
    let ignored = Flaw {
        context: |_| Vec::new(),
        ..NONE
    };
    let broken = broken(ignored);
    for promise in [
        "empty_secret_can_be_sealed",
        "different_context_does_not_open",
        "secret_and_context_are_kept_apart",
        "former_key_still_opens",
    ] {
        assert!(
            broken.contains(&promise),
            "only these promises are broken: {broken:?}"
        );
    }
    let cut = |context: &[u8]| context[..context.len().min(8)].to_vec();
    breaks(
        &["different_context_does_not_open"],
        Flaw { context: cut, ..NONE },
    );
}

#[test]
fn wrong_key_handling_is_caught() {
    let ignored = Flaw {
        key: |_| Vec::new(),
        ..NONE
    };
    breaks(&["unknown_key_does_not_open", "former_key_never_seals"], ignored);
    let cut = Flaw {
        key: |key| key[..16].to_vec(),
        ..NONE
    };
    breaks(&["unknown_key_does_not_open", "former_key_never_seals"], cut);
    let forgotten = Flaw {
        knows_former: false,
        ..NONE
    };
    breaks(&["former_key_still_opens"], forgotten);
    let wrong = Flaw {
        seals_under_former: true,
        ..NONE
    };
    breaks(&["former_key_never_seals"], wrong);
}

#[test]
fn repeating_leaking_or_truncating_seals_are_caught() {
    let repeats = Flaw {
        repeats: true,
        ..NONE
    };
    breaks(&["sealing_twice_gives_different_bytes"], repeats);
    let short = broken(Flaw {
        drops_last_byte: true,
        ..NONE
    });
    assert!(
        short.contains(&"sealed_secret_opens"),
        "only these promises are broken: {short:?}"
    );
    let shown = broken(Flaw { keeps: true, ..NONE });
    for promise in [
        "changed_bytes_do_not_open",
        "truncated_or_extended_bytes_do_not_open",
        "arbitrary_bytes_do_not_open",
        "sealed_bytes_do_not_contain_the_secret",
    ] {
        assert!(
            shown.contains(&promise),
            "only these promises are broken: {shown:?}"
        );
    }
}
