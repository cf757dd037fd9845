//! Who calls whom, as far as names tell.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    functions::{Function, after_generics},
    tokens::Token,
};

/// A call, as far as it can be told from its text.
pub struct Call<'a> {
    pub name: &'a str,
    /// `x.name(…)`, not `x::name(…)` or `name(…)`.
    pub method: bool,
    /// The name before the dot or the colons.
    pub receiver: Option<&'a str>,
    /// What follows the opening parenthesis. Empty for a name that is only mentioned.
    pub arguments: &'a [Token],
}

/// The calls in a body, and the names mentioned in it that may be functions handed on.
pub fn calls(body: &[Token]) -> impl Iterator<Item = Call<'_>> {
    (0..body.len()).filter_map(|at| {
        let name = body[at].name()?;
        let before = |back: usize| at.checked_sub(back).and_then(|at| body.get(at));
        let dotted = before(1).is_some_and(|token| token.is('.'));
        let pathed = before(1).is_some_and(|token| token.is(':')) && before(2).is_some_and(|token| token.is(':'));
        let receiver = if dotted {
            before(2)
        } else if pathed {
            before(3)
        } else {
            None
        }
        .and_then(Token::name);
        let mut next = at + 1;
        if body.get(next..next + 3).is_some_and(|three| three[0].is(':') && three[1].is(':') && three[2].is('<')) {
            next = after_generics(body, next + 2);
        }
        let called = body.get(next).is_some_and(|token| token.is('('));
        let arguments = if called { &body[next + 1..] } else { &[] };
        (called || !dotted).then_some(Call { name, method: dotted, receiver, arguments })
    })
}

/// Everything that the code in `own` reaches. `uses`: which crates a crate depends on, with itself.
pub fn reachable(all: Vec<Function>, own: &str, uses: &BTreeMap<String, BTreeSet<String>>) -> Vec<Function> {
    let mut marked: Vec<bool> = all.iter().map(|function| function.home == own).collect();
    let mut open: Vec<usize> = (0..all.len()).filter(|index| marked[*index]).collect();
    while let Some(from) = open.pop() {
        let from = &all[from];
        for call in calls(&from.body) {
            for to in targets(&all, from, &call) {
                if !marked[to] && uses[&from.home].contains(&all[to].home) {
                    marked[to] = true;
                    open.push(to);
                }
            }
        }
    }
    all.into_iter().zip(marked).filter(|(_, marked)| *marked).map(|(function, _)| function).collect()
}

/// The functions that a call may mean.
fn targets(all: &[Function], from: &Function, call: &Call<'_>) -> Vec<usize> {
    let named = |fits: &dyn Fn(&Function) -> bool| -> Vec<usize> {
        (0..all.len()).filter(|index| all[*index].name == call.name && fits(&all[*index])).collect()
    };
    let given = call.arguments.first().is_some_and(|first| !first.is(')'));
    let free = |function: &Function| function.owners.is_empty();
    let any_method = |function: &Function| function.public && function.method && function.takes == given;
    let known = match call.receiver {
        None => Vec::new(),
        Some("self" | "Self") => named(&|function| function.owners.iter().any(|owner| from.owners.contains(owner))),
        Some(receiver) => {
            named(&|function| function.owners.iter().any(|owner| owner == receiver || names(receiver, owner)))
        }
    };
    match known {
        known if !known.is_empty() => known,
        _ if call.method => named(&any_method),
        _ => named(&free),
    }
}

/// Whether a variable `store` is likely a `DynamoStore`.
fn names(variable: &str, owner: &str) -> bool {
    let snake: String = owner
        .char_indices()
        .flat_map(|(at, letter)| {
            (at > 0 && letter.is_uppercase()).then_some('_').into_iter().chain(letter.to_lowercase())
        })
        .collect();
    snake == variable || snake.ends_with(&format!("_{variable}"))
}
