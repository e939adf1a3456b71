//! The methods of each store port, listed once for all wrappers.
//!
//! Each macro passes the methods of one port to the macro that it is given: the port, the prefix of its call
//! names, and for each method its arguments, its result, and the result to claim if the call is skipped. The
//! types are resolved where the list is used. The macros are public because the kit's own tests use them.

/// Lists the methods of `SessionStore`.
#[doc(hidden)]
#[macro_export]
macro_rules! session_store_methods {
    ($wrap:ident) => {
        $wrap! {
            SessionStore "sessions":
            insert(session: &Session) -> Inserted = Inserted::Done;
            find(key: &SessionKey, now: Timestamp) -> Option<Session> = None;
            update(session: &Session, now: Timestamp) -> Updated = Updated::Done;
            touch(key: &SessionKey, now: Timestamp) -> Touched = Touched::Done;
            rotate(old: &Session, new: &Session, now: Timestamp) -> Rotated = Rotated::Done;
            delete(session: &Session) -> bool = true;
            delete_all_of(user: UserId) -> u64 = 1;
            purge_expired(now: Timestamp, limit: u32) -> u64 = 0;
            list(user: Option<UserId>, after: Option<&SessionKey>, limit: u32, now: Timestamp)
                -> Vec<Session> = Vec::new();
        }
    };
}

/// Lists the methods of `AccountStore`.
#[doc(hidden)]
#[macro_export]
macro_rules! account_store_methods {
    ($wrap:ident) => {
        $wrap! {
            AccountStore "accounts":
            find(id: UserId) -> Option<User> = None;
            find_by_name(name: &Username) -> Option<User> = None;
            find_by_address(address: &EmailAddress, limit: u32) -> Vec<User> = Vec::new();
            list(after: Option<&Username>, limit: u32) -> Vec<User> = Vec::new();
            sample_hashes(from: UserId, limit: u32) -> Vec<(UserId, PasswordHash)> = Vec::new();
            find_link(key: &LinkKey, now: Timestamp) -> Option<OneTimeToken> = None;
            list_links(purpose: Purpose, after: Option<&LinkKey>, limit: u32, now: Timestamp)
                -> Vec<OneTimeToken> = Vec::new();
            events(user: UserId, skip: u32, limit: u32) -> Vec<Event> = Vec::new();
            find_budget(owner: &BudgetOwner, kind: BudgetKind) -> Option<UsedBudget> = None;
            commit(change: &AccountChange, now: Timestamp) -> Committed = Committed::Done;
            purge(now: Timestamp, events_before: Timestamp, limit: u32) -> u64 = 0;
        }
    };
}

/// Lists the methods of `SessionCheck`.
#[doc(hidden)]
#[macro_export]
macro_rules! session_check_methods {
    ($wrap:ident) => {
        $wrap! {
            SessionCheck "session":
            check(key: &SessionKey, now: Timestamp) -> Option<CheckedSession> = None;
        }
    };
}

/// Lists the methods of `Throttle`.
#[doc(hidden)]
#[macro_export]
macro_rules! throttle_methods {
    ($wrap:ident) => {
        $wrap! {
            Throttle "throttle":
            reserve(key: &BudgetKey, budget: Budget, now: Timestamp) -> Taken = Taken::Granted;
            release(key: &BudgetKey) -> () = ();
            spend(key: &BudgetKey, budget: Budget, now: Timestamp) -> () = ();
        }
    };
}
