//! What a resource is called when another one refers to it.
//!
//! Nothing is deployed, so the names are made up: a logical id stands for itself, and an ARN ends in it.

use serde_json::{Map, Value};

use super::TemplateError;

/// The account that ARNs of the local cloud name.
pub const ACCOUNT: &str = "000000000000";

/// The resources of the template, by logical id, and where they pretend to be.
pub(super) struct Names<'a> {
    pub(super) resources: &'a Map<String, Value>,
    pub(super) region: &'a str,
}

impl Names<'_> {
    /// What `Ref` gives for a pseudo parameter or a resource.
    pub(super) fn reference(&self, name: &str, path: &str) -> Result<Value, TemplateError> {
        let value = match name {
            "AWS::Region" => self.region.to_owned(),
            "AWS::AccountId" => ACCOUNT.to_owned(),
            "AWS::Partition" => "aws".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            "AWS::StackName" => "dais-local".to_owned(),
            "AWS::StackId" => format!("arn:aws:cloudformation:{}:{ACCOUNT}:stack/dais-local/local", self.region),
            _ if self.resources.contains_key(name) => {
                let properties = self.resources.get(name).and_then(|resource| resource.get("Properties"));
                let table = properties.and_then(|properties| properties.get("TableName")).and_then(Value::as_str);
                table.unwrap_or(name).to_owned()
            }
            _ => self.generated(name, path)?,
        };
        Ok(Value::String(value))
    }

    /// What `Fn::GetAtt` gives.
    pub(super) fn attribute(&self, resource: &str, attribute: &str, path: &str) -> Result<Value, TemplateError> {
        let kind = self.resources.get(resource).and_then(|found| found.get("Type")).and_then(Value::as_str);
        if kind.is_none() {
            self.generated(resource, path)?;
        }
        let region = self.region;
        let value = match (kind.unwrap_or_default(), attribute) {
            ("AWS::Serverless::Function", "Arn") => format!("arn:aws:lambda:{region}:{ACCOUNT}:function:{resource}"),
            ("AWS::DynamoDB::Table", "Arn") => format!("arn:aws:dynamodb:{region}:{ACCOUNT}:table/{resource}"),
            ("AWS::Serverless::HttpApi" | "AWS::Serverless::WebSocketApi", "ApiId") => resource.to_owned(),
            ("AWS::Serverless::HttpApi", "ApiEndpoint") => format!("https://{}", self.api_host(resource)),
            ("AWS::Serverless::WebSocketApi", "ApiEndpoint") => format!("wss://{}", self.api_host(resource)),
            (_, "Arn") => format!("arn:aws:local:{region}:{ACCOUNT}:{resource}"),
            _ => format!("{resource}.{attribute}"),
        };
        Ok(Value::String(value))
    }

    /// The host name that an API would have in the cloud.
    pub(super) fn api_host(&self, api: &str) -> String {
        format!("{api}.execute-api.{}.amazonaws.com", self.region)
    }

    /// A resource that the SAM transform makes: `<api><Key>Route`, `<api>DefaultStage`, `<function>Role`, `<function>.Alias`.
    fn generated(&self, name: &str, path: &str) -> Result<String, TemplateError> {
        let made = self.resources.keys().any(|id| {
            name.strip_prefix(id.as_str()).is_some_and(|rest| {
                rest.ends_with("Route")
                    || rest.ends_with("Stage")
                    || rest == "Role"
                    || rest == ".Alias"
                    || rest == ".Version"
            })
        });
        if made {
            Ok(name.to_owned())
        } else {
            Err(TemplateError::UnknownReference { path: path.to_owned(), name: name.to_owned() })
        }
    }
}

/// The logical id of the function that an ARN, made here, names.
pub(super) fn function_of_arn(arn: &str) -> Option<&str> {
    match arn.strip_suffix(".Alias") {
        Some(function) => Some(function),
        None => arn.split(':').nth(6),
    }
}
