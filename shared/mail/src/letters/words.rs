//! Text from outside, made fit for one line of a letter, and points in time as a reader wants them.

use dais_domain::Timestamp;
use time::OffsetDateTime;

/// One line of at most `max_chars` characters: line breaks, tabs and other control characters become spaces, and what is
/// invisible or turns the direction of the text around goes. The joiners of scripts and emoji stay.
pub(super) fn line(value: &str, max_chars: usize) -> String {
    let visible = value.chars().filter(|char| !is_hidden(*char));
    let spaced: String = visible.map(|char| if is_blank(char) { ' ' } else { char }).collect();
    let mut words = spaced.split(' ').filter(|word| !word.is_empty());
    let mut line = words.next().unwrap_or_default().to_owned();
    for word in words {
        line.push(' ');
        line.push_str(word);
    }
    if line.chars().count() <= max_chars {
        return line;
    }
    let cut: String = line.chars().take(max_chars.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

/// The same line, of which mail programs make no link: an invisible joiner stands behind each dot within a
/// word. Nobody shall advertise an address by calling a meeting or himself so.
pub(super) fn unlinked(line: &str) -> String {
    const WORD_JOINER: char = '\u{2060}';
    let mut result = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        result.push(char);
        let joins = match char {
            '.' => chars.peek().is_some_and(|next| next.is_alphabetic()),
            ':' => chars.peek() == Some(&'/'),
            _ => false,
        };
        if joins {
            result.push(WORD_JOINER);
        }
    }
    result
}

fn is_blank(char: char) -> bool {
    char.is_control() || char.is_whitespace()
}

/// Marks of direction, spaces of no width, and the characters of tags.
fn is_hidden(char: char) -> bool {
    matches!(char,
        '\u{00AD}' | '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// A date and a time of day in UTC, for a reader.
pub(super) struct When(OffsetDateTime);

impl When {
    pub(super) fn new(at: Timestamp) -> Self {
        let seconds = i64::try_from(at.as_epoch_seconds()).unwrap_or(0);
        Self(OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH))
    }

    /// `Saturday, 21 November 2026`.
    pub(super) fn date(&self) -> String {
        format!("{}, {}", self.0.weekday(), self.day_of_year())
    }

    /// `18:00 UTC`.
    pub(super) fn time(&self) -> String {
        format!("{:02}:{:02} UTC", self.0.hour(), self.0.minute())
    }

    /// `28 November 2026, 18:00 UTC`.
    pub(super) fn date_and_time(&self) -> String {
        format!("{}, {}", self.day_of_year(), self.time())
    }

    /// `NOV`.
    pub(super) fn month(&self) -> String {
        self.0.month().to_string().chars().take(3).collect::<String>().to_uppercase()
    }

    /// `21`.
    pub(super) fn day(&self) -> u8 {
        self.0.day()
    }

    /// `20261121T180000Z` (RFC 5545, section 3.3.5).
    pub(super) fn basic(&self) -> String {
        let (date, time) = (self.0.date(), self.0.time());
        format!(
            "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
            date.year(),
            u8::from(date.month()),
            date.day(),
            time.hour(),
            time.minute(),
            time.second()
        )
    }

    fn day_of_year(&self) -> String {
        format!("{} {} {}", self.0.day(), self.0.month(), self.0.year())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn text_from_outside_becomes_one_visible_line() {
        let cases = [
            ("  Stand-up  ", "Stand-up"),
            ("Ada\r\nBcc: eve@example.com", "Ada Bcc: eve@example.com"),
            ("a\u{0}b\tc\u{2028}d", "a b c d"),
            ("user\u{202E}gpj.exe", "usergpj.exe"),
            ("\u{2066}x\u{2069}\u{200B}y\u{FEFF}", "xy"),
            ("שלום", "שלום"),
            ("👩‍👧 family", "👩‍👧 family"),
            ("\u{202E}\r\n", ""),
        ];
        for (value, expected) in cases {
            assert_eq!(line(value, 100), expected, "{value:?}");
        }
    }

    #[test]
    fn a_line_is_cut_at_its_bound() {
        let cut = line(&"é".repeat(10_000), 100);
        assert_eq!(cut.chars().count(), 100);
        assert!(cut.ends_with('…'));
        assert_eq!(line("abc", 3), "abc");
    }

    #[test]
    fn an_address_in_a_name_is_no_link() {
        assert_eq!(unlinked("win at evil.example"), "win at evil.\u{2060}example");
        assert_eq!(unlinked("https://1.2.3.4/"), "https:\u{2060}//1.2.3.4/");
        assert_eq!(unlinked("Dr. J. Doe, 1.95"), "Dr. J. Doe, 1.95");
    }

    #[test]
    fn a_point_in_time_is_told_with_its_zone() {
        let when = When::new(Timestamp::parse_rfc3339("2026-11-21T18:05:09Z").unwrap());
        assert_eq!(when.date(), "Saturday, 21 November 2026");
        assert_eq!(when.time(), "18:05 UTC");
        assert_eq!(when.date_and_time(), "21 November 2026, 18:05 UTC");
        assert_eq!((when.month().as_str(), when.day()), ("NOV", 21));
        assert_eq!(when.basic(), "20261121T180509Z");
        assert_eq!(When::new(Timestamp::MAX).basic(), "99991231T235959Z");
    }
}
