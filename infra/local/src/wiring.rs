//! What connects the functions with the services of this process: addresses, code with its settings, grants.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
};

use axum::{body::Body, extract::Request};
use dais_function::Settings;
use http::header::HOST;

use crate::{
    functions::Catalogue,
    gateway::Gateway,
    identity_provider::{Deliver, IdentityProvider, Webhook},
    invoke::{
        attribution::{self, Doors},
        handler::Handler,
    },
    start::{REGION, StartError},
    table::{Access, Permit},
    template::{ACCOUNT, Function, Policies, Template},
};

/// Parameters whose defaults would be wrong on a laptop.
pub(crate) fn local_parameters(port: u16, identity: &IdentityProvider) -> BTreeMap<String, String> {
    [
        ("IdentityIssuer", identity.issuer().to_owned()),
        ("WebhookSecrets", identity.webhook_secret().to_owned()),
        ("IdentityAuthorizedParties", format!("http://127.0.0.1:{port},http://localhost:{port}")),
        ("AllowedOrigins", "http://localhost:*,http://127.0.0.1:*".to_owned()),
        ("AppOrigin", format!("http://127.0.0.1:{port}")),
        ("SignInUrl", "/_local/sign-in".to_owned()),
        ("MailSender", "invitations@dais.example".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// The addresses that mail may be sent from: the deployer's, as if he had verified it.
pub(crate) fn identities(template: &Template) -> BTreeSet<String> {
    template.parameters.get("MailSender").map(|sender| sender.to_lowercase()).into_iter().collect()
}

/// Address of the WebSocket API as the template spells it.
pub(crate) fn websocket_base(template: &Template) -> String {
    let api = template.websocket.as_ref().map_or("", |api| api.id.as_str());
    format!("https://{api}.execute-api.{REGION}.amazonaws.com")
}

/// The code of every function, with its settings.
pub(crate) fn handlers(
    catalogue: &Catalogue,
    template: &Template,
    origin: &str,
    doors: &Doors,
) -> Result<BTreeMap<String, Handler>, StartError> {
    let client = attribution::http_client(doors);
    let cloud = websocket_base(template);
    let here = format!("{origin}/_aws/connections");
    let make = |function: &Function| {
        let variables = function.environment.iter().map(|(name, value)| (name.clone(), value.replace(&cloud, &here)));
        let settings = Settings::from_map(variables.collect());
        let aws = attribution::sdk_config(&function.id, origin, REGION, &client);
        match catalogue.make(&function.binary, &settings, &aws) {
            None => Err(StartError::UnknownFunction { function: function.id.clone(), binary: function.binary.clone() }),
            Some(Err(source)) => Err(StartError::Settings { function: function.id.clone(), source }),
            Some(Ok(handler)) => Ok((function.id.clone(), handler)),
        }
    };
    template.functions.values().map(make).collect()
}

/// Grants on the table what the template's policies grant.
pub(crate) fn permit(policies: Policies) -> Permit {
    Arc::new(move |access: &Access<'_>| {
        let mut arn = format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{}", access.table);
        if let Some(index) = access.index {
            arn.push_str("/index/");
            arn.push_str(index);
        }
        policies.allow(access.function, &format!("dynamodb:{}", access.action), &arn)
    })
}

/// Where the identity provider sends its webhooks: in the cloud, what an administrator enters at Clerk.
const WEBHOOKS: &str = "/api/webhooks/users";

/// Whether a template takes webhooks about users.
pub(crate) fn takes_webhooks(template: &Template) -> bool {
    let routes = template.http.as_ref().map_or(&[][..], |api| api.routes.as_slice());
    routes.iter().any(|route| route.path.as_deref() == Some(WEBHOOKS))
}

/// Posts webhooks to the gateway, as from outside.
pub(crate) fn deliver(gateway: Arc<Gateway>, here: SocketAddr) -> Deliver {
    Arc::new(move |webhook: Webhook| {
        let gateway = Arc::clone(&gateway);
        Box::pin(async move {
            let request = webhook
                .headers
                .iter()
                .fold(Request::post(WEBHOOKS).header(HOST, here.to_string()), |request, (name, value)| {
                    request.header(*name, value)
                });
            match request.body(Body::from(webhook.body)) {
                Ok(request) => gateway.answer(request, here).await.status().as_u16(),
                Err(_) => 0,
            }
        })
    })
}
