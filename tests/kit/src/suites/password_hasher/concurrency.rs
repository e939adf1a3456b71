//! Promises about concurrent calls.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use kunci_domain::ports::{HashError, PasswordHasher, Verdict};

use super::support::{PASSWORD, password};

/// Checks that each concurrent call gets the correct answer or `Busy`, and that at least one is
/// answered.
pub fn concurrent_answers_are_correct_or_busy(hasher: &dyn PasswordHasher) {
    const THREADS: usize = 8;
    let start = Barrier::new(THREADS);
    let answered = AtomicUsize::new(0);
    let work = |number| {
        start.wait();
        let answers = count_answers(hasher, &format!("{PASSWORD} {number}"));
        answered.fetch_add(answers, Ordering::SeqCst);
    };
    // If an assertion fails, its thread panics, and then the scope does.
    thread::scope(|scope| {
        for number in 0..THREADS {
            let work = &work;
            scope.spawn(move || work(number));
        }
    });
    assert!(answered.into_inner() > 0, "every call was refused as busy");
}

/// Returns how many of three verifications were answered. The others were refused as busy.
fn count_answers(hasher: &dyn PasswordHasher, password_text: &str) -> usize {
    let Some(hash) = answer_unless_busy(hasher.hash(&password(password_text))) else {
        return 0;
    };
    let checks = [
        (password_text, Verdict::Match),
        (PASSWORD, Verdict::Mismatch),
        (password_text, Verdict::Match),
    ];
    let answers = checks.iter().filter_map(|(presented, want)| {
        let verdict = answer_unless_busy(hasher.verify(&password(presented), &hash))?;
        assert_eq!(verdict, *want, "{presented:?} checked against {password_text:?}");
        Some(verdict)
    });
    answers.count()
}

#[track_caller]
fn answer_unless_busy<T>(answer: Result<T, HashError>) -> Option<T> {
    match answer {
        Ok(answer) => Some(answer),
        Err(HashError::Busy) => None,
        Err(error) => panic!("neither answered nor busy: {error:?}"),
    }
}
