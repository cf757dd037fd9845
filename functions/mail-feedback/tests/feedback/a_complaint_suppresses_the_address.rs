use dais_domain::InvitationState;
use dais_mail_feedback::Outcome;
use dais_store::SuppressionReason;

use crate::support::{MESSAGE, Scene, complaint};

#[tokio::test]
async fn and_leaves_the_invitation_to_its_holder() {
    for kind in [Some("abuse"), None] {
        let scene = Scene::new().await;
        assert_eq!(scene.take(&complaint(MESSAGE, kind)).await, Outcome::Suppressed { ended: false });
        assert_eq!(scene.after().await, (InvitationState::Pending, Some(SuppressionReason::Complaint)));
    }
}

#[tokio::test]
async fn but_not_if_he_says_that_it_is_no_spam() {
    let scene = Scene::new().await;
    assert_eq!(scene.take(&complaint(MESSAGE, Some("not-spam"))).await, Outcome::Passing);
    assert_eq!(scene.after().await, (InvitationState::Pending, None));
}
