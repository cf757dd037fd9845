//! The meeting as a calendar file (RFC 5545), so that it can be put into a calendar with one click.
//!
//! By hand, because a library would bring a second library of dates along for these dozen lines. The tests read it with one.

use super::words::When;

/// What stands in the file. All texts are single lines.
pub(super) struct Entry<'a> {
    /// The meeting's id: the same entry in each letter about one meeting, so that a later letter brings no second one.
    pub(super) meeting: &'a str,
    pub(super) title: &'a str,
    pub(super) starts: &'a When,
    pub(super) written: &'a When,
    pub(super) hosted_by: Option<&'a str>,
    pub(super) link: &'a str,
    /// Address of the organizer, who must be given (RFC 5546, section 3.2.1): the sender.
    pub(super) sender: &'a str,
}

/// Most bytes of a line without its end (RFC 5545, section 3.1).
const MAX_LINE_BYTES: usize = 75;

/// The file. It never holds a token: calendars are shared.
pub(super) fn file(entry: &Entry<'_>) -> Vec<u8> {
    let host = entry.link.split("//").nth(1).unwrap_or_default().split(['/', ':']).next().unwrap_or_default();
    let hosted = entry.hosted_by.map(|hosts| format!("Hosted by {hosts}\n")).unwrap_or_default();
    let organizer = entry.hosted_by.unwrap_or("Host").replace('"', "'");
    let lines = [
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Dais//Invitations//EN".to_owned(),
        "CALSCALE:GREGORIAN".to_owned(),
        "METHOD:PUBLISH".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}@{}", escaped(entry.meeting), escaped(host)),
        format!("DTSTAMP:{}", entry.written.basic()),
        format!("DTSTART:{}", entry.starts.basic()),
        format!("SUMMARY:{}", escaped(entry.title)),
        format!("DESCRIPTION:{}", escaped(&format!("{hosted}{}", entry.link))),
        format!("LOCATION:{}", escaped(entry.link)),
        format!("URL:{}", entry.link),
        format!("ORGANIZER;CN=\"{organizer}\":mailto:{}", entry.sender),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
    ];
    let mut file = String::new();
    for line in lines {
        fold(&line, &mut file);
    }
    file.into_bytes()
}

/// A text as a value (RFC 5545, section 3.3.11).
fn escaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\\' | ';' | ',' => result.extend(['\\', char]),
            '\n' => result.push_str("\\n"),
            char if char.is_control() => {}
            char => result.push(char),
        }
    }
    result
}

/// Appends a line with its end, folded between characters.
fn fold(line: &str, file: &mut String) {
    let mut length = 0;
    for char in line.chars() {
        if length + char.len_utf8() > MAX_LINE_BYTES {
            file.push_str("\r\n ");
            length = 1;
        }
        file.push(char);
        length += char.len_utf8();
    }
    file.push_str("\r\n");
}
