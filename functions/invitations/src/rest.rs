//! From a request to its operation and back.

use std::{fmt, sync::Arc};

use dais_courier::Courier;
use dais_domain::{Actor, Claimant, EmailAddress, LogEntry, MailId, Meeting, MeetingId, Timestamp};
use dais_function::AfterAnswer;
use dais_identity::{Identity, Verifier};
use dais_mail::Mailer;
use dais_realtime::{Announcer, FloodGuard, Sockets};
use dais_rest::{Answer, Ask, Problem, retry, routes};
use dais_store::Store;
use futures::future::BoxFuture;
use lambda_http::{Body, Request, RequestExt, Response};

use crate::{
    Operation, ROUTES, Rules,
    operations::{accept, by_email, by_network, decline, list, preview, resend, revoke, unsubscribe},
};

/// Waits before another try of a write, given how often it was tried.
type Pauses = Arc<dyn Fn(u32) -> BoxFuture<'static, ()> + Send + Sync>;

/// The operations, over any store, any sockets and any mail service.
pub struct Rest<S, C, M> {
    pub(crate) store: S,
    pub(crate) rules: Rules,
    announcer: Announcer<S, C>,
    courier: Option<Arc<Courier<S, M>>>,
    verifier: Verifier,
    after: AfterAnswer,
    pauses: Pauses,
}

impl<S, C, M> fmt::Debug for Rest<S, C, M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Rest")
    }
}

impl<S: Store, C: Sockets, M: Mailer + 'static> Rest<S, C, M> {
    /// `sockets` are those of the rooms. Rooms are told and mails are sent through `after`; without a courier mails wait.
    pub fn new(
        store: S,
        sockets: C,
        courier: Option<Courier<S, M>>,
        verifier: Verifier,
        rules: Rules,
        after: AfterAnswer,
    ) -> Self {
        let announcer = Announcer::new(store.clone(), sockets, Arc::new(FloodGuard::default()));
        let pauses: Pauses = Arc::new(|tries| Box::pin(retry::pause(tries)));
        Self { store, rules, announcer, courier: courier.map(Arc::new), verifier, after, pauses }
    }

    /// Waits so between tries, instead of by the clock.
    pub fn pausing(self, pauses: impl Fn(u32) -> BoxFuture<'static, ()> + Send + Sync + 'static) -> Self {
        Self { pauses: Arc::new(pauses), ..self }
    }

    pub(crate) async fn pause(&self, tries: u32) {
        (self.pauses)(tries).await;
    }

    /// Answers a request.
    pub async fn answer(&self, request: &Request) -> Response<Body> {
        match self.run(request).await {
            Ok(response) => response,
            Err(problem) => {
                tracing::debug!(code = problem.code(), "refused");
                Answer::from(problem).into()
            }
        }
    }

    async fn run(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let ask = &Ask::new(request)?;
        let operation = routes::chosen(&ROUTES, ask.route_key())
            .ok_or_else(|| routes::none_chosen(&ROUTES, request.raw_http_path()))?;
        match operation {
            Operation::UnsubscribePage => return unsubscribe::page(ask),
            Operation::Unsubscribe => return unsubscribe::unsubscribe(self, ask).await,
            _ => {}
        }
        let who = &self.verifier.verify(ask.token()?, ask.now).await?;
        let answer = match operation {
            Operation::ByEmail => by_email::by_email(self, ask, who).await,
            Operation::ByNetwork => by_network::by_network(self, ask, who).await,
            Operation::List => list::list(self, ask, who).await,
            Operation::Revoke => revoke::revoke(self, ask, who).await,
            Operation::Resend => resend::resend(self, ask, who).await,
            Operation::Preview => preview::preview(self, ask, who).await,
            Operation::Accept => accept::accept(self, ask, who).await,
            Operation::Decline => decline::decline(self, ask, who).await,
            Operation::UnsubscribePage | Operation::Unsubscribe => Err(Problem::Internal),
        };
        answer.map(Response::from)
    }

    /// The meeting in the path, if the caller may invite to it now.
    pub(crate) async fn meeting_to_invite_to(&self, id: &MeetingId, who: &Identity) -> Result<Meeting, Problem> {
        if who.impersonated_by.is_some() {
            return Err(Problem::Impersonated);
        }
        let meeting = self.store.meeting(id).await?.ok_or(Problem::MeetingNotFound)?;
        meeting.may_invite(&who.user_id)?;
        Ok(meeting)
    }

    /// Everything that the caller has proved of himself: in his token, and to the identity provider.
    pub(crate) async fn claimant(&self, who: &Identity) -> Result<Claimant, Problem> {
        let known = self.store.user(&who.user_id).await?;
        let (known_name, known_emails) = known.map(|known| (known.name, known.emails)).unwrap_or_default();
        let emails = address_of(who).into_iter().chain(known_emails).collect();
        let actor = Actor { user_id: who.user_id.clone(), name: who.name.clone().or(known_name) };
        Ok(Claimant { actor, emails })
    }

    /// Tells a room of a change, after the answer.
    pub(crate) fn tell(&self, room: MeetingId, entry: LogEntry, now: Timestamp) {
        let announcer = self.announcer.clone();
        self.after.defer(async move { announcer.changed_in(&room, &entry, now).await });
    }

    /// Sends mails, after the answer.
    pub(crate) fn send(&self, mails: Vec<MailId>, now: Timestamp) {
        let Some(courier) = self.courier.clone().filter(|_| !mails.is_empty()) else { return };
        self.after.defer(async move {
            courier.deliver(mails, now).await;
        });
    }
}

/// The verified address in the caller's token.
pub(crate) fn address_of(who: &Identity) -> Option<EmailAddress> {
    who.email.as_deref().and_then(|email| EmailAddress::new(email).ok())
}
