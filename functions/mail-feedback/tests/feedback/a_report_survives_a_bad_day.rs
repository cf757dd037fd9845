use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use dais_domain::InvitationState;
use dais_mail_feedback::Outcome;
use dais_store::{
    MailKind, SuppressionReason,
    memory::{Fate, Pause, Weather},
};

use crate::support::{MESSAGE, Scene, bounce};

/// One operation fails once, before or after it has happened.
struct Once(&'static str, Fate, AtomicBool);

impl Weather for Once {
    fn before(&self, operation: &'static str) -> Pause<'_, Fate> {
        let strikes = operation == self.0 && !self.2.swap(true, Ordering::SeqCst);
        Box::pin(std::future::ready(if strikes { self.1 } else { Fate::Proceed }))
    }

    fn after(&self, _: &'static str) -> Pause<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn wherever_the_table_fails_the_next_try_completes_it() {
    for operation in ["message", "suppress", "bounced"] {
        for fate in [Fate::FailBefore, Fate::FailAfter] {
            let weather = Arc::new(Once(operation, fate, AtomicBool::new(false)));
            let scene = Scene::with(weather, MailKind::Invitation).await;
            let event = bounce(MESSAGE, "Permanent");
            scene.feedback.take(&event).await.expect_err("the invocation fails, so that Lambda tries it again");
            assert!(matches!(scene.take(&event).await, Outcome::Suppressed { .. }));
            assert_eq!(scene.after().await, (InvitationState::Bounced, Some(SuppressionReason::Bounce)), "{operation}");
        }
    }
}
