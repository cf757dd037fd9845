//! The whole file → [`Template`].

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde_json::{Map, Value};

use super::{
    HttpApi, Template, TemplateError,
    events::{self, Events, IMPLICIT_HTTP_API},
    functions,
    names::Names,
    parameters,
    policies::{self, Policies},
    resolve::{Resolver, intrinsic, text},
    websocket,
    yaml::{self, below},
};

/// Resources that change nothing on a laptop: the local origin takes the place of CloudFront, everybody may call
/// everything, logs go to the terminal, and nobody watches alarms.
const WITHOUT_EFFECT: [&str; 8] = [
    "AWS::ApiGatewayV2::",
    "AWS::CloudFront::",
    "AWS::CloudWatch::",
    "AWS::IAM::",
    "AWS::Lambda::Permission",
    "AWS::Logs::",
    "AWS::SES::ConfigurationSetEventDestination",
    "AWS::SQS::",
];

/// How a template is read: the values of its parameters and the region it pretends to be in.
#[derive(Debug, Clone)]
pub struct TemplateReader {
    /// Values of parameters that somebody has asked for. A name that the template does not have is an error.
    pub given: BTreeMap<String, String>,
    /// Values that replace the template's defaults here.
    pub fallbacks: BTreeMap<String, String>,
    /// `AWS::Region`.
    pub region: String,
}

impl TemplateReader {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// A sentence that names what cannot be read, found or understood.
    pub fn read(&self, path: &Path) -> Result<Template, TemplateError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| TemplateError::Read { path: path.to_owned(), source })?;
        self.parse(&text)
    }

    /// Reads the text of a template.
    ///
    /// # Errors
    /// As [`TemplateReader::read`].
    pub fn parse(&self, text: &str) -> Result<Template, TemplateError> {
        let document = yaml::parse(text)?;
        let nothing = Map::new();
        let section = |name: &str| document.get(name).and_then(Value::as_object).unwrap_or(&nothing);
        let resources = section("Resources");
        let parameters = parameters::values(section("Parameters"), &self.given, &self.fallbacks)?;
        let resolver = Resolver {
            parameters,
            conditions: section("Conditions"),
            mappings: section("Mappings"),
            names: Names { resources, region: &self.region },
        };
        let reading = Reading { resolver: &resolver, globals: section("Globals") };
        let template = reading.template(resources)?;
        resolver.resolve(document.get("Outputs").unwrap_or(&Value::Null), "Outputs")?;
        Ok(template)
    }
}

struct Reading<'a> {
    resolver: &'a Resolver<'a>,
    globals: &'a Map<String, Value>,
}

impl Reading<'_> {
    fn template(&self, resources: &Map<String, Value>) -> Result<Template, TemplateError> {
        let mut functions = BTreeMap::new();
        let mut events = Events::default();
        let mut tables = Vec::new();
        let mut configuration_sets = BTreeSet::new();
        let mut apis: BTreeMap<String, HttpApi> = BTreeMap::new();
        let mut websockets = Vec::new();
        let mut answering = BTreeSet::new();
        let mut policies = Policies::default();
        let mut roles = BTreeMap::new();
        let mut wanted_roles = Vec::new();
        for (id, resource) in resources {
            if let Some(condition) = resource.get("Condition").and_then(Value::as_str)
                && !self.resolver.holds(condition, &format!("Resources.{id}.Condition"))?
            {
                continue;
            }
            let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
            let path = format!("Resources.{id}.Properties");
            let properties = self.properties(resource, global_section(kind), &path)?;
            match kind {
                "AWS::Serverless::Function" => {
                    if let Some(listed) = properties.get("Events").and_then(Value::as_object) {
                        events.add(id, listed, &below(&path, "Events"))?;
                    }
                    policies.grant(id, policies::statements(&properties, &path)?);
                    if let Some(role) = properties.get("Role").and_then(Value::as_str) {
                        wanted_roles.push((id.as_str(), role.rsplit(':').next().unwrap_or_default().to_owned()));
                    }
                    functions.insert(id.clone(), functions::function(id, resource, &properties, &path)?);
                }
                "AWS::Serverless::HttpApi" => {
                    apis.insert(id.clone(), http_api(id, &properties, &path)?);
                }
                "AWS::Serverless::WebSocketApi" => websockets.push((id, properties, path)),
                "AWS::ApiGatewayV2::RouteResponse" => {
                    answering.insert(websocket::answering_route(&properties, &path)?);
                }
                "AWS::DynamoDB::Table" => {
                    let mut table = properties;
                    table.insert("TableName".to_owned(), self.resolver.names.reference(id, &path)?);
                    tables.push(Value::Object(table));
                }
                "AWS::SES::ConfigurationSet" => {
                    configuration_sets.insert(text(&self.resolver.names.reference(id, &path)?));
                }
                "AWS::IAM::Role" => {
                    roles.insert(id.as_str(), policies::statements(&properties, &path)?);
                }
                _ if WITHOUT_EFFECT.iter().any(|known| kind.starts_with(known)) => {}
                _ => return Err(TemplateError::UnknownResource { id: id.clone(), kind: kind.to_owned() }),
            }
        }
        for (function, role) in wanted_roles {
            let statements = roles.get(role.as_str()).cloned();
            let path = format!("Resources.{function}.Properties.Role");
            policies.grant(function, statements.ok_or_else(|| unknown(&path, &role))?);
        }
        for (api, route) in events.routes {
            if api == IMPLICIT_HTTP_API && !apis.contains_key(&api) {
                let properties = self.properties(&Value::Null, "HttpApi", "Globals.HttpApi")?;
                apis.insert(api.clone(), http_api(&api, &properties, "Globals.HttpApi")?);
            }
            let found = apis.get_mut(&api);
            found
                .ok_or_else(|| unknown(&format!("Resources.{}.Properties.Events", route.function), &api))?
                .routes
                .push(route);
        }
        let websocket = match websockets.as_slice() {
            [] => None,
            [(id, properties, path)] => Some(websocket::api(id, properties, &answering, path)?),
            [_, (second, ..), ..] => return Err(only_one(second)),
        };
        for (key, route) in websocket.iter().flat_map(|api| &api.routes) {
            if !functions.contains_key(&route.function) {
                return Err(unknown(&format!("the route {key} of the WebSocket API"), &route.function));
            }
        }
        if let Some(second) = apis.keys().nth(1) {
            return Err(only_one(second));
        }
        Ok(Template {
            functions,
            http: apis.into_values().next(),
            websocket,
            schedules: events.schedules,
            rules: events.rules,
            tables,
            configuration_sets,
            policies,
            parameters: self.resolver.parameters.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        })
    }

    /// The properties of a resource over those that `Globals` gives its kind, resolved.
    fn properties(&self, resource: &Value, section: &str, path: &str) -> Result<Map<String, Value>, TemplateError> {
        let mut merged = self.globals.get(section).cloned().unwrap_or_else(|| Value::Object(Map::new()));
        if let Some(properties) = resource.get("Properties") {
            merge(&mut merged, properties);
        }
        match self.resolver.resolve(&merged, path)? {
            Some(Value::Object(properties)) => Ok(properties),
            _ => Err(TemplateError::invalid(path, "it is not a map")),
        }
    }
}

/// The section of `Globals` that applies to a type of resource.
fn global_section(kind: &str) -> &'static str {
    match kind {
        "AWS::Serverless::Function" => "Function",
        "AWS::Serverless::HttpApi" => "HttpApi",
        "AWS::Serverless::WebSocketApi" => "WebSocketApi",
        _ => "",
    }
}

/// Maps are merged, lists are joined, everything else is replaced: the rule of SAM's `Globals`.
fn merge(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) if intrinsic(base).is_none() && intrinsic(over).is_none() => {
            for (key, value) in over {
                match base.get_mut(key) {
                    Some(existing) => merge(existing, value),
                    None => {
                        base.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(base), Value::Array(over)) => base.extend(over.iter().cloned()),
        (base, over) => *base = over.clone(),
    }
}

fn http_api(id: &str, properties: &Map<String, Value>, path: &str) -> Result<HttpApi, TemplateError> {
    for unsupported in ["Auth", "DefinitionBody", "DefinitionUri"] {
        if properties.contains_key(unsupported) {
            return Err(TemplateError::invalid(
                below(path, unsupported),
                "the local cloud does not know this property",
            ));
        }
    }
    let cors = match properties.get("CorsConfiguration") {
        None => None,
        Some(configuration) => events::cors(configuration, &below(path, "CorsConfiguration"))?,
    };
    Ok(HttpApi { id: id.to_owned(), routes: Vec::new(), cors, throttle: events::throttle(properties, path)? })
}

fn unknown(path: &str, name: &str) -> TemplateError {
    TemplateError::UnknownReference { path: path.to_owned(), name: name.to_owned() }
}

fn only_one(second: &str) -> TemplateError {
    TemplateError::invalid(format!("Resources.{second}"), "the local cloud has one origin, so one API of a kind")
}
