//! What connects the functions with the services of this process: addresses, code with its settings, grants.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use dais_function::Settings;

use crate::{
    functions::Catalogue,
    invoke::{
        attribution::{self, Doors},
        handler::Handler,
    },
    start::{REGION, StartError},
    table::{Access, Permit},
    template::{ACCOUNT, Function, Policies, Template},
};

/// Parameters whose defaults would be wrong on a laptop.
pub(crate) fn local_parameters(port: u16, issuer: &str) -> BTreeMap<String, String> {
    [
        ("IdentityIssuer", issuer.to_owned()),
        ("IdentityAuthorizedParties", format!("http://127.0.0.1:{port},http://localhost:{port}")),
        ("AllowedOrigins", "http://localhost:*,http://127.0.0.1:*".to_owned()),
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
