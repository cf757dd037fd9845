//! The SDK configuration of in-process functions: every AWS call comes to this process and says which invocation made it.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    task::Poll,
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::body::SdkBody;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use axum::body::Bytes;
use futures::future::BoxFuture;

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
        .service_config(Endpoints { ses: format!("{origin}/_aws/ses/{function}") })
        .http_client(client.clone())
        .build()
}

/// Addresses of services that are not at the usual endpoint, as `AWS_ENDPOINT_URL_SESV2` would give them.
#[derive(Debug)]
struct Endpoints {
    ses: String,
}

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        (key.service_id() == "SESv2" && key.env() == "AWS_ENDPOINT_URL").then(|| self.ses.clone())
    }
}

/// The client of in-process functions. It marks requests, and hands those to this process over without a network between,
/// once it knows [`Doors`].
pub fn http_client(doors: &Doors) -> SharedHttpClient {
    SharedHttpClient::new(Marking { network: Builder::new().build_http(), doors: doors.clone() })
}

/// The services of this process: they answer what is addressed to `/_aws/` at any host.
pub trait Services: Send + Sync {
    /// Answers a request, which is marked with who makes it.
    fn answer(&self, request: http::Request<Bytes>) -> BoxFuture<'static, Result<http::Response<Bytes>, BoxError>>;
}

/// Where they can be reached from within.
#[derive(Clone, Default)]
pub struct Doors(Arc<OnceLock<Box<dyn Services>>>);

impl Doors {
    /// Opens them. The first call counts.
    pub fn open(&self, services: impl Services + 'static) {
        let _ = self.0.set(Box::new(services));
    }
}

impl fmt::Debug for Doors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Doors").field(&self.0.get().is_some()).finish()
    }
}

#[derive(Debug)]
struct Marking {
    network: SharedHttpClient,
    doors: Doors,
}

impl HttpClient for Marking {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let network = self.network.http_connector(settings, components);
        SharedHttpConnector::new(MarkingConnector { network, doors: self.doors.clone() })
    }
}

#[derive(Debug)]
struct MarkingConnector {
    network: SharedHttpConnector,
    doors: Doors,
}

impl HttpConnector for MarkingConnector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        if let Some(scope) = Scope::current() {
            request.headers_mut().insert(INVOCATION_HEADER, scope.id.clone());
            request.headers_mut().insert(FUNCTION_HEADER, scope.function.clone());
        }
        let Some(services) = self.doors.0.get() else { return self.network.call(request) };
        let Some(body) = request.body().bytes().map(Bytes::copy_from_slice) else { return self.network.call(request) };
        match request.try_into_http1x() {
            Ok(request) => HttpConnectorFuture::new(hand_over(services.answer(request.map(|_| body)))),
            Err(error) => HttpConnectorFuture::ready(Err(ConnectorError::other(error.into(), None))),
        }
    }
}

/// Waits for an answer. As over a network, what has been sent is done, whatever becomes of its sender.
async fn hand_over(
    mut answering: BoxFuture<'static, Result<http::Response<Bytes>, BoxError>>,
) -> Result<HttpResponse, ConnectorError> {
    let failed = |error: BoxError| ConnectorError::other(error, None);
    // Most calls are done when they are first looked at. A task of its own would cost the change of a thread.
    let answered = match futures::poll!(&mut answering) {
        Poll::Ready(answered) => answered,
        Poll::Pending => tokio::spawn(answering).await.map_err(|error| failed(error.into()))?,
    };
    HttpResponse::try_from(answered.map_err(failed)?.map(SdkBody::from)).map_err(|error| failed(error.into()))
}
