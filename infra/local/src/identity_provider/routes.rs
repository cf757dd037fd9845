//! `/_local/token`, `/_local/users`, `/_local/.well-known/jwks.json`, and the page to sign in.

use axum::{
    Router,
    body::Bytes,
    extract::{Query, State, rejection::QueryRejection},
    middleware,
    response::Response,
    routing::get,
};
use serde_json::json;

use super::{IdentityProvider, TokenParameters, UserChange, sign_in};
use crate::answer;

/// The provider's addresses. A mistake is answered 400 with a sentence.
pub fn routes(provider: IdentityProvider) -> Router {
    Router::new()
        .route("/_local/.well-known/jwks.json", get(jwks))
        .route("/_local/token", get(token))
        .route("/_local/users", get(users).post(change_user))
        .layer(middleware::from_fn(answer::readable_anywhere))
        .with_state(provider.clone())
        .merge(sign_in::routes(provider))
}

async fn jwks(State(provider): State<IdentityProvider>) -> Response {
    answer::json(&provider.jwks())
}

async fn token(
    State(provider): State<IdentityProvider>,
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Response {
    let parameters =
        query.map_err(|rejection| rejection.body_text()).and_then(|Query(query)| TokenParameters::from_query(query));
    match parameters.and_then(|parameters| provider.token(&parameters)) {
        Ok(token) => answer::json(&token),
        Err(sentence) => answer::bad_request(&sentence),
    }
}

async fn users(State(provider): State<IdentityProvider>) -> Response {
    answer::json(&json!({ "users": provider.users() }))
}

async fn change_user(State(provider): State<IdentityProvider>, body: Bytes) -> Response {
    match UserChange::from_json(&body).and_then(|change| provider.change_user(&change)) {
        Ok(user) => answer::json(&user),
        Err(sentence) => answer::bad_request(&sentence),
    }
}
