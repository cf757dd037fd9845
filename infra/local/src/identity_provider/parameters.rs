//! What can be asked of the identity provider, read and checked. Every refusal is a sentence that names the field.

use serde_json::Value;

use crate::answer;

/// Clerk's.
const DEFAULT_TTL_S: i64 = 60;

/// A year, and a day back.
const MOST_TTL_S: i64 = 365 * 24 * 3600;
const LEAST_TTL_S: i64 = -24 * 3600;

/// `GET /_local/token?user=ada&name=…&email=…&verified=…&picture=…&ttl=…&azp=…`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenParameters {
    /// Short name of the user, lower case.
    pub user: String,
    /// Full name; empty for a token without one.
    pub name: Option<String>,
    /// Mail address; empty for a token without one.
    pub email: Option<String>,
    /// Whether the address is verified.
    pub verified: Option<bool>,
    /// Address of a picture; empty for none.
    pub picture: Option<String>,
    /// Life of the token in seconds. Not above zero: it has already expired.
    pub ttl_s: i64,
    /// Authorised party; empty for a token without one. Default: the issuer's origin.
    pub azp: Option<String>,
}

/// `POST /_local/users {"user": "ada", "name": …, "email": …, "verified": …, "picture": …, "deleted": …}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserChange {
    /// Short name of the user, lower case.
    pub user: String,
    /// Full name; empty for none.
    pub name: Option<String>,
    /// Mail address; empty for none.
    pub email: Option<String>,
    /// Whether the address is verified.
    pub verified: Option<bool>,
    /// Address of a picture; empty for none.
    pub picture: Option<String>,
    /// Deletes the user.
    pub deleted: bool,
}

impl TokenParameters {
    /// A token for `user` as he is known, or as he would be by default, with Clerk's life of 60 s.
    ///
    /// # Errors
    /// A sentence: that is no user name.
    pub fn for_user(user: &str) -> Result<Self, String> {
        let user = user_name(user)?;
        Ok(Self { user, name: None, email: None, verified: None, picture: None, ttl_s: DEFAULT_TTL_S, azp: None })
    }

    /// Reads the query of a request, decoded.
    ///
    /// # Errors
    /// A sentence that names the parameter.
    pub fn from_query(query: Vec<(String, String)>) -> Result<Self, String> {
        let mut seen: Vec<String> = Vec::new();
        for (name, _) in &query {
            if seen.contains(name) {
                return Err(format!("{name} is given twice"));
            }
            seen.push(name.clone());
        }
        let user = query.iter().find(|(name, _)| name == "user");
        let (_, user) = user.ok_or("user is missing: ask for a token like /_local/token?user=ada")?;
        let mut parameters = Self::for_user(user)?;
        for (name, value) in query {
            match name.as_str() {
                "user" => {}
                "name" => parameters.name = Some(text(&name, value)?),
                "email" => parameters.email = Some(address(value)?),
                "picture" => parameters.picture = Some(text(&name, value)?),
                "azp" => parameters.azp = Some(text(&name, value)?),
                "verified" => {
                    let verified = value.parse();
                    parameters.verified =
                        Some(verified.map_err(|_| format!("verified must be true or false, not {value:?}"))?);
                }
                "ttl" => {
                    let ttl = value.parse().ok().filter(|ttl| (LEAST_TTL_S..=MOST_TTL_S).contains(ttl));
                    parameters.ttl_s = ttl.ok_or_else(|| {
                        format!("ttl must be whole seconds from {LEAST_TTL_S} to {MOST_TTL_S}, not {value:?}")
                    })?;
                }
                _ => {
                    return Err(format!(
                        "there is no parameter {name:?}: there are user, name, email, verified, picture, ttl and azp"
                    ));
                }
            }
        }
        Ok(parameters)
    }

    pub(super) fn user_change(&self) -> UserChange {
        UserChange {
            user: self.user.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            verified: self.verified,
            picture: self.picture.clone(),
            deleted: false,
        }
    }
}

impl UserChange {
    /// Reads a JSON body.
    ///
    /// # Errors
    /// A sentence that names the field.
    pub fn from_json(body: &[u8]) -> Result<Self, String> {
        let mut fields = answer::object(body)?;
        let user = match fields.remove("user") {
            Some(Value::String(user)) => user_name(&user)?,
            Some(other) => return Err(format!("user must be a text, not {other}")),
            None => return Err("user is missing: send a body like {\"user\": \"ada\"}".to_owned()),
        };
        let mut change = Self { user, name: None, email: None, verified: None, picture: None, deleted: false };
        for (name, value) in fields {
            match (name.as_str(), value) {
                ("name", Value::String(value)) => change.name = Some(text(&name, value)?),
                ("email", Value::String(value)) => change.email = Some(address(value)?),
                ("picture", Value::String(value)) => change.picture = Some(text(&name, value)?),
                ("verified", Value::Bool(value)) => change.verified = Some(value),
                ("deleted", Value::Bool(value)) => change.deleted = value,
                ("name" | "email" | "picture", other) => return Err(format!("{name} must be a text, not {other}")),
                ("verified" | "deleted", other) => return Err(format!("{name} must be true or false, not {other}")),
                _ => {
                    return Err(format!(
                        "there is no field {name:?}: there are user, name, email, verified, picture and deleted"
                    ));
                }
            }
        }
        Ok(change)
    }
}

/// The grammar of a mail address's first part, as it becomes one.
fn user_name(name: &str) -> Result<String, String> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    if name.is_empty() || name.len() > 64 || !name.chars().all(allowed) {
        return Err("user must be 1 to 64 letters, digits, dots, hyphens or underscores, such as ada".to_owned());
    }
    Ok(name.to_ascii_lowercase())
}

fn text(name: &str, value: String) -> Result<String, String> {
    if value.chars().count() > 500 || value.chars().any(char::is_control) {
        return Err(format!("{name} must have at most 500 characters and no control characters"));
    }
    Ok(value)
}

fn address(value: String) -> Result<String, String> {
    let plausible = value.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    if !value.is_empty() && (!plausible || value.contains(char::is_whitespace)) {
        return Err("email must be a mail address such as ada@example.com, or empty for none".to_owned());
    }
    text("email", value)
}
