//! The functions in Rust text.

use crate::tokens::Token;

/// A function with a body.
pub struct Function {
    /// The type and the trait whose function it is; none for a free function.
    pub owners: Vec<String>,
    pub name: String,
    pub public: bool,
    /// It has a `self`, so it can be called with a dot.
    pub method: bool,
    /// It takes something beside its `self`.
    pub takes: bool,
    /// The folder of its crate.
    pub home: String,
    pub body: Vec<Token>,
}

/// Collects the functions in `tokens`, without those for tests.
pub fn functions(tokens: &[Token], owners: &[String], home: &str, found: &mut Vec<Function>) {
    let mut at = 0;
    while at < tokens.len() {
        let word = tokens[at].name();
        if is_test_attribute(&tokens[at..]) {
            at = block(tokens, at).1;
        } else if matches!(word, Some("impl" | "trait" | "mod")) {
            let (start, end) = block(tokens, at);
            let inner = match word {
                Some("impl") => implemented(&tokens[at + 1..start]),
                Some("trait") => tokens[at + 1].name().map(str::to_owned).into_iter().collect(),
                _ => Vec::new(),
            };
            functions(tokens.get(start + 1..end).unwrap_or_default(), &inner, home, found);
            at = end.max(at + 1);
        } else if let (Some("fn"), Some(name)) = (word, tokens.get(at + 1).and_then(Token::name)) {
            let (start, end) = block(tokens, at);
            let head = &tokens[at.saturating_sub(5)..at];
            let is = |word| move |token: &Token| token.name() == Some(word);
            let public = head.iter().any(is("pub")) && !head.iter().any(is("super"));
            let parameters = parameters(&tokens[at..start]);
            let of_self = parameters.iter().take_while(|token| !token.is(',') && !token.is(':'));
            let method = of_self.filter_map(Token::name).any(|name| name == "self");
            found.push(Function {
                owners: owners.to_vec(),
                name: name.to_owned(),
                // Functions of traits carry no `pub`: those of types that implement one have two owners.
                public: public || owners.len() > 1,
                method,
                takes: parameters.iter().any(|token| token.is(':')),
                home: home.to_owned(),
                body: tokens.get(start + 1..end).unwrap_or_default().to_vec(),
            });
            at = end.max(at + 1);
        } else {
            at += 1;
        }
    }
}

/// What is between the parentheses of a function's head, `fn name<…>(…)`.
fn parameters(head: &[Token]) -> &[Token] {
    let start = if head.get(2).is_some_and(|token| token.is('<')) { after_generics(head, 2) } else { 2 };
    let mut depth = 0_usize;
    let end = head.iter().skip(start).position(|token| {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    &head[start + 1..start + end.unwrap_or(1)]
}

/// `#[cfg(test)]`.
fn is_test_attribute(tokens: &[Token]) -> bool {
    tokens.len() > 5
        && tokens[0].is('#')
        && tokens[1].is('[')
        && (tokens[2].name() == Some("cfg") && tokens[4].name() == Some("test") && tokens[5].is(')'))
}

/// Where the next block begins and ends, or twice the next `;` when that comes first.
fn block(tokens: &[Token], from: usize) -> (usize, usize) {
    let mut depth = 0_usize;
    let mut brackets = 0_usize;
    let mut start = from;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token {
            Token::Sign('(' | '[') if depth == 0 => brackets += 1,
            Token::Sign(')' | ']') if depth == 0 => brackets = brackets.saturating_sub(1),
            Token::Sign(';') if depth == 0 && brackets == 0 => return (at, at),
            Token::Sign('{') => {
                if depth == 0 {
                    start = at;
                }
                depth += 1;
            }
            Token::Sign('}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return (start, at);
                }
            }
            _ => {}
        }
    }
    (tokens.len(), tokens.len())
}

/// The type, then the trait, that the head of an `impl` names.
fn implemented(head: &[Token]) -> Vec<String> {
    let mut paths: Vec<Option<String>> = vec![None];
    let mut at = if head.first().is_some_and(|token| token.is('<')) { after_generics(head, 0) } else { 0 };
    while let Some(token) = head.get(at) {
        match token.name() {
            Some("for") => paths.push(None),
            Some("where") => break,
            Some("dyn" | "mut") => {}
            Some(name) => *paths.last_mut().expect("never empty") = Some(name.to_owned()),
            None if token.is('<') => {
                at = after_generics(head, at);
                continue;
            }
            None => {}
        }
        at += 1;
    }
    paths.into_iter().rev().flatten().collect()
}

/// Where the generics that begin at `from` are over.
pub fn after_generics(tokens: &[Token], from: usize) -> usize {
    let mut depth = 0_usize;
    for at in from..tokens.len() {
        if tokens[at].is('<') {
            depth += 1;
        } else if tokens[at].is('>') && !tokens[at - 1].is('-') {
            depth -= 1;
            if depth == 0 {
                return at + 1;
            }
        }
    }
    tokens.len()
}
