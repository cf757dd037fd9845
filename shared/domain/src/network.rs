//! The network of a user: the people he has met in meetings. Computed from what he was in, never stored.

use std::{cmp::Reverse, collections::HashMap};

use crate::{Description, DisplayName, MeetingId, Timestamp, UserId};

/// A meeting that somebody was in, and who else was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathering {
    /// Which.
    pub meeting: MeetingId,
    /// What it was about.
    pub title: Description,
    /// When he was in it last.
    pub at: Timestamp,
    /// Those who were in it and those who host or co-host it, each with the name that is known. He may be among them,
    /// and somebody may be there twice.
    pub people: Vec<(UserId, Option<DisplayName>)>,
}

/// A meeting that two people share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedMeeting {
    /// Which.
    pub id: MeetingId,
    /// What it was about.
    pub title: Description,
    /// When the one whose network it is was in it last.
    pub at: Timestamp,
}

/// Somebody in a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acquaintance {
    /// Who.
    pub id: UserId,
    /// His name in the latest meeting in which he had one.
    pub name: Option<DisplayName>,
    /// The meetings that they share, latest first; never empty.
    pub meetings: Vec<SharedMeeting>,
}

impl Acquaintance {
    /// When they met last.
    pub fn met_at(&self) -> Timestamp {
        self.meetings.first().map_or(Timestamp::from_ms(0), |meeting| meeting.at)
    }

    /// Whether his name or the title of a shared meeting contains `query`, upper and lower case alike.
    pub fn matches(&self, query: &str) -> bool {
        let query = query.trim();
        query.is_empty()
            || self.name.as_ref().is_some_and(|name| contains(name.as_str(), query))
            || self.meetings.iter().any(|meeting| contains(meeting.title.as_str(), query))
    }
}

/// The network of `user`: who was in a meeting with him or hosts or co-hosts one that he was in; most recently met first,
/// then by id, so that the order is the same each time.
pub fn network(user: &UserId, mut gatherings: Vec<Gathering>) -> Vec<Acquaintance> {
    gatherings.sort_by(|a, b| (Reverse(a.at), &a.meeting).cmp(&(Reverse(b.at), &b.meeting)));
    let mut met: HashMap<UserId, Acquaintance> = HashMap::new();
    for gathering in gatherings {
        let shared = SharedMeeting { id: gathering.meeting, title: gathering.title, at: gathering.at };
        for (id, name) in gathering.people.into_iter().filter(|(id, _)| id != user) {
            let somebody = Acquaintance { id: id.clone(), name: None, meetings: Vec::new() };
            let person = met.entry(id).or_insert(somebody);
            person.name = person.name.take().or(name);
            if person.meetings.last() != Some(&shared) {
                person.meetings.push(shared.clone());
            }
        }
    }
    let mut people: Vec<Acquaintance> = met.into_values().collect();
    people.sort_by(|a, b| (Reverse(a.met_at()), &a.id).cmp(&(Reverse(b.met_at()), &b.id)));
    people
}

/// Whether `text` contains `query`, upper and lower case alike.
pub fn contains(text: &str, query: &str) -> bool {
    folded(text).contains(&folded(query))
}

/// Without case, letter by letter: "Straße" and "STRASSE" are the same, and so is a sigma wherever it stands.
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn gathering(meeting: &str, title: &str, at: u64, people: &[(&str, Option<&str>)]) -> Gathering {
        Gathering {
            meeting: MeetingId::new(meeting).unwrap(),
            title: Description::new(title).unwrap(),
            at: Timestamp::from_ms(at),
            people: people
                .iter()
                .map(|(id, name)| (UserId::new(*id).unwrap(), name.map(|name| DisplayName::new(name).unwrap())))
                .collect(),
        }
    }

    fn shown(network: &[Acquaintance]) -> Vec<(&str, Option<&str>, Vec<&str>)> {
        let meetings = |person: &Acquaintance| person.meetings.len();
        network
            .iter()
            .map(|person| {
                let shared = (0..meetings(person)).map(|at| person.meetings[at].id.as_str()).collect();
                (person.id.as_str(), person.name.as_ref().map(DisplayName::as_str), shared)
            })
            .collect()
    }

    #[test]
    fn people_come_once_most_recently_met_first_and_without_oneself() {
        let ada = UserId::new("ada").unwrap();
        let gatherings = vec![
            gathering("old", "Old", 1, &[("ada", Some("Ada")), ("cy", Some("Cy")), ("bo", Some("Robert"))]),
            gathering("new", "New", 3, &[("bo", None), ("ada", None), ("bo", Some("Bo"))]),
            gathering("mid", "Mid", 2, &[("cy", Some("Cyrus"))]),
        ];
        let expected = [("bo", Some("Bo"), vec!["new", "old"]), ("cy", Some("Cyrus"), vec!["mid", "old"])];
        assert_eq!(shown(&network(&ada, gatherings)), expected);
        assert_eq!(network(&ada, vec![gathering("alone", "Alone", 1, &[("ada", None)])]), []);
    }

    #[test]
    fn names_and_titles_are_searched_without_case() {
        let ada = UserId::new("ada").unwrap();
        let met = network(&ada, vec![gathering("cy-id", "Straßenfest ΟΔΟΣ", 1, &[("bo", Some("Bo Ångström"))])]);
        for query in ["bo", "BO å", "ångSTRÖM", "STRASSEN", "straße", "οδος", "ΟΔΟς", " fest ", ""] {
            assert!(met[0].matches(query), "{query:?}");
        }
        for query in ["ada", "cy", "user"] {
            assert!(!met[0].matches(query), "{query:?}");
        }
    }
}
