use crate::support::{Sample, UNSUBSCRIBE_LINK};

#[test]
fn every_letter_has_both_headers_of_rfc_8058() {
    for letter in [Sample::default().invitation(), Sample::default().accepted()] {
        let expected = [
            ("List-Unsubscribe", format!("<{UNSUBSCRIBE_LINK}>")),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
        ];
        assert_eq!(letter.headers, expected);
    }
}
