//! Promises about concurrent changes of users, through one handle and through two.

use std::thread;

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{Event, EventKind, Purpose, Standing, Step, User, UserId};

use super::support::{
    add_link, add_user, assert_events, assert_no_user, assert_user, commit, delete, done, events, find,
    find_by_name, list, replace, replaced,
};
use crate::samples::{event, link_key, token_for, user, user_id};
use crate::suites::concurrency::{count_of, run_concurrently};

const ROUNDS: u64 = 20;
const THREADS: u64 = 8;

/// Returns an event whose time identifies a thread.
fn of_thread(user: UserId, number: u64) -> Event {
    let millis = i64::try_from(number).expect("few threads");
    event(user, millis, EventKind::SignedIn)
}

/// Asserts that exactly one answer is `Done` and all others are `refused`. Returns the number of the winner.
#[track_caller]
fn assert_one_wins(answers: &[Committed], refused: Committed) -> u64 {
    assert_eq!(count_of(answers, &Committed::Done), 1);
    assert_eq!(count_of(answers, &refused), answers.len() - 1);
    let winner = answers.iter().position(|answer| *answer == Committed::Done);
    winner.expect("one call succeeds") as u64
}

/// Checks that exactly one of several concurrent inserts of a name is `Done`.
pub fn one_of_many_concurrent_inserts_of_a_name_wins(store: &dyn AccountStore) {
    insert_concurrently(store, store);
}

/// Checks that exactly one of several inserts of a name through two handles is `Done`.
pub fn one_of_many_inserts_through_two_handles_wins(one: &dyn AccountStore, other: &dyn AccountStore) {
    insert_concurrently(one, other);
}

fn insert_concurrently(one: &dyn AccountStore, other: &dyn AccountStore) {
    for round in 0..ROUNDS {
        // Half of the threads of each handle write the name in upper case.
        let name = |number: u64| match number % 2 {
            0 => format!("name-{round}"),
            _ => format!("NAME-{round}"),
        };
        let candidate = |number| user(round * 100 + number, &name(number / 2));
        let answers = run_concurrently(THREADS, |number| {
            let new = candidate(number);
            let event = of_thread(new.id, number);
            let steps = [Step::AppendEvent(event), Step::InsertUser(new)];
            commit(if number % 2 == 0 { one } else { other }, steps)
        });
        let winner = assert_one_wins(&answers, Committed::NameTaken);
        assert_user(other, &candidate(winner));
        assert_eq!(find_by_name(one, &name(1)), Some(candidate(winner)));
        let history = (0..THREADS).flat_map(|number| events(one, candidate(number).id, 0, 10));
        let want = of_thread(candidate(winner).id, winner);
        assert_eq!(history.collect::<Vec<_>>(), [want]);
    }
}

/// Checks that exactly one of several concurrent changes creates the first user.
pub fn first_user_is_created_once(store: &dyn AccountStore) {
    create_first_user_concurrently(store, store);
}

/// Checks that exactly one of several changes through two handles creates the first user.
pub fn first_user_is_created_once_through_two_handles(one: &dyn AccountStore, other: &dyn AccountStore) {
    create_first_user_concurrently(one, other);
}

fn create_first_user_concurrently(one: &dyn AccountStore, other: &dyn AccountStore) {
    for round in 0..ROUNDS {
        let candidate = |number| user(round * 100 + number, &format!("user-{number}"));
        let answers = run_concurrently(THREADS, |number| {
            let steps = [Step::RequireNoUsers, Step::InsertUser(candidate(number))];
            commit(if number % 2 == 0 { one } else { other }, steps)
        });
        let winner = assert_one_wins(&answers, Committed::NotEmpty);
        assert_eq!(list(other, None, 10), [candidate(winner)]);
        assert_eq!(delete(one, candidate(winner).id), Committed::Done);
    }
}

/// Checks that exactly one of several concurrent replacements from one revision is `Done`, and that only its
/// event is stored.
pub fn one_of_many_concurrent_replacements_wins(store: &dyn AccountStore) {
    replace_concurrently(store, store);
}

/// Checks that exactly one of several replacements from one revision through two handles is `Done`.
pub fn one_of_many_replacements_through_two_handles_wins(one: &dyn AccountStore, other: &dyn AccountStore) {
    replace_concurrently(one, other);
}

fn replace_concurrently(one: &dyn AccountStore, other: &dyn AccountStore) {
    for round in 0..ROUNDS {
        let read = user(round, &format!("user-{round}"));
        add_user(one, &read);
        let next = read.clone().in_next_epoch();
        let answers = run_concurrently(THREADS, |number| {
            let steps = [
                Step::AppendEvent(of_thread(next.id, number)),
                Step::ReplaceUser(next.clone()),
            ];
            commit(if number % 2 == 0 { one } else { other }, steps)
        });
        let winner = assert_one_wins(&answers, Committed::Stale);
        assert_user(other, &replaced(&next));
        assert_events(one, next.id, &[of_thread(next.id, winner)]);
    }
}

/// Reads a user and commits what `steps` returns for it, until no other writer interferes. Returns the
/// outcome, which is `Gone` if the user does not exist.
fn change<const N: usize>(
    store: &dyn AccountStore,
    id: UserId,
    steps: impl Fn(User) -> [Step; N],
) -> Committed {
    // Another writer succeeds whenever this one is stale, so the bound is only met by a broken store.
    for _ in 0..10_000 {
        let Some(read) = find(store, id) else {
            return Committed::Gone;
        };
        // Other writers rarely interfere with a fast store by chance, so this gives them time.
        thread::yield_now();
        match commit(store, steps(read)) {
            Committed::Stale => {}
            outcome => return outcome,
        }
    }
    panic!("every change is stale");
}

/// Checks that concurrent changes of the epoch add up while another thread changes another field.
pub fn concurrent_epoch_changes_are_not_lost(store: &dyn AccountStore) {
    add_user(store, &user(1, "ada"));
    let answers = run_concurrently(THREADS, |number| {
        let edit = |read: User| match number {
            0 => User {
                standing: Standing::Disabled,
                ..read
            },
            _ => read.in_next_epoch(),
        };
        (0..5).all(|_| change(store, user_id(1), |read| [Step::ReplaceUser(edit(read))]) == Committed::Done)
    });
    assert!(answers.iter().all(|kept| *kept), "the user is gone");
    let found = find(store, user_id(1)).expect("the user is missing");
    assert_eq!(found.epoch.as_i64(), 35);
    assert_eq!(found.standing, Standing::Disabled);
    assert_eq!(found.revision.as_i64(), 40);
}

/// Checks that a concurrent replacement does not bring a deleted user back, and that one of several
/// concurrent deletions is `Done`.
pub fn no_replacement_revives_a_user_during_delete(store: &dyn AccountStore) {
    for round in 0..ROUNDS {
        let read = user(round, "ada");
        add_user(store, &read);
        let answers = run_concurrently(THREADS, |number| match number {
            0 | 1 => delete(store, read.id),
            _ => change(store, read.id, |read| [Step::ReplaceUser(read.in_next_epoch())]),
        });
        assert_one_wins(&answers[..2], Committed::Gone);
        assert_no_user(store, &read);
    }
}

/// Checks that one of several concurrent password resets by the same link wins, and changes the user once.
pub fn one_of_many_concurrent_resets_wins(store: &dyn AccountStore) {
    for round in 0..ROUNDS {
        let read = user(round, &format!("user-{round}"));
        add_user(store, &read);
        add_link(store, &token_for(round, read.id, Purpose::ResetPassword));
        let answers = run_concurrently(THREADS, |number| {
            change(store, read.id, |read| {
                let event = of_thread(read.id, number);
                [
                    Step::ReplaceUser(read.in_next_epoch()),
                    Step::AppendEvent(event),
                    Step::SpendLink(link_key(round), Purpose::ResetPassword),
                ]
            })
        });
        let winner = assert_one_wins(&answers, Committed::LinkSpent);
        assert_user(store, &replaced(&read.clone().in_next_epoch()));
        assert_events(store, read.id, &[of_thread(read.id, winner)]);
    }
}

/// Checks that concurrent changes which replace the same two users in opposite order all succeed in turn.
pub fn changes_in_opposite_order_do_not_block_each_other(store: &dyn AccountStore) {
    let (ada, grace) = (user(1, "ada"), user(2, "grace"));
    done(store, [ada.clone(), grace.clone()].map(Step::InsertUser));
    let change_both = |number: u64| {
        let (first, second) = match number % 2 {
            0 => (ada.id, grace.id),
            _ => (grace.id, ada.id),
        };
        change(store, first, |first| {
            let second = find(store, second).expect("the user is missing");
            [Step::ReplaceUser(first), Step::ReplaceUser(second)]
        })
    };
    let answers = run_concurrently(THREADS, |number| {
        (0..5).all(|_| change_both(number) == Committed::Done)
    });
    assert!(answers.iter().all(|done| *done), "a change was refused");
    let revisions = [ada, grace].map(|user| find(store, user.id).map(|found| found.revision.as_i64()));
    assert_eq!(revisions, [Some(40), Some(40)]);
}

/// Checks that the other handle sees each acknowledged write of a user at once.
pub fn user_writes_are_visible_to_the_other_handle(one: &dyn AccountStore, other: &dyn AccountStore) {
    let mut kept = user(1, "ada");
    add_user(one, &kept);
    assert_user(other, &kept);
    assert_eq!(
        commit(other, [Step::InsertUser(user(2, "ADA"))]),
        Committed::NameTaken
    );
    kept = kept.in_next_epoch();
    assert_eq!(replace(other, &kept), Committed::Done);
    assert_eq!(replace(one, &kept), Committed::Stale);
    kept = replaced(&kept);
    assert_user(one, &kept);
    assert_eq!(delete(one, kept.id), Committed::Done);
    assert_no_user(other, &kept);
    assert_eq!(replace(other, &kept), Committed::Gone);
}
