//! Applies the steps of a change, and undoes them if one is refused.

use kunci_domain::ports::Committed;
use kunci_domain::{
    AccountChange, BudgetKind, BudgetOwner, LinkKey, OneTimeToken, Purpose, Step, Timestamp, UsedBudget,
    User, UserId,
};

use super::records::{BudgetHolder, BudgetPlace, Records};

/// Whether a step was applied. A refused step has changed nothing.
type Applied = Result<(), Committed>;

/// Applies all steps of a change or none.
pub(super) fn commit(
    records: &mut Records,
    change: &AccountChange,
    now: Timestamp,
    place: impl Fn(&BudgetOwner, BudgetKind) -> BudgetPlace,
) -> Committed {
    for step in change.steps() {
        if let Err(refused) = apply(records, step, now, &place) {
            records.undo();
            return refused;
        }
    }
    records.keep();
    Committed::Done
}

fn apply(
    records: &mut Records,
    step: &Step,
    now: Timestamp,
    place: impl Fn(&BudgetOwner, BudgetKind) -> BudgetPlace,
) -> Applied {
    match step {
        Step::RequireNoUsers => require(records.users.is_empty(), Committed::NotEmpty),
        Step::InsertUser(user) => insert_user(records, user),
        Step::ReplaceUser(user) => replace_user(records, user),
        Step::DeleteUser(id) => delete_user(records, *id),
        Step::IssueLink(link) => issue_link(records, link),
        Step::SpendLink(key, purpose) => spend_link(records, key, *purpose, now),
        Step::RevokeLink(key) => revoke_link(records, key, now),
        Step::RevokeLinksFor(purpose) => {
            let keys = keys_for(records.links.values(), *purpose);
            records.remove_links(&keys);
            Ok(())
        }
        Step::AppendEvent(event) => {
            records.append_event(event.clone());
            Ok(())
        }
        Step::WriteBudget {
            owner,
            kind,
            from,
            to,
        } => write_budget(records, place(owner, *kind), *from, *to),
    }
}

fn require(holds: bool, otherwise: Committed) -> Applied {
    if holds { Ok(()) } else { Err(otherwise) }
}

fn insert_user(records: &mut Records, user: &User) -> Applied {
    require(!records.users.contains_key(&user.id), Committed::Collision)?;
    let name_is_taken = records.ids_by_name.contains_key(user.name.folded());
    require(!name_is_taken, Committed::NameTaken)?;
    records.put_user(user.clone());
    Ok(())
}

fn replace_user(records: &mut Records, user: &User) -> Applied {
    let stored = records.users.get(&user.id).ok_or(Committed::Gone)?;
    require(stored.revision == user.revision, Committed::Stale)?;
    let replaced = User {
        name: stored.name.clone(),
        created_at: stored.created_at,
        revision: stored.revision.next(),
        ..user.clone()
    };
    records.put_user(replaced);
    Ok(())
}

fn delete_user(records: &mut Records, id: UserId) -> Applied {
    require(records.users.contains_key(&id), Committed::Gone)?;
    records.remove_user(id);
    let links: Vec<LinkKey> = records.links_of(id).map(|link| link.key).collect();
    records.remove_links(&links);
    let events: Vec<u64> = records.events_of(id).collect();
    records.remove_events(&events);
    for kind in BudgetKind::ALL {
        records.write_budget((BudgetHolder::Account(id), kind), None);
    }
    Ok(())
}

fn write_budget(
    records: &mut Records,
    place: BudgetPlace,
    from: Option<UsedBudget>,
    to: Option<UsedBudget>,
) -> Applied {
    if let (BudgetHolder::Account(id), _) = place {
        require(records.users.contains_key(&id), Committed::Gone)?;
    }
    require(records.budgets.get(&place).copied() == from, Committed::Stale)?;
    records.write_budget(place, to);
    Ok(())
}

fn issue_link(records: &mut Records, link: &OneTimeToken) -> Applied {
    require(!records.links.contains_key(&link.key), Committed::Collision)?;
    if let Some((user, _)) = link.account
        && link.purpose.has_one_link()
    {
        let others = keys_for(records.links_of(user), link.purpose);
        records.remove_links(&others);
    }
    records.put_link(link.clone());
    Ok(())
}

fn spend_link(records: &mut Records, key: &LinkKey, purpose: Purpose, now: Timestamp) -> Applied {
    let live = records.live_link(key, now).ok_or(Committed::LinkSpent)?;
    require(live.purpose == purpose, Committed::LinkSpent)?;
    // A link without uses stays until it expires, so that its key stays taken.
    let spent = OneTimeToken {
        uses_left: live.uses_left - 1,
        ..live.clone()
    };
    records.put_link(spent);
    Ok(())
}

fn revoke_link(records: &mut Records, key: &LinkKey, now: Timestamp) -> Applied {
    require(records.live_link(key, now).is_some(), Committed::LinkSpent)?;
    records.remove_links(&[*key]);
    Ok(())
}

fn keys_for<'a>(links: impl Iterator<Item = &'a OneTimeToken>, purpose: Purpose) -> Vec<LinkKey> {
    links
        .filter(|link| link.purpose == purpose)
        .map(|link| link.key)
        .collect()
}
