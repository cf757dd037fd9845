use dais_mail::MailError;

use crate::support::{Answer, Service, letter};

/// The adapter's error for an answer, after one request and no more.
async fn error(service: Service) -> MailError {
    let error = service.send(&letter("bo@example.com")).await.unwrap_err();
    assert_eq!(service.requests.lock().unwrap().len(), 1, "a second try is for the courier to decide");
    error
}

#[tokio::test]
async fn a_service_that_is_busy_or_broken_is_tried_later() {
    for (status, name) in [
        (429, "TooManyRequestsException"),
        (400, "LimitExceededException"),
        (400, "ThrottlingException"),
        (403, "ExpiredTokenException"),
        (500, "InternalFailure"),
        (503, "ServiceUnavailable"),
    ] {
        let expected = MailError::Later { reason: name.to_owned() };
        assert_eq!(error(Service::failing(status, name, "Maximum sending rate exceeded.")).await, expected);
    }
    assert_eq!(error(Service::new(Answer::Nothing)).await, MailError::Later { reason: "NoAnswer".to_owned() });
}

#[tokio::test]
async fn a_letter_that_is_never_taken_is_refused() {
    for name in ["MessageRejected", "BadRequestException", "ValidationException", "SomethingNewException"] {
        let expected = MailError::Refused { reason: name.to_owned() };
        assert_eq!(error(Service::failing(400, name, "no")).await, expected);
    }
}

#[tokio::test]
async fn an_account_that_may_not_send_is_told_to_the_deployer() {
    for (status, name) in [
        (400, "AccountSuspendedException"),
        (400, "MailFromDomainNotVerifiedException"),
        (400, "SendingPausedException"),
        (404, "NotFoundException"),
        (403, "AccessDeniedException"),
    ] {
        let expected = MailError::NotSetUp { reason: name.to_owned() };
        assert_eq!(error(Service::failing(status, name, "no")).await, expected);
    }
    let unverified =
        "Email address is not verified. The following identities failed the check in region US-EAST-1: a@b.c";
    let expected = MailError::NotSetUp { reason: "NotVerified".to_owned() };
    assert_eq!(error(Service::failing(400, "MessageRejected", unverified)).await, expected);
}

#[tokio::test]
async fn an_error_quotes_no_address() {
    let quoting = Service::failing(400, "MessageRejected", "bo@example.com is not verified");
    assert!(!error(quoting).await.to_string().contains("bo@example.com"));
}
