//! The rules of roles, checked once more and independently over a whole log.

use std::collections::BTreeMap;

use dais_domain::{Action, Change, LogEntry, Meeting, Role, UserId, Version, permission};

/// Whether every entry was allowed by the state before it, and the log leads to `stored`.
pub fn check(log: &[LogEntry], stored: &Meeting) -> Result<(), String> {
    let mut roles: BTreeMap<UserId, Role> = BTreeMap::new();
    for (at, entry) in log.iter().enumerate() {
        let version = Version(at as u64 + 1);
        if entry.version != version {
            return Err(format!("version {} stands at place {}", entry.version, at + 1));
        }
        match &entry.change {
            Change::Created { .. } if at == 0 => drop(roles.insert(entry.by.clone(), Role::Host)),
            Change::Role { user, from, to, .. } if at > 0 => {
                allowed(&roles, &entry.by, user, *from, *to)
                    .map_err(|rule| format!("{rule}: {entry:?} at {roles:?}"))?;
                roles.insert(user.clone(), *to);
            }
            other => return Err(format!("nobody asked for {other:?}")),
        }
        if !roles.values().any(|role| *role == Role::Host) {
            return Err(format!("no host is left by {entry:?}"));
        }
    }
    if stored.version.0 as usize != log.len() {
        return Err(format!("the meeting is at {}, its log ends at {}", stored.version, log.len()));
    }
    roles.retain(|_, role| *role != Role::Participant);
    let kept: BTreeMap<UserId, Role> = stored.roles.iter().map(|(user, grant)| (user.clone(), grant.role)).collect();
    if roles != kept {
        return Err(format!("the log says {roles:?}, the meeting {kept:?}"));
    }
    if Meeting::replay(stored.id.clone(), log).as_ref() != Some(stored) {
        return Err("the log replayed is not the meeting".to_owned());
    }
    Ok(())
}

fn allowed(
    roles: &BTreeMap<UserId, Role>,
    by: &UserId,
    user: &UserId,
    from: Role,
    to: Role,
) -> Result<(), &'static str> {
    let role = |user: &UserId| roles.get(user).copied().unwrap_or(Role::Participant);
    if role(user) != from {
        return Err("the role before is another one");
    }
    let action = match (from, to) {
        (_, Role::Host) => Action::MakeHost,
        (_, Role::CoHost) => Action::MakeCohost,
        (Role::Host, Role::Participant) => Action::RemoveHost,
        (_, Role::Participant) => Action::RemoveCohost,
    };
    if from == to {
        return Err("nothing changes");
    }
    if !permission::allows(role(by), action, from) {
        return Err("the table does not allow it");
    }
    if by == user && matches!(action, Action::MakeHost | Action::MakeCohost) {
        return Err("nobody promotes himself");
    }
    Ok(())
}
