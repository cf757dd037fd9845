//! The SDK configuration of in-process functions: every AWS call comes to this process and says which invocation made it.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};

use super::scope::Scope;

/// Header with the request id of the invocation that makes a call.
pub const INVOCATION_HEADER: &str = "x-dais-invocation";

/// Header with the logical id of the function that makes a call.
pub const FUNCTION_HEADER: &str = "x-dais-function";

/// Access key of everybody here; nothing checks it.
pub const ACCESS_KEY: &str = "AKIALOCALLOCALLOCAL0";

/// Secret key of everybody here; nothing checks it.
pub const SECRET_KEY: &str = "local";

/// The configuration for the function with the logical id `function`, in a process whose origin is `origin`.
pub fn sdk_config(function: &str, origin: &str, region: &str, client: &SharedHttpClient) -> SdkConfig {
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "dais-local");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(format!("{origin}/_aws/dynamodb/{function}"))
        .http_client(client.clone())
        .build()
}

/// A client for plain HTTP that marks its requests. One for all functions, so that they share its connections.
pub fn http_client() -> SharedHttpClient {
    SharedHttpClient::new(Marking(Builder::new().build_http()))
}

#[derive(Debug)]
struct Marking(SharedHttpClient);

impl HttpClient for Marking {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(MarkingConnector(self.0.http_connector(settings, components)))
    }
}

#[derive(Debug)]
struct MarkingConnector(SharedHttpConnector);

impl HttpConnector for MarkingConnector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        if let Some(scope) = Scope::current() {
            request.headers_mut().insert(INVOCATION_HEADER, scope.id.clone());
            request.headers_mut().insert(FUNCTION_HEADER, scope.function.clone());
        }
        self.0.call(request)
    }
}
