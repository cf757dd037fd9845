//! From a request to its operation and back.

use std::{fmt, sync::Arc};

use dais_domain::{LogEntry, MeetingId, Timestamp};
use dais_function::AfterAnswer;
use dais_identity::{Identity, Verifier};
use dais_media_nodes::MediaPlane;
use dais_realtime::{Announcer, FloodGuard, Sockets};
use dais_rest::{Answer, Ask, Problem, routes};
use dais_store::{KnownUser, Store};
use lambda_http::{Body, Request, RequestExt, Response};

use crate::{Operation, ROUTES, network, signature::Secrets, webhook};

/// The operations, over any store and any sockets.
pub struct Rest<S, C> {
    pub(crate) store: S,
    pub(crate) secrets: Secrets,
    announcer: Announcer<S, C>,
    media: Arc<dyn MediaPlane>,
    after: AfterAnswer,
    verifier: Verifier,
}

impl<S, C> fmt::Debug for Rest<S, C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Rest")
    }
}

impl<S: Store, C: Sockets> Rest<S, C> {
    /// `secrets` are the provider's; `sockets` and `media` are those of the rooms, which are told through `after` who is host no more.
    pub fn new(
        store: S,
        sockets: C,
        media: Arc<dyn MediaPlane>,
        verifier: Verifier,
        secrets: Secrets,
        after: AfterAnswer,
    ) -> Self {
        let announcer = Announcer::new(store.clone(), sockets, Arc::new(FloodGuard::default()));
        Self { store, secrets, announcer, media, after, verifier }
    }

    /// Answers a request.
    pub async fn answer(&self, request: &Request) -> Response<Body> {
        let answer = self.run(request).await.unwrap_or_else(|problem| {
            tracing::debug!(code = problem.code(), "refused");
            problem.into()
        });
        answer.into()
    }

    async fn run(&self, request: &Request) -> Result<Answer, Problem> {
        let ask = &Ask::new(request)?;
        let operation = routes::chosen(&ROUTES, ask.route_key())
            .ok_or_else(|| routes::none_chosen(&ROUTES, request.raw_http_path()))?;
        match operation {
            Operation::Webhook => webhook::take(self, ask, request).await,
            Operation::Network => {
                let who = self.verifier.verify(ask.token()?, ask.now).await?;
                let answer = network::network(self, ask, &who).await?;
                self.introduce(who, ask.now);
                Ok(answer)
            }
        }
    }

    /// Learns, after the answer, whom nobody has announced.
    fn introduce(&self, who: Identity, now: Timestamp) {
        if who.impersonated_by.is_some() {
            return;
        }
        let store = self.store.clone();
        self.after.defer(async move {
            let news = KnownUser::by_token(who.user_id, who.name, who.image_url, who.email.as_deref(), now);
            if let Err(error) = store.learn(&news).await {
                tracing::warn!(userId = %news.id, %error, "a user was not learned from his token");
            }
        });
    }

    /// Tells the room of a change, after the answer.
    pub(crate) fn tell(&self, id: MeetingId, entry: LogEntry, now: Timestamp) {
        let (store, media, announcer) = (self.store.clone(), Arc::clone(&self.media), self.announcer.clone());
        self.after.defer(async move {
            dais_media_nodes::tell(&store, &*media, &announcer, &id, &entry, now).await;
        });
    }
}
