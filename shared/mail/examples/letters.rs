//! Writes every letter into a folder, to look at: `cargo run -p dais-mail --example letters -- FOLDER`.

use std::{error::Error, fs, path::PathBuf};

use dais_domain::{EmailAddress, MeetingId, Role, Timestamp, hosted_by::hosted_by};
use dais_mail::{
    Letter,
    letters::{self, AcceptedLetter, Event, InvitationLetter},
};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("give a folder")?);
    fs::create_dir_all(&folder)?;
    let (to, sender) = (EmailAddress::new("bo@example.com")?, EmailAddress::new("invitations@meet.example.com")?);
    let meeting = MeetingId::new("V1StGXR8_Z5jdHi6B-myT")?;
    let hosts = hosted_by([Some("Ada Lovelace"), Some("Grace Hopper"), Some("Radia Perlman")]);
    let event = Event {
        meeting: &meeting,
        title: "Rust in production: what we learned",
        starts_at: Timestamp::parse_rfc3339("2026-11-28T18:00:00Z")?,
        hosted_by: hosts.as_deref(),
        link: "https://meet.example.com/events/V1StGXR8_Z5jdHi6B-myT",
    };
    let invitation = InvitationLetter {
        to: &to,
        sender: &sender,
        event,
        inviter: Some("Ada Lovelace"),
        role: Role::Host,
        accept_link: "https://meet.example.com/events/V1StGXR8_Z5jdHi6B-myT/accept-host?token=Uakgb_J5m9g-0JDMbcJqLJPq0JDMbcJqLJPq7qWvLhS",
        unsubscribe_link: "https://meet.example.com/unsubscribe?mail=abc",
        expires_at: Timestamp::parse_rfc3339("2026-11-28T12:30:00Z")?,
        now: Timestamp::parse_rfc3339("2026-11-21T12:30:00Z")?,
    };
    let long = "An extraordinarily thorough quarterly retrospective ".repeat(9);
    let stranger = InvitationLetter {
        event: Event { title: &long, hosted_by: None, ..event },
        inviter: None,
        role: Role::CoHost,
        ..invitation
    };
    let right_to_left = InvitationLetter {
        event: Event {
            title: "פגישת צוות שבועית", hosted_by: Some("עדה לאבלייס and Grace Hopper"), ..event
        },
        inviter: Some("עדה לאבלייס"),
        ..invitation
    };
    let accepted = AcceptedLetter {
        to: &sender,
        event,
        acceptor: Some("Bo Diddley"),
        role: Role::Host,
        unsubscribe_link: invitation.unsubscribe_link,
    };
    for (name, letter) in [
        ("invitation", letters::invitation(&invitation)),
        ("invitation-long", letters::invitation(&stranger)),
        ("invitation-right-to-left", letters::invitation(&right_to_left)),
        ("accepted", letters::accepted(&accepted)),
    ] {
        let Letter { subject, html, text, headers, attachments, .. } = letter;
        fs::write(folder.join(format!("{name}.html")), html)?;
        fs::write(folder.join(format!("{name}.txt")), format!("{subject}\n{headers:?}\n\n{text}"))?;
        for attachment in attachments {
            fs::write(folder.join(format!("{name}-{}", attachment.name)), attachment.content)?;
        }
    }
    Ok(())
}
