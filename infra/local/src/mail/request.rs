//! The body of SendEmail → a letter, or what SES says instead. Limits: its API reference and developer guide.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;

use super::Refusal;

/// Receivers of one message.
const MOST_RECEIVERS: usize = 50;

/// A message with its attachments after encoding.
const MOST_BYTES: usize = 40 * 1024 * 1024;

/// Headers of the caller's own.
const MOST_HEADERS: usize = 15;
const MOST_NAME_BYTES: usize = 126;
const MOST_VALUE_BYTES: usize = 870;

/// Headers that SES writes itself.
const OF_SES: [&str; 13] = [
    "bcc",
    "cc",
    "content-disposition",
    "content-transfer-encoding",
    "content-type",
    "date",
    "from",
    "message-id",
    "mime-version",
    "reply-to",
    "return-path",
    "subject",
    "to",
];

/// Beginnings of SES's list of attachments that it takes from nobody.
const FORBIDDEN_FILES: [&str; 12] = ["bat", "cmd", "com", "cpl", "dll", "exe", "hta", "js", "msi", "ps1", "scr", "vbs"];

/// A message that SES takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) cc: Vec<String>,
    pub(super) bcc: Vec<String>,
    pub(super) reply_to: Vec<String>,
    pub(super) subject: String,
    pub(super) html: Option<String>,
    pub(super) text: Option<String>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) attachments: Vec<File>,
    pub(super) configuration_set: Option<String>,
}

/// An attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) content_type: String,
    pub(super) content: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Body {
    from_email_address: Option<String>,
    #[serde(default)]
    destination: Destination,
    #[serde(default)]
    reply_to_addresses: Vec<String>,
    content: Option<Content>,
    configuration_set_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
struct Destination {
    to_addresses: Vec<String>,
    cc_addresses: Vec<String>,
    bcc_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Content {
    simple: Simple,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Simple {
    subject: Part,
    #[serde(default)]
    body: Parts,
    #[serde(default)]
    headers: Vec<Header>,
    #[serde(default)]
    attachments: Vec<Attachment>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
struct Parts {
    html: Option<Part>,
    text: Option<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Part {
    data: String,
    charset: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Header {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Attachment {
    file_name: String,
    raw_content: String,
    content_type: Option<String>,
    #[serde(rename = "ContentDisposition")]
    _disposition: Option<String>,
    #[serde(rename = "ContentTransferEncoding")]
    _encoding: Option<String>,
    #[serde(rename = "ContentDescription")]
    _description: Option<String>,
    #[serde(rename = "ContentId")]
    _id: Option<String>,
}

impl Letter {
    /// Reads a request. What the local cloud does not know of SendEmail is refused by its name.
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        let body: Body = serde_json::from_slice(body).map_err(|error| Refusal::bad(error.to_string()))?;
        let from = body.from_email_address.filter(|from| !from.is_empty());
        let from = from.ok_or_else(|| Refusal::bad("Missing required header 'From'."))?;
        let Destination { to_addresses: to, cc_addresses: cc, bcc_addresses: bcc } = body.destination;
        let receivers = to.len() + cc.len() + bcc.len();
        if receivers == 0 {
            return Err(Refusal::bad("Must have at least one recipient"));
        }
        if receivers > MOST_RECEIVERS {
            return Err(Refusal::bad(format!("Recipient count exceeds {MOST_RECEIVERS}.")));
        }
        for address in [&from].into_iter().chain(&to).chain(&cc).chain(&bcc).chain(&body.reply_to_addresses) {
            check_address(address)?;
        }
        let Content { simple } = body.content.ok_or_else(|| Refusal::bad("Content is required"))?;
        let subject = text(simple.subject)?;
        if subject.chars().any(char::is_control) {
            return Err(Refusal::bad("Subject contains control characters"));
        }
        let html = simple.body.html.map(text).transpose()?;
        let plain = simple.body.text.map(text).transpose()?;
        if html.is_none() && plain.is_none() {
            return Err(Refusal::bad("Body must have Text or Html"));
        }
        let headers = headers(simple.headers)?;
        let attachments = simple.attachments.into_iter().map(file).collect::<Result<Vec<_>, _>>()?;
        let letter = Self {
            from,
            to,
            cc,
            bcc,
            reply_to: body.reply_to_addresses,
            subject,
            html,
            text: plain,
            headers,
            attachments,
            configuration_set: body.configuration_set_name.filter(|name| !name.is_empty()),
        };
        let bytes = letter.encoded_bytes();
        if bytes > MOST_BYTES {
            return Err(Refusal::rejected(format!("Message length is more than {MOST_BYTES} bytes long: '{bytes}'.")));
        }
        Ok(letter)
    }

    /// About what it has on the wire: attachments in Base64, lines of 76.
    fn encoded_bytes(&self) -> usize {
        let texts = [Some(&self.subject), self.html.as_ref(), self.text.as_ref()];
        let files = self.attachments.iter().map(|file| file.content.len() / 57 * 78 + 78);
        texts.into_iter().flatten().map(String::len).sum::<usize>() + files.sum::<usize>()
    }
}

/// SES has no SMTPUTF8: ASCII only, international domains in Punycode.
fn check_address(address: &str) -> Result<(), Refusal> {
    let invalid = |why: &str| Err(Refusal::bad(format!("Invalid email address<{address}>: {why}")));
    if address.chars().any(|char| char.is_control() || char.is_whitespace()) {
        return invalid("Local address contains control or whitespace");
    }
    let Some((local, domain)) = address.rsplit_once('@') else { return invalid("Missing final '@domain'") };
    if !local.is_ascii() {
        return invalid("Local address contains non-ASCII characters");
    }
    if local.is_empty() || local.len() > 64 || local.contains(['@', ',', '<', '>', '"']) {
        return invalid("Illegal local address");
    }
    let is_label = |label: &str| {
        !label.is_empty() && label.len() <= 63 && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if !domain.contains('.') || domain.len() > 255 || !domain.split('.').all(is_label) {
        return invalid("Domain contains illegal character or has no dot");
    }
    Ok(())
}

fn text(part: Part) -> Result<String, Refusal> {
    match part.charset.as_deref() {
        None if !part.data.is_ascii() => Err(Refusal::bad("text that is not 7-bit ASCII needs a charset")),
        None | Some("UTF-8" | "utf-8") => Ok(part.data),
        Some(other) => Err(Refusal::bad(format!("the local cloud does not know the charset {other}"))),
    }
}

fn headers(given: Vec<Header>) -> Result<Vec<(String, String)>, Refusal> {
    if given.len() > MOST_HEADERS {
        return Err(Refusal::bad(format!("a message has at most {MOST_HEADERS} headers of its own")));
    }
    let check = |Header { name, value }: Header| {
        let named = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
        if !named || name.len() > MOST_NAME_BYTES {
            return Err(Refusal::bad(format!("Invalid header name {name:?}")));
        }
        if OF_SES.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(Refusal::bad(format!("Header <{name}> is not allowed")));
        }
        let printable = value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if !printable || value.is_empty() || value.len() > MOST_VALUE_BYTES {
            return Err(Refusal::bad(format!("Invalid header value of {name}")));
        }
        Ok((name, value))
    };
    given.into_iter().map(check).collect()
}

fn file(given: Attachment) -> Result<File, Refusal> {
    let name = given.file_name;
    if name.is_empty() || name.len() > 255 || name.chars().any(|char| char.is_control() || matches!(char, '/' | '\\')) {
        return Err(Refusal::bad("Invalid file name of an attachment"));
    }
    let extension = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    if FORBIDDEN_FILES.contains(&extension.as_str()) {
        return Err(Refusal::bad(format!("attachments of the type .{extension} are not allowed")));
    }
    let content_type = given.content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
    if !content_type.contains('/') || content_type.len() > 78 || content_type.chars().any(char::is_control) {
        return Err(Refusal::bad(format!("Invalid content type of {name}")));
    }
    let content = BASE64_STANDARD.decode(given.raw_content);
    let content = content.map_err(|_| Refusal::bad(format!("the content of {name} is not Base64")))?;
    Ok(File { name, content_type, content })
}
