//! The AWS services of this process, for calls that come from within it.
//!
//! Table and sockets are called as they are: a role change in a room of ten makes fourteen calls, and finding their route
//! would be a twentieth of its time. Everything else takes its route.

use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
};
use futures::future::BoxFuture;
use http::{HeaderValue, Request, Response, StatusCode, header::CONTENT_TYPE};
use lambda_http::Service;
use percent_encoding::percent_decode_str;

use crate::{
    gateway::connections::{self, Caller, ConnectionsApi},
    invoke::attribution::{FUNCTION_HEADER, INVOCATION_HEADER, Services},
    table::{Table, WireAnswer, WireCall},
};

/// What there is.
pub(crate) struct OfThisProcess {
    pub(crate) table: Table,
    pub(crate) sockets: Option<Arc<ConnectionsApi>>,
    pub(crate) others: Router,
}

type Answer = Result<Response<Bytes>, BoxError>;

impl Services for OfThisProcess {
    fn answer(&self, request: Request<Bytes>) -> BoxFuture<'static, Answer> {
        if request.uri().path().starts_with("/_aws/dynamodb/") {
            return Box::pin(of_table(self.table.clone(), request));
        }
        if let Some(api) = &self.sockets
            && request.uri().path().starts_with("/_aws/connections/")
        {
            return Box::pin(of_sockets(Arc::clone(api), request));
        }
        Box::pin(of_route(self.others.clone(), request))
    }
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

async fn of_table(table: Table, request: Request<Bytes>) -> Answer {
    let call = WireCall {
        function: request.uri().path().trim_start_matches("/_aws/dynamodb/").trim_end_matches('/'),
        invocation: header(&request, INVOCATION_HEADER),
        target: header(&request, "x-amz-target").unwrap_or_default(),
        body: request.body(),
    };
    let WireAnswer { status, body } = table.answer(call).await;
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status)?;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
    Ok(response)
}

async fn of_sockets(api: Arc<ConnectionsApi>, request: Request<Bytes>) -> Answer {
    let caller = Caller {
        function: header(&request, FUNCTION_HEADER).map(str::to_owned),
        invocation: header(&request, INVOCATION_HEADER).map(str::to_owned),
    };
    let place = request.uri().path().trim_start_matches("/_aws/connections/");
    let (stage, id) = place.split_once("/@connections/").unwrap_or((place, ""));
    let id = percent_decode_str(id).decode_utf8_lossy();
    let answer = connections::answer(&api, &caller, request.method(), stage, &id, request.body().clone()).await;
    whole(answer).await
}

async fn of_route(mut routes: Router, request: Request<Bytes>) -> Answer {
    whole(routes.call(request.map(Body::from)).await.unwrap_or_else(|never| match never {})).await
}

async fn whole(response: Response<Body>) -> Answer {
    let (parts, body) = response.into_parts();
    Ok(Response::from_parts(parts, to_bytes(body, usize::MAX).await?))
}
