//! A suite is worth what it catches: each flaw that hashers are known for breaks the promise it should.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use kunci_domain::ports::{HashError, PasswordHasher, Verdict};
use kunci_domain::{Password, PasswordHash};
use kunci_testkit::fakes::FastHasher;
use kunci_testkit::suites::password_hasher::PROMISES;

type Answer = Result<Verdict, HashError>;

/// A hasher with one flaw; without it, it is as good as the one within.
struct Flawed {
    inner: FastHasher,
    decoy: PasswordHash,
    /// What it takes a password for.
    reads: fn(String) -> String,
    /// What it stores for a password, instead of what the one within made of it.
    writes: fn(&str, PasswordHash) -> PasswordHash,
    /// What it answers instead.
    says: fn(Answer) -> Answer,
}

impl Flawed {
    fn but_for(flaw: impl FnOnce(&mut Self)) -> Self {
        let inner = FastHasher::new();
        let mut flawed = Self {
            decoy: inner.decoy().clone(),
            inner,
            reads: |password| password,
            writes: |_, hash| hash,
            says: |answer| answer,
        };
        flaw(&mut flawed);
        flawed
    }

    fn read(&self, password: &Password) -> String {
        (self.reads)(String::from_utf8(password.expose().to_vec()).unwrap())
    }
}

impl PasswordHasher for Flawed {
    fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        let text = self.read(password);
        let hash = self.inner.hash(&Password::presented(text.clone()))?;
        Ok((self.writes)(&text, hash))
    }

    fn verify(&self, password: &Password, hash: &PasswordHash) -> Answer {
        let password = Password::presented(self.read(password));
        (self.says)(self.inner.verify(&password, hash))
    }

    fn decoy(&self) -> &PasswordHash {
        &self.decoy
    }
}

/// The names of the promises that a hasher breaks.
fn broken(hasher: &Flawed) -> Vec<&'static str> {
    let breaks =
        |promise: fn(&dyn PasswordHasher)| catch_unwind(AssertUnwindSafe(|| promise(hasher))).is_err();
    let broken = PROMISES.iter().filter(|(_, promise)| breaks(*promise));
    broken.map(|(name, _)| *name).collect()
}

#[track_caller]
fn breaks(promise: &str, flaw: impl FnOnce(&mut Flawed)) {
    let broken = broken(&Flawed::but_for(flaw));
    assert!(broken.contains(&promise), "broken is only {broken:?}");
}

#[test]
fn without_a_flaw_every_promise_is_kept() {
    assert_eq!(broken(&Flawed::but_for(|_| {})), [""; 0]);
}

#[test]
fn passwords_that_are_read_otherwise_than_they_were_written() {
    fn cut(password: String, end: usize) -> String {
        let kept = password
            .char_indices()
            .take_while(|(at, it)| at + it.len_utf8() <= end);
        kept.map(|(_, it)| it).collect()
    }
    breaks("spaces_count", |it| {
        it.reads = |password| password.trim_start().to_owned()
    });
    breaks("spaces_count", |it| {
        it.reads = |password| password.trim_end().to_owned()
    });
    breaks("spaces_count", |it| {
        it.reads = |password| password.replace("\r\n", "\n")
    });
    breaks("case_counts", |it| it.reads = |password| password.to_lowercase());
    breaks("case_counts", |it| {
        it.reads = |password| password.to_ascii_uppercase()
    });
    breaks("unicode_forms_are_different_passwords", |it| {
        it.reads = |password| password.replace("e\u{301}", "\u{e9}");
    });
    breaks("unicode_forms_are_different_passwords", |it| {
        it.reads = |password| password.replace('\u{fb01}', "fi");
    });
    breaks("nothing_is_cut_off", |it| it.reads = |password| cut(password, 72));
    breaks("nothing_is_cut_off", |it| {
        it.reads = |password| cut(password, 256)
    });
    breaks("characters_of_four_bytes_count", |it| {
        it.reads = |password| cut(password, 1_023)
    });
    breaks("a_long_text_counts_to_its_end", |it| {
        it.reads = |password| cut(password, 65_535)
    });
    breaks("nothing_ends_at_a_nul", |it| {
        it.reads = |password| password.split('\0').next().unwrap_or_default().to_owned();
    });
    breaks("a_part_of_the_password_does_not_match", |it| {
        it.reads = |password| cut(password, 27)
    });
    breaks("the_empty_password_is_a_password", |it| {
        it.reads = |password| {
            if password.is_empty() {
                " ".to_owned()
            } else {
                password
            }
        };
    });
}

#[test]
fn hashes_that_give_something_away_or_do_not_fit_a_line() {
    fn also(hash: &PasswordHash, more: &str) -> PasswordHash {
        PasswordHash::from_stored(format!("{}{more}", hash.expose()))
    }
    breaks("a_hash_does_not_contain_the_password", |it| {
        it.writes = |password, hash| also(&hash, password)
    });
    breaks("a_hash_is_one_line_of_ascii", |it| {
        it.writes = |_, hash| also(&hash, "\n")
    });
    breaks("a_hash_is_one_line_of_ascii", |it| {
        it.writes = |_, hash| also(&hash, "\u{e9}")
    });
    breaks("the_same_password_hashes_differently_each_time", |it| {
        it.writes = |password, _| {
            FastHasher::new()
                .hash(&Password::presented(password.to_owned()))
                .unwrap()
        };
    });
}

#[test]
fn answers_that_are_too_kind_or_of_the_wrong_kind() {
    breaks("another_password_does_not_match", |it| {
        it.says = |answer| answer.map(|_| Verdict::Match)
    });
    breaks("the_decoy_matches_nothing", |it| {
        it.says = |answer| answer.map(|_| Verdict::Match)
    });
    breaks("threads_get_right_answers_or_busy", |it| {
        it.says = |answer| answer.map(|_| Verdict::Match)
    });
    breaks("threads_get_right_answers_or_busy", |it| {
        it.says = |_| Err(HashError::Busy)
    });
    breaks("a_damaged_hash_never_matches", |it| {
        it.says = |answer| answer.or(Ok(Verdict::Match))
    });
    breaks("garbage_is_unreadable", |it| {
        it.says = |answer| answer.or(Ok(Verdict::Mismatch))
    });
    breaks("the_right_password_matches", |it| {
        it.says = |answer| match answer {
            Ok(Verdict::Match) => Ok(Verdict::MatchOutdated),
            other => other,
        };
    });
}

#[test]
fn decoys_that_are_not_like_a_hash_of_today() {
    breaks("the_decoy_has_the_parameters_of_today", |it| {
        it.decoy = FastHasher::of_generation(2).decoy().clone();
    });
    breaks("the_decoy_matches_nothing", |it| {
        it.decoy = PasswordHash::from_stored("decoy".to_owned());
    });
    breaks("the_decoy_matches_nothing", |it| {
        it.decoy = it
            .inner
            .hash(&Password::presented("password".to_owned()))
            .unwrap();
    });
}
