//! Promises about concurrent calls.

use kunci_domain::ports::{HashError, PasswordHasher, Verdict};

use super::support::{PASSWORD, password};
use crate::suites::concurrency::run_concurrently;

/// Checks that each concurrent call gets the correct answer or `Busy`, and that at least one is
/// answered.
pub fn concurrent_answers_are_correct_or_busy(hasher: &dyn PasswordHasher) {
    let answered = run_concurrently(8, |number| count_answers(hasher, &format!("{PASSWORD} {number}")));
    assert!(
        answered.iter().any(|answers| *answers > 0),
        "every call was refused as busy"
    );
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
