//! Rust text as tokens: enough to see names, calls and blocks, and not to be misled by comments and strings.

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// An identifier or keyword.
    Name(String),
    /// What a string literal says.
    Text(String),
    /// Any other character; `::` is two of them.
    Sign(char),
}

impl Token {
    /// The identifier, if it is one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Text(_) | Self::Sign(_) => None,
        }
    }

    /// Whether it is this character.
    pub fn is(&self, sign: char) -> bool {
        *self == Self::Sign(sign)
    }
}

/// The tokens of a file without comments, characters and numbers.
pub fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        } else if rest.starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, after)| after);
        } else if let Some((text, after)) = string(rest) {
            tokens.push(Token::Text(text.to_owned()));
            rest = after;
        } else if let Some(after) = character(rest) {
            rest = after;
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(rest.len());
            if !first.is_ascii_digit() {
                tokens.push(Token::Name(rest[..end].to_owned()));
            }
            rest = &rest[end..];
        } else {
            if !first.is_whitespace() {
                tokens.push(Token::Sign(first));
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    tokens
}

/// A string literal at the start of `rest`, with what follows it.
fn string(rest: &str) -> Option<(&str, &str)> {
    let opened = rest.strip_prefix('b').unwrap_or(rest);
    if let Some(raw) = opened.strip_prefix('r').filter(|raw| raw.starts_with(['"', '#'])) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let end = format!("\"{}", "#".repeat(hashes));
        return raw[hashes..].strip_prefix('"')?.split_once(end.as_str());
    }
    let inside = opened.strip_prefix('"')?;
    let mut escaped = false;
    let end = inside.find(|next| {
        let ends = next == '"' && !escaped;
        escaped = next == '\\' && !escaped;
        ends
    })?;
    Some((&inside[..end], &inside[end + 1..]))
}

/// What follows a character literal, or the quote of a lifetime, at the start of `rest`.
fn character(rest: &str) -> Option<&str> {
    let inside = rest.strip_prefix('\'')?;
    if let Some(escaped) = inside.strip_prefix('\\') {
        let after = escaped.find('\'').filter(|end| *end > 0).or_else(|| escaped[1..].find('\'').map(|end| end + 1))?;
        return Some(&escaped[after + 1..]);
    }
    let mut next = inside.chars();
    next.next()?;
    Some(next.as_str().strip_prefix('\'').unwrap_or(inside))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(source: &str) -> Vec<String> {
        tokens(source).iter().filter_map(Token::name).map(str::to_owned).collect()
    }

    #[test]
    fn comments_strings_and_characters_hide_what_is_in_them() {
        let source = "a(\"b // \\\" c\") /* d */ 'e' '\\'' '\\u{7d}' f::<'g>(r#\"h\" i\"#, b\"j\") // k\n l";
        assert_eq!(names(source), ["a", "f", "g", "l"]);
        let texts: Vec<Token> = tokens(source).into_iter().filter(|token| matches!(token, Token::Text(_))).collect();
        assert_eq!(texts.len(), 3);
    }
}
