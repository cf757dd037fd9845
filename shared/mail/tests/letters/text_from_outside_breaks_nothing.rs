use dais_mail::Letter;

use crate::support::{Sample, calendar, seen};

const HOSTILE: [&str; 8] = [
    "x\r\nBcc: eve@evil.example",
    "x\n\nContent-Type: text/html",
    "</title><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }} {% raw %} ${x}",
    "a\u{202E}txt.exe\u{2066}\u{200F}\u{200B}",
    "END:VEVENT\r\nBEGIN:VEVENT\r\nATTACH:https://evil.example/x\r\n;,\\",
];

fn letters(hostile: &str) -> [Letter; 2] {
    let sample = Sample { title: hostile, hosted_by: Some(hostile), person: Some(hostile), ..Sample::default() };
    [sample.invitation(), sample.accepted()]
}

#[test]
fn a_subject_stays_one_visible_line() {
    for hostile in HOSTILE {
        for letter in letters(hostile) {
            let bad =
                |char: char| char.is_control() || matches!(char, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
            assert!(!letter.subject.contains(bad), "{:?}", letter.subject);
        }
    }
}

#[test]
fn the_html_gets_no_markup_that_is_not_the_templates() {
    let tags = |html: &str| html.matches('<').count();
    let [usual, usual_accepted] = letters("plain").map(|letter| tags(&letter.html));
    for hostile in HOSTILE {
        let [letter, accepted] = letters(hostile);
        assert_eq!(tags(&letter.html), usual, "{hostile:?}");
        assert_eq!(tags(&accepted.html), usual_accepted, "{hostile:?}");
        for html in [&letter.html, &accepted.html] {
            assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("' onmouseover='"), "{html}");
            assert!(!html.contains('\u{202E}'));
        }
    }
    assert!(seen(&letters(HOSTILE[2])[0].html).contains("</title><script>alert(1)</script>"));
}

#[test]
fn the_plain_text_gets_no_line_that_is_not_the_templates() {
    let lines = |letter: &Letter| letter.text.lines().count();
    let [usual, usual_accepted] = letters("plain");
    for hostile in HOSTILE {
        let [letter, accepted] = letters(hostile);
        assert_eq!((lines(&letter), lines(&accepted)), (lines(&usual), lines(&usual_accepted)), "{hostile:?}");
    }
}

#[test]
fn the_calendar_file_gets_no_property_that_is_not_ours() {
    let names = |letter: &Letter| -> Vec<String> {
        let unfolded = calendar(letter).replace("\r\n ", "");
        unfolded.lines().map(|line| line.split([':', ';']).next().unwrap().to_owned()).collect()
    };
    let usual = names(&letters("plain")[0]);
    for hostile in HOSTILE {
        assert_eq!(names(&letters(hostile)[0]), usual, "{hostile:?}");
    }
}

#[test]
fn ten_kilobytes_of_name_leave_a_letter_of_usual_size() {
    for long in ["é".repeat(10_000), "word ".repeat(2_000), "&".repeat(10_000)] {
        for letter in letters(&long) {
            assert!(letter.subject.chars().count() <= 260, "{}", letter.subject.chars().count());
            assert!(letter.html.len() < 40_000, "{}", letter.html.len());
            assert!(letter.text.len() < 8_000, "{}", letter.text.len());
        }
    }
}

#[test]
fn a_name_that_is_an_address_becomes_no_link() {
    let sample = Sample { title: "Win at evil.example/prize", person: Some("www.evil.example"), ..Sample::default() };
    for letter in [sample.invitation(), sample.accepted()] {
        assert!(!letter.text.contains("evil.example"), "{}", letter.text);
        assert!(!seen(&letter.html).contains("evil.example"), "{}", seen(&letter.html));
    }
}

#[test]
fn an_international_address_is_shown_as_it_is_written() {
    let letter = Sample { to: "bo@bücher.example", ..Sample::default() }.invitation();
    assert!(letter.text.contains("bo@bücher.example"));
    assert_eq!(letter.to.as_str(), "bo@bücher.example");
}

#[test]
fn a_link_cannot_end_its_header_or_attribute() {
    let broken = "https://meet.example.com/u?x=\">\r\nBcc: eve@evil.example <b>";
    let letter = Sample { unsubscribe_link: broken, event_link: broken, ..Sample::default() }.invitation();
    let (_, value) = &letter.headers[0];
    assert!(value.chars().all(|char| char.is_ascii_graphic()), "{value}");
    assert_eq!((value.matches('<').count(), value.matches('>').count()), (1, 1), "{value}");
    assert!(!letter.html.contains("<b>"));
}
