//! The parameters after `?`. A parameter that is misspelt is refused: what it was to leave out would be answered.

use std::{collections::BTreeMap, ops::RangeInclusive};

use crate::Problem;

/// Parameters by name.
#[derive(Debug)]
pub struct Query(BTreeMap<String, String>);

impl Query {
    /// Each parameter must be known and come once.
    pub fn read<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>, known: &[&str]) -> Result<Self, Problem> {
        let mut found = BTreeMap::new();
        for (name, value) in pairs {
            if !known.contains(&name) {
                return Err(Problem::invalid("query", format!("may contain only {}", known.join(", "))));
            }
            if found.insert(name.to_owned(), value.to_owned()).is_some() {
                return Err(Problem::invalid(name, "must be given once"));
            }
        }
        Ok(Self(found))
    }

    /// A parameter as it came.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// `true` or `false`; false when absent.
    pub fn flag(&self, name: &str) -> Result<bool, Problem> {
        match self.text(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Problem::invalid(name, "must be true or false")),
        }
    }

    /// A whole number in `range`.
    pub fn number(&self, name: &str, range: RangeInclusive<u64>, default: u64) -> Result<u64, Problem> {
        let Some(text) = self.text(name) else { return Ok(default) };
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number| digits && range.contains(number)).ok_or_else(|| {
            Problem::invalid(name, format!("must be a whole number from {} to {}", range.start(), range.end()))
        })
    }
}
