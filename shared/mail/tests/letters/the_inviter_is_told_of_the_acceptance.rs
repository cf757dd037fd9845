use dais_domain::Role;

use crate::support::{EVENT_LINK, Sample, seen};

#[test]
fn the_letter_says_who_is_what_where() {
    let letter = Sample { to: "ada@example.com", person: Some("Bo"), ..Sample::default() }.accepted();
    assert_eq!(letter.to.as_str(), "ada@example.com");
    assert_eq!(letter.subject, "Bo is now a host of Stand-up");
    for part in [seen(&letter.html), letter.text] {
        for words in ["Bo is now a host of Stand-up", "Monday, 30 November 2026", "18:05 UTC", "Hosted by Ada and Cy"] {
            assert!(part.contains(words), "{words} is missing in {part}");
        }
    }
    assert!(letter.html.contains(EVENT_LINK));
    assert!(letter.attachments.is_empty());
}

#[test]
fn a_co_host_and_a_nameless_person_are_called_so() {
    let letter = Sample { person: None, role: Role::CoHost, ..Sample::default() }.accepted();
    assert_eq!(letter.subject, "Your invitee is now a co-host of Stand-up");
}
