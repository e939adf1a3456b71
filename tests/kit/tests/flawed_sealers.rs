//! A suite is worth what it catches: each flaw that sealers can have breaks the promise it should.

use std::panic::{AssertUnwindSafe, catch_unwind};

use kunci_domain::ports::{EntropyError, Sealer, UnsealError};
use kunci_testkit::fakes::FastSealer;
use kunci_testkit::suites::sealer::PROMISES;
use zeroize::Zeroizing;

mod fast_sealer {
    use kunci_testkit::fakes::FastSealer;

    kunci_testkit::sealer_suite!(FastSealer::boxed);
}

/// A flaw: what is given to the sealer within, and what is made of its answers.
#[derive(Clone, Copy)]
struct Flaw {
    key: fn(&[u8]) -> Vec<u8>,
    knows_former: bool,
    seals_under_former: bool,
    context: fn(&[u8]) -> Vec<u8>,
    /// Whether what is sealed under the number zero is all that there is.
    repeats: bool,
    /// Keeps the secret beside what was sealed, and believes that when the seal is broken.
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
fn without_a_flaw_every_promise_is_kept() {
    breaks(&[], NONE);
}

#[test]
fn contexts_that_are_dropped_or_cut() {
    let ignored = Flaw {
        context: |_| Vec::new(),
        ..NONE
    };
    let broken = broken(ignored);
    for promise in [
        "nothing_at_all_is_a_secret",
        "another_context_does_not_open",
        "secret_and_context_do_not_run_into_each_other",
        "a_former_key_still_opens",
    ] {
        assert!(broken.contains(&promise), "broken is only {broken:?}");
    }
    let cut = |context: &[u8]| context[..context.len().min(8)].to_vec();
    breaks(&["another_context_does_not_open"], Flaw { context: cut, ..NONE });
}

#[test]
fn keys_that_do_not_count_are_forgotten_or_are_the_wrong_ones() {
    let ignored = Flaw {
        key: |_| Vec::new(),
        ..NONE
    };
    breaks(
        &[
            "an_unknown_key_does_not_open",
            "nothing_is_sealed_under_a_former_key",
        ],
        ignored,
    );
    let cut = Flaw {
        key: |key| key[..16].to_vec(),
        ..NONE
    };
    breaks(
        &[
            "an_unknown_key_does_not_open",
            "nothing_is_sealed_under_a_former_key",
        ],
        cut,
    );
    let forgotten = Flaw {
        knows_former: false,
        ..NONE
    };
    breaks(&["a_former_key_still_opens"], forgotten);
    let wrong = Flaw {
        seals_under_former: true,
        ..NONE
    };
    breaks(&["nothing_is_sealed_under_a_former_key"], wrong);
}

#[test]
fn what_is_sealed_repeats_shows_or_loses_something() {
    let repeats = Flaw {
        repeats: true,
        ..NONE
    };
    breaks(&["the_same_secret_is_sealed_differently_each_time"], repeats);
    let short = broken(Flaw {
        drops_last_byte: true,
        ..NONE
    });
    assert!(
        short.contains(&"what_was_sealed_opens"),
        "broken is only {short:?}"
    );
    let shown = broken(Flaw { keeps: true, ..NONE });
    for promise in [
        "what_was_changed_does_not_open",
        "what_was_cut_or_lengthened_does_not_open",
        "garbage_does_not_open",
        "what_is_sealed_does_not_show_the_secret",
    ] {
        assert!(shown.contains(&promise), "broken is only {shown:?}");
    }
}
