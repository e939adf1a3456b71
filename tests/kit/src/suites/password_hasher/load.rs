//! What callers get when many come at once.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use kunci_domain::ports::{HashError, PasswordHasher, Verdict};

use super::steps::{PASSWORD, password};

/// Under load an answer may be `Busy` but is never wrong.
pub fn threads_get_right_answers_or_busy(hasher: &dyn PasswordHasher) {
    const THREADS: usize = 8;
    let start = Barrier::new(THREADS);
    let answered = AtomicUsize::new(0);
    let work = |number| {
        start.wait();
        let answers = right_answers(hasher, &format!("{PASSWORD} {number}"));
        answered.fetch_add(answers, Ordering::SeqCst);
    };
    // A thread whose assertion fails panics, and so does the scope when it ends.
    thread::scope(|scope| {
        for number in 0..THREADS {
            let work = &work;
            scope.spawn(move || work(number));
        }
    });
    assert!(answered.into_inner() > 0, "nobody got an answer");
}

/// How many of three checks were answered; the others met a busy hasher.
fn right_answers(hasher: &dyn PasswordHasher, own: &str) -> usize {
    let Some(hash) = unless_busy(hasher.hash(&password(own))) else {
        return 0;
    };
    let checks = [
        (own, Verdict::Match),
        (PASSWORD, Verdict::Mismatch),
        (own, Verdict::Match),
    ];
    let answers = checks.iter().filter_map(|(presented, want)| {
        let verdict = unless_busy(hasher.verify(&password(presented), &hash))?;
        assert_eq!(verdict, *want, "{presented:?} checked against {own:?}");
        Some(verdict)
    });
    answers.count()
}

#[track_caller]
fn unless_busy<T>(answer: Result<T, HashError>) -> Option<T> {
    match answer {
        Ok(answer) => Some(answer),
        Err(HashError::Busy) => None,
        Err(error) => panic!("neither an answer nor busy: {error:?}"),
    }
}
