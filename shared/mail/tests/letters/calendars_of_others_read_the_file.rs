use icalendar::parser::{read_calendar, unfold};

use crate::support::{EVENT_LINK, Sample, calendar};

/// The value of a property of the event, as another program reads it.
fn property(file: &str, name: &str) -> String {
    let unfolded = unfold(file);
    let calendar = read_calendar(&unfolded).unwrap();
    let event = &calendar.components[0];
    assert_eq!(event.name, "VEVENT");
    let property = event.properties.iter().find(|property| property.name == name).expect(name);
    property.val.as_str().to_owned()
}

#[test]
fn the_event_is_there_with_its_time_hosts_and_link() {
    let letter = Sample { title: "Plan; budget, and \\ rest", ..Sample::default() }.invitation();
    let file = calendar(&letter);
    assert_eq!(property(&file, "DTSTART"), "20261130T180500Z");
    assert_eq!(property(&file, "DTSTAMP"), "20261121T123000Z");
    assert_eq!(property(&file, "UID"), "m-1@meet.example.com");
    assert_eq!(property(&file, "URL"), EVENT_LINK);
    assert_eq!(property(&file, "ORGANIZER"), "mailto:invitations@meet.example.com");
    assert_eq!(property(&file, "SUMMARY"), "Plan; budget, and \\ rest");
    assert!(property(&file, "DESCRIPTION").starts_with("Hosted by Ada and Cy\n"));
    assert_eq!(letter.attachments[0].content_type, "text/calendar; charset=utf-8; method=PUBLISH");
    assert!(file.contains("METHOD:PUBLISH\r\n"));
}

#[test]
fn lines_are_folded_at_75_bytes_and_end_as_the_standard_says() {
    let file = calendar(&Sample { title: &"späte Sitzung ".repeat(30), ..Sample::default() }.invitation());
    assert!(file.ends_with("END:VCALENDAR\r\n"));
    assert!(!file.replace("\r\n", "").contains(['\r', '\n']));
    for line in file.split("\r\n") {
        assert!(line.len() <= 75, "{} bytes: {line}", line.len());
    }
    assert!(file.replace("\r\n ", "").contains(&"späte Sitzung ".repeat(29)));
}

#[test]
fn an_entry_that_is_shared_gives_no_token_away() {
    assert!(!calendar(&Sample::default().invitation()).replace("\r\n ", "").contains("s3cret-t0ken"));
}
