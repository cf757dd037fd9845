use dais_domain::Role;

use crate::support::{ACCEPT_LINK, EVENT_LINK, Sample, UNSUBSCRIBE_LINK, calendar, seen};

#[test]
fn the_subject_is_the_templates() {
    assert_eq!(Sample::default().invitation().subject, "You've been invited to co-host Stand-up");
}

#[test]
fn the_letter_goes_to_the_invitee() {
    assert_eq!(Sample::default().invitation().to.as_str(), "bo@example.com");
}

#[test]
fn both_parts_tell_title_date_time_zone_and_hosts() {
    let letter = Sample::default().invitation();
    for part in [seen(&letter.html), letter.text] {
        for words in [
            "You've been invited to co-host Stand-up",
            "Ada has invited you to be a host",
            "Monday, 30 November 2026",
            "18:05 UTC",
            "Hosted by Ada and Cy",
            "bo@example.com",
            "28 November 2026, 12:30 UTC",
        ] {
            assert!(part.contains(words), "{words} is missing in {part}");
        }
    }
}

#[test]
fn both_parts_give_the_reason_for_the_letter() {
    let letter = Sample::default().invitation();
    for part in [seen(&letter.html), letter.text] {
        assert!(part.contains("You get this e-mail because Ada entered your address to invite you."), "{part}");
    }
}

#[test]
fn both_parts_link_to_the_event_to_the_acceptance_and_to_the_end_of_such_letters() {
    let letter = Sample::default().invitation();
    for address in [EVENT_LINK, ACCEPT_LINK, UNSUBSCRIBE_LINK] {
        let in_html = format!("href=\"{}\"", address.replace('&', "&#38;"));
        assert!(letter.html.contains(&in_html), "{in_html} is missing");
        assert!(letter.text.lines().any(|line| line.ends_with(address)), "{address} is missing");
    }
}

#[test]
fn who_is_invited_as_co_host_reads_so() {
    let letter = Sample { role: Role::CoHost, ..Sample::default() }.invitation();
    assert!(letter.text.contains("to be a co-host"), "{}", letter.text);
    assert!(letter.html.contains("CO-HOST INVITATION"));
}

#[test]
fn without_names_of_hosts_and_inviter_no_line_is_left_half() {
    for nameless in [None, Some(""), Some("\u{202E}\r\n")] {
        let letter = Sample { hosted_by: nameless, person: nameless, ..Sample::default() }.invitation();
        let calendar = calendar(&letter);
        for part in [seen(&letter.html), letter.text, calendar] {
            assert!(!part.contains("Hosted by"), "{part}");
            assert!(!part.contains("has invited you"), "{part}");
        }
    }
}

#[test]
fn letters_are_made_for_phones_and_for_the_dark() {
    let html = Sample::default().invitation().html;
    for needed in [
        "<meta name=\"viewport\"",
        "<meta name=\"color-scheme\" content=\"light dark\">",
        "@media (prefers-color-scheme: dark)",
        "@media (max-width: 480px)",
        "lang=\"en\"",
    ] {
        assert!(html.contains(needed), "{needed} is missing");
    }
    for foreign in ["<script", "<img", "<link", "url(", "@import"] {
        assert!(!html.contains(foreign), "{foreign}: a letter loads nothing");
    }
}
