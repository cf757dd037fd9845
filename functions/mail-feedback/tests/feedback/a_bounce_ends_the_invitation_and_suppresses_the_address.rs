use std::sync::Arc;

use dais_domain::InvitationState;
use dais_mail_feedback::Outcome;
use dais_store::{MailKind, SuppressionReason, memory::FairWeather};

use crate::support::{MESSAGE, Scene, bounce};

#[tokio::test]
async fn both_at_once() {
    let scene = Scene::new().await;
    assert_eq!(scene.take(&bounce(MESSAGE, "Permanent")).await, Outcome::Suppressed { ended: true });
    assert_eq!(scene.after().await, (InvitationState::Bounced, Some(SuppressionReason::Bounce)));
}

#[tokio::test]
async fn a_second_time_changes_nothing() {
    let scene = Scene::new().await;
    for ended in [true, false, false] {
        assert_eq!(scene.take(&bounce(MESSAGE, "Permanent")).await, Outcome::Suppressed { ended });
    }
    assert_eq!(scene.after().await, (InvitationState::Bounced, Some(SuppressionReason::Bounce)));
}

#[tokio::test]
async fn the_word_to_an_inviter_that_bounces_leaves_the_invitation_alone() {
    let scene = Scene::with(Arc::new(FairWeather), MailKind::Accepted).await;
    assert_eq!(scene.take(&bounce(MESSAGE, "Permanent")).await, Outcome::Suppressed { ended: false });
    assert_eq!(scene.after().await, (InvitationState::Pending, Some(SuppressionReason::Bounce)));
}
