//! Query strings and percent-encoding.

use percent_encoding::percent_decode_str;

/// The pairs of a query string, decoded, in their order. Invalid UTF-8 becomes replacement characters.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
        })
        .collect()
}

/// Percent-encoded text, decoded.
pub(super) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::pairs;

    #[test]
    fn pairs_are_decoded() {
        let expected = [("a b", "1 2"), ("c", ""), ("d", "=")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(pairs("a%20b=1+2&&c&d=%3D"), expected);
    }
}
