//! Amazon SES, API version 2. The only user of that SDK.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sesv2::{
    Client,
    config::{Builder, retry::RetryConfig, timeout::TimeoutConfig},
    error::{BuildError, ProvideErrorMetadata, SdkError},
    primitives::Blob,
    types::{self, Body, Content, Destination, EmailContent, Message, MessageHeader},
};
use dais_domain::{EmailAddress, MessageId};

use crate::{Letter, MailError, Mailer};

/// How long SES may take for one letter.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// Sends from one address. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ses {
    client: Client,
    sender: EmailAddress,
    configuration_set: Option<String>,
}

impl Ses {
    /// `sender` must be a verified identity of the account, or of a domain that is one. Bounces and complaints are told where
    /// `configuration_set` sends them.
    pub fn new(config: &SdkConfig, sender: EmailAddress, configuration_set: Option<&str>) -> Self {
        // SES knows no idempotent sending: a second try may be a second letter. When it is due is for the caller to say.
        let timeouts = TimeoutConfig::builder().operation_timeout(SEND_TIMEOUT).build();
        let config = Builder::from(config).retry_config(RetryConfig::disabled()).timeout_config(timeouts).build();
        Self { client: Client::from_conf(config), sender, configuration_set: configuration_set.map(str::to_owned) }
    }
}

impl Mailer for Ses {
    async fn send(&self, letter: &Letter) -> Result<MessageId, MailError> {
        let sent = self
            .client
            .send_email()
            .from_email_address(wire_address(&self.sender)?)
            .destination(Destination::builder().to_addresses(wire_address(&letter.to)?).build())
            .content(content(letter).map_err(|_| refused("IncompleteLetter"))?)
            .set_configuration_set_name(self.configuration_set.clone())
            .send()
            .await
            .map_err(|error| mail_error(&error))?;
        let id = sent.message_id.unwrap_or_default();
        MessageId::new(id).map_err(|_| MailError::Later { reason: "NoMessageId".to_owned() })
    }
}

/// The address as SES takes it: the domain in Punycode, and no other than ASCII before the `@` (SES has no SMTPUTF8).
fn wire_address(address: &EmailAddress) -> Result<String, MailError> {
    let (local, domain) = address.as_str().rsplit_once('@').unwrap_or((address.as_str(), ""));
    if !local.is_ascii() {
        return Err(refused("InternationalLocalPart"));
    }
    let domain = idna::domain_to_ascii(domain).map_err(|_| refused("InvalidDomain"))?;
    Ok(format!("{local}@{domain}"))
}

fn content(letter: &Letter) -> Result<EmailContent, BuildError> {
    let text = |data: &str| Content::builder().data(data).charset("UTF-8").build();
    let mut message = Message::builder()
        .subject(text(&letter.subject)?)
        .body(Body::builder().html(text(&letter.html)?).text(text(&letter.text)?).build());
    for (name, value) in &letter.headers {
        message = message.headers(MessageHeader::builder().name(*name).value(value).build()?);
    }
    for attachment in &letter.attachments {
        let attachment = types::Attachment::builder()
            .file_name(attachment.name)
            .content_type(attachment.content_type)
            .content_disposition(types::AttachmentContentDisposition::Attachment)
            .content_transfer_encoding(types::AttachmentContentTransferEncoding::Base64)
            .raw_content(Blob::new(attachment.content.as_slice()))
            .build()?;
        message = message.attachments(attachment);
    }
    Ok(EmailContent::builder().simple(message.build()).build())
}

fn refused(reason: &str) -> MailError {
    MailError::Refused { reason: reason.to_owned() }
}

/// What an answer of SES means for the letter. The reason is the error's name: its message quotes addresses.
fn mail_error<E>(error: &SdkError<E>) -> MailError
where
    SdkError<E>: ProvideErrorMetadata,
{
    let reason = error.code().unwrap_or("NoAnswer").to_owned();
    let status = error.raw_response().map(|response| response.status().as_u16());
    match reason.as_str() {
        "AccessDeniedException"
        | "AccountSuspendedException"
        | "MailFromDomainNotVerifiedException"
        | "NotFoundException"
        | "SendingPausedException" => MailError::NotSetUp { reason },
        // The sender is not verified, or nobody is but some: the account is still in the sandbox.
        "MessageRejected" if error.message().is_some_and(|message| message.contains("is not verified")) => {
            MailError::NotSetUp { reason: "NotVerified".to_owned() }
        }
        "BadRequestException" | "MessageRejected" | "ValidationException" => MailError::Refused { reason },
        "LimitExceededException" | "ThrottlingException" | "TooManyRequestsException" => MailError::Later { reason },
        _ if status == Some(400) => MailError::Refused { reason },
        _ => MailError::Later { reason },
    }
}
