//! The addresses that are not the product's: tools, the doors that functions use, and a page that lists them.

use std::time::Duration;

use axum::{
    Router,
    extract::Request,
    http::Method,
    middleware::{self, Next},
    response::Html,
    routing::get,
};
use tokio::time::timeout;

use crate::{
    chaos::{self, Chaos},
    clock::{self, Clock},
    identity_provider::{self, IdentityProvider},
    ledger::{self, Ledger},
    scheduler::Scheduler,
};

/// How long an advance of the clock waits for what it has made due.
const LONGEST_SETTLING: Duration = Duration::from_secs(5);

/// Everything under `/_local/`, and the page at `/`.
pub fn routes(clock: Clock, chaos: Chaos, ledger: Ledger, identity: IdentityProvider, scheduler: Scheduler) -> Router {
    let settling = middleware::from_fn(move |request: Request, next: Next| {
        let scheduler = scheduler.clone();
        async move {
            let advances = request.method() == Method::POST;
            let response = next.run(request).await;
            if advances {
                // A run that hangs is not the clock's affair.
                let _ = timeout(LONGEST_SETTLING, scheduler.settled()).await;
            }
            response
        }
    });
    Router::new()
        .route("/", get(|| async { Html(INDEX) }))
        .route("/_local", get(|| async { Html(INDEX) }))
        .route("/_local/", get(|| async { Html(INDEX) }))
        .merge(clock::routes(clock).layer(settling))
        .merge(chaos::routes(chaos))
        .merge(ledger::routes(ledger))
        .merge(identity_provider::routes(identity))
}

const INDEX: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Dais, local cloud</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}dt{margin-top:.8rem}code{background:#8882;padding:.1em .3em}</style>
<h1>Dais, local cloud</h1>
<p>One origin for the product and its tools. What is deployed runs here, from <code>template.yaml</code>.</p>
<h2>Product</h2>
<dl>
<dt><a href="/api/openapi.json"><code>/api/</code></a><dd>REST: meetings, roles, log. The description of it is at the link.
<dt><a href="/api/asyncapi.json"><code>/socket.io/</code></a><dd>Sockets: <code>io(location.origin, {auth: {token}})</code>. The description of all events is at the link.
</dl>
<h2>Tools</h2>
<dl>
<dt><a href="/_local/token?user=ada"><code>GET /_local/token?user=ada</code></a><dd>A session token as the identity provider signs it. Also <code>name email verified picture ttl azp</code>.
<dt><a href="/_local/sign-in"><code>GET /_local/sign-in?redirect_url=/</code></a>, <code>/_local/sign-out</code><dd>The page on which people sign in: the session is in the cookie <code>__session</code>, as Clerk's is.
<dt><a href="/_local/users"><code>GET</code></a>, <code>POST /_local/users</code><dd>The people who have signed in; changes send the provider's webhooks.
<dt><a href="/_local/.well-known/jwks.json"><code>GET /_local/.well-known/jwks.json</code></a><dd>The keys that verify the tokens.
<dt><a href="/_local/clock"><code>GET</code></a>, <code>POST /_local/clock {"advance": "2h"}</code><dd>The time of everything here.
<dt><a href="/_local/chaos"><code>GET</code></a>, <code>POST /_local/chaos {"killInvocations": 0.1}</code><dd>Faults: <code>lostDisconnects duplicateInvocations killInvocations delayInvocationsMs throttleTable conflictTable delayTableMs seed</code>. <code>{}</code> switches all off.
<dt><a href="/_local/media"><code>GET /_local/media</code></a>, <code>POST /_local/media/kill {"node": 1}</code><dd>The media nodes. One that is killed is started again after a second, as another one.
<dt><a href="/_local/outbox"><code>GET /_local/outbox</code></a>, <a href="/_local/outbox.json"><code>/_local/outbox.json</code></a>, <code>DELETE /_local/outbox</code><dd>The mails that were sent. Nothing leaves this machine.
<dt><code>POST /_local/mail {"next": "throttle"}</code><dd>What the next mail meets: <code>throttle reject</code>, <code>count</code> times.
<dt><code>POST /_local/mail/{messageId}/bounce</code>, <code>/complaint</code><dd>What the receiver's side would say, told as SES tells it.
<dt><a href="/_local/invocations"><code>GET</code></a>, <code>DELETE /_local/invocations</code><dd>What ran.
<dt><a href="/_local/calls"><code>GET</code></a>, <code>DELETE /_local/calls</code><dd>Which AWS calls it made, with capacity units.
</dl>
</html>
"#;
