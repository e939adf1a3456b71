//! The suite detects flaws: each known flaw of password hashers breaks the expected promise.

#![allow(clippy::unwrap_used, reason = "a test fails if a step fails")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use kunci_domain::ports::{HashError, PasswordHasher, Verdict};
use kunci_domain::{Password, PasswordHash};
use kunci_testkit::fakes::FastHasher;
use kunci_testkit::suites::password_hasher::PROMISES;

type Answer = Result<Verdict, HashError>;

/// A hasher with one flaw. Without a flaw it behaves like the inner hasher.
struct Flawed {
    inner: FastHasher,
    decoy: PasswordHash,
    /// Changes the decoy that is like a stored hash. It is given the stored hash and the decoy.
    alter_decoy: fn(&PasswordHash, PasswordHash) -> PasswordHash,
    /// Changes a password before it is hashed or verified.
    alter_password: fn(String) -> String,
    /// Changes the stored hash of a password.
    alter_hash: fn(&str, PasswordHash) -> PasswordHash,
    /// Changes the answer of a verification.
    alter_answer: fn(Answer) -> Answer,
}

impl Flawed {
    fn with(flaw: impl FnOnce(&mut Self)) -> Self {
        let inner = FastHasher::new();
        let mut flawed = Self {
            decoy: inner.decoy().clone(),
            inner,
            alter_decoy: |_, decoy| decoy,
            alter_password: |password| password,
            alter_hash: |_, hash| hash,
            alter_answer: |answer| answer,
        };
        flaw(&mut flawed);
        flawed
    }

    fn altered(&self, password: &Password) -> String {
        (self.alter_password)(String::from_utf8(password.expose().to_vec()).unwrap())
    }
}

impl PasswordHasher for Flawed {
    fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        let text = self.altered(password);
        let hash = self.inner.hash(&Password::presented(text.clone()))?;
        Ok((self.alter_hash)(&text, hash))
    }

    fn verify(&self, password: &Password, hash: &PasswordHash) -> Answer {
        let password = Password::presented(self.altered(password));
        (self.alter_answer)(self.inner.verify(&password, hash))
    }

    fn decoy(&self) -> &PasswordHash {
        &self.decoy
    }

    fn decoy_like(&self, stored: &PasswordHash) -> PasswordHash {
        (self.alter_decoy)(stored, self.inner.decoy_like(stored))
    }
}

/// Returns the names of the promises that a hasher breaks.
fn broken(hasher: &Flawed) -> Vec<&'static str> {
    let breaks =
        |promise: fn(&dyn PasswordHasher)| catch_unwind(AssertUnwindSafe(|| promise(hasher))).is_err();
    let broken = PROMISES.iter().filter(|(_, promise)| breaks(*promise));
    broken.map(|(name, _)| *name).collect()
}

#[track_caller]
fn breaks(promise: &str, flaw: impl FnOnce(&mut Flawed)) {
    let broken = broken(&Flawed::with(flaw));
    assert!(
        broken.contains(&promise),
        "only these promises are broken: {broken:?}"
    );
}

#[test]
fn every_promise_holds_without_a_flaw() {
    assert_eq!(broken(&Flawed::with(|_| {})), [""; 0]);
}

#[test]
fn altered_passwords_are_caught() {
    fn cut(password: String, end: usize) -> String {
        let kept = password
            .char_indices()
            .take_while(|(at, it)| at + it.len_utf8() <= end);
        kept.map(|(_, it)| it).collect()
    }
    breaks("whitespace_is_significant", |it| {
        it.alter_password = |password| password.trim_start().to_owned()
    });
    breaks("whitespace_is_significant", |it| {
        it.alter_password = |password| password.trim_end().to_owned()
    });
    breaks("whitespace_is_significant", |it| {
        it.alter_password = |password| password.replace("\r\n", "\n")
    });
    breaks("case_is_significant", |it| {
        it.alter_password = |password| password.to_lowercase()
    });
    breaks("case_is_significant", |it| {
        it.alter_password = |password| password.to_ascii_uppercase()
    });
    breaks("unicode_is_not_normalised", |it| {
        it.alter_password = |password| password.replace("e\u{301}", "\u{e9}");
    });
    breaks("unicode_is_not_normalised", |it| {
        it.alter_password = |password| password.replace('\u{fb01}', "fi");
    });
    breaks("long_passwords_are_not_truncated", |it| {
        it.alter_password = |password| cut(password, 72)
    });
    breaks("long_passwords_are_not_truncated", |it| {
        it.alter_password = |password| cut(password, 256)
    });
    breaks("four_byte_characters_are_significant", |it| {
        it.alter_password = |password| cut(password, 1_023)
    });
    breaks("text_of_64_kib_is_significant_to_its_end", |it| {
        it.alter_password = |password| cut(password, 65_535)
    });
    breaks("nul_does_not_end_a_password", |it| {
        it.alter_password = |password| password.split('\0').next().unwrap_or_default().to_owned();
    });
    breaks("part_of_the_password_does_not_match", |it| {
        it.alter_password = |password| cut(password, 27)
    });
    breaks("empty_password_has_its_own_hash", |it| {
        it.alter_password = |password| {
            if password.is_empty() {
                " ".to_owned()
            } else {
                password
            }
        };
    });
}

#[test]
fn leaking_or_multiline_hashes_are_caught() {
    fn also(hash: &PasswordHash, more: &str) -> PasswordHash {
        PasswordHash::from_stored(format!("{}{more}", hash.expose()))
    }
    breaks("hash_does_not_contain_the_password", |it| {
        it.alter_hash = |password, hash| also(&hash, password)
    });
    breaks("hash_is_one_line_of_ascii", |it| {
        it.alter_hash = |_, hash| also(&hash, "\n")
    });
    breaks("hash_is_one_line_of_ascii", |it| {
        it.alter_hash = |_, hash| also(&hash, "\u{e9}")
    });
    breaks("hashes_of_one_password_differ", |it| {
        it.alter_hash = |password, _| {
            FastHasher::new()
                .hash(&Password::presented(password.to_owned()))
                .unwrap()
        };
    });
}

#[test]
fn wrong_verdicts_are_caught() {
    breaks("different_password_does_not_match", |it| {
        it.alter_answer = |answer| answer.map(|_| Verdict::Match)
    });
    breaks("decoy_matches_no_password", |it| {
        it.alter_answer = |answer| answer.map(|_| Verdict::Match)
    });
    breaks("concurrent_answers_are_correct_or_busy", |it| {
        it.alter_answer = |answer| answer.map(|_| Verdict::Match)
    });
    breaks("concurrent_answers_are_correct_or_busy", |it| {
        it.alter_answer = |_| Err(HashError::Busy)
    });
    breaks("damaged_hash_never_matches", |it| {
        it.alter_answer = |answer| answer.or(Ok(Verdict::Match))
    });
    breaks("malformed_hash_is_unreadable", |it| {
        it.alter_answer = |answer| answer.or(Ok(Verdict::Mismatch))
    });
    breaks("correct_password_matches", |it| {
        it.alter_answer = |answer| match answer {
            Ok(Verdict::Match) => Ok(Verdict::MatchOutdated),
            other => other,
        };
    });
}

#[test]
fn distinguishable_decoys_are_caught() {
    breaks("decoy_has_the_current_parameters", |it| {
        it.decoy = FastHasher::of_generation(2).decoy().clone();
    });
    breaks("decoy_matches_no_password", |it| {
        it.decoy = PasswordHash::from_stored("decoy".to_owned());
    });
    breaks("decoy_matches_no_password", |it| {
        it.decoy = it
            .inner
            .hash(&Password::presented("password".to_owned()))
            .unwrap();
    });
    breaks("decoy_like_a_hash_has_its_parameters", |it| {
        it.alter_decoy = |_, _| FastHasher::of_generation(2).decoy().clone();
    });
    breaks("decoy_like_a_hash_matches_no_password", |it| {
        it.alter_decoy = |stored, _| stored.clone();
    });
    breaks("decoy_like_an_unreadable_hash_is_the_decoy", |it| {
        it.alter_decoy = |stored, decoy| match stored.expose().contains('$') {
            true => decoy,
            false => stored.clone(),
        };
    });
}
