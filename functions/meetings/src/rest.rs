//! From a request to its operation and back.

use std::{fmt, sync::Arc};

use dais_domain::{LogEntry, MeetingId, Timestamp};
use dais_function::AfterAnswer;
use dais_identity::{Identity, Verifier};
use dais_media_nodes::MediaPlane;
use dais_realtime::{Announcer, FloodGuard, Sockets};
use dais_rest::{Answer, Ask, Problem, routes};
use dais_store::Store;
use lambda_http::{Body, Request, RequestExt, Response};

use crate::{
    Operation, ROUTES, openapi,
    operations::{create, edit, end, list, log, participants, read, remove_host, service},
};

/// The operations, over any store and any sockets.
pub struct Rest<S, C> {
    pub(crate) store: S,
    pub(crate) announcer: Announcer<S, C>,
    pub(crate) media: Arc<dyn MediaPlane>,
    pub(crate) after: AfterAnswer,
    verifier: Verifier,
}

impl<S, C> fmt::Debug for Rest<S, C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Rest")
    }
}

impl<S: Store, C: Sockets> Rest<S, C> {
    /// `sockets` and `media` are those of the rooms, which are told of changes through `after`.
    pub fn new(store: S, sockets: C, media: Arc<dyn MediaPlane>, verifier: Verifier, after: AfterAnswer) -> Self {
        let announcer = Announcer::new(store.clone(), sockets, Arc::new(FloodGuard::default()));
        Self { store, announcer, media, after, verifier }
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
        let operation =
            routes::chosen(&ROUTES, ask.route_key()).ok_or_else(|| openapi::none_chosen(request.raw_http_path()))?;
        match operation {
            Operation::Health => return service::health().await,
            Operation::OpenApi => return service::openapi().await,
            Operation::AsyncApi => return service::asyncapi().await,
            _ => {}
        }
        let who = &self.verifier.verify(ask.token()?, ask.now).await?;
        match operation {
            Operation::Create => create::create(self, ask, who).await,
            Operation::List => list::list(self, ask, who).await,
            Operation::Read => read::read(self, ask, who).await,
            Operation::Edit => edit::edit(self, ask, who).await,
            Operation::End => end::end(self, ask, who).await,
            Operation::Participants => participants::participants(self, ask, who).await,
            Operation::RemoveHost => remove_host::remove_host(self, ask, who).await,
            Operation::Log => log::log(self, ask, who).await,
            Operation::OpenApi | Operation::AsyncApi | Operation::Health => Err(Problem::Internal),
        }
    }

    /// Tells the room of a change, after the answer.
    pub(crate) fn tell(&self, id: MeetingId, entry: LogEntry, now: Timestamp) {
        let (store, media, announcer) = (self.store.clone(), Arc::clone(&self.media), self.announcer.clone());
        self.after.defer(async move {
            dais_media_nodes::tell(&store, &*media, &announcer, &id, &entry, now).await;
        });
    }
}

/// Who acts, for the log.
pub(crate) fn log_action(action: &'static str, who: &Identity, id: &MeetingId) {
    let impersonated_by = who.impersonated_by.as_deref();
    tracing::info!(action, userId = %who.user_id, roomId = %id, impersonated_by, "📝 Meeting changed");
}
