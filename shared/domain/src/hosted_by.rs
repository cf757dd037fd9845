//! The one rule of how hosts are displayed: on pages, in lists and in mails.

/// "Ada", "Ada and Bo", "Ada, Bo and Cy", "Ada and 3 others"; `None` when no host has a name.
///
/// Missing and empty names do not count. Names may contain commas: they are joined, never taken apart again.
pub fn hosted_by<'a>(names: impl IntoIterator<Item = Option<&'a str>>) -> Option<String> {
    let names: Vec<&str> = names.into_iter().flatten().map(str::trim).filter(|name| !name.is_empty()).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        [one, two] => Some(format!("{one} and {two}")),
        [one, two, three] => Some(format!("{one}, {two} and {three}")),
        [first, others @ ..] => Some(format!("{first} and {} others", others.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_displayed_as_the_invitation_document_says() {
        let cases: [(&[Option<&str>], Option<&str>); 9] = [
            (&[Some("Ada")], Some("Ada")),
            (&[Some("Ada"), Some("Bo")], Some("Ada and Bo")),
            (&[Some("Ada"), Some("Bo"), Some("Cy")], Some("Ada, Bo and Cy")),
            (&[Some("Ada"), Some("Bo"), Some("Cy"), Some("Di")], Some("Ada and 3 others")),
            (&[None, Some("Ada"), Some("Bo"), Some("Cy"), Some("Di")], Some("Ada and 3 others")),
            (&[Some("Ada"), None, Some("Bo")], Some("Ada and Bo")),
            (&[None], None),
            (&[], None),
            (&[Some(""), Some("Bo")], Some("Bo")),
        ];
        for (names, expected) in cases {
            assert_eq!(hosted_by(names.iter().copied()).as_deref(), expected, "{names:?}");
        }
    }

    #[test]
    fn a_comma_inside_a_name_stays_a_comma() {
        assert_eq!(hosted_by([Some("Doe, Jane")]).as_deref(), Some("Doe, Jane"));
        assert_eq!(hosted_by([Some("Doe, Jane"), Some("Bo")]).as_deref(), Some("Doe, Jane and Bo"));
    }
}
