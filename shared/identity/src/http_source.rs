//! Keys from `{issuer}/.well-known/jwks.json`.

use std::{net::IpAddr, sync::OnceLock, time::Duration};

use aws_smithy_http_client::{
    Connector,
    tls::{self, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::HttpConnector,
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::byte_stream::ByteStream;
use http::Uri;

use crate::{Fetch, KeySource, KeySourceError};

/// A sign-in waits for this at worst.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Bytes of the longest document that is read. A key has about 600.
const MAX_DOCUMENT_BYTES: usize = 150_000;

/// Fetches over HTTPS with the AWS SDK's own HTTP client, which is in the binary anyway.
pub struct HttpKeySource {
    url: String,
    is_plain: bool,
    /// Made at the first fetch: it reads the certificates of the system.
    connector: OnceLock<Connector>,
}

impl HttpKeySource {
    /// Keys of `issuer`, e.g. `https://clerk.example.com`. Plain `http://` is for an identity provider on this machine only.
    pub fn new(issuer: &str) -> Result<Self, KeySourceError> {
        let url = format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/'));
        let uri: Uri = url.parse().map_err(|_| KeySourceError::BadAddress)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(KeySourceError::BadAddress);
        };
        let is_plain = match scheme {
            "https" => false,
            "http" if is_loopback(authority.host()) => true,
            _ => return Err(KeySourceError::BadAddress),
        };
        if authority.as_str().contains('@') || url.contains(['?', '#']) {
            return Err(KeySourceError::BadAddress);
        }
        Ok(Self { url, is_plain, connector: OnceLock::new() })
    }

    fn connector(&self) -> &Connector {
        self.connector.get_or_init(|| {
            if self.is_plain {
                Connector::builder().build_http()
            } else {
                Connector::builder().tls_provider(tls::Provider::Rustls(CryptoMode::AwsLc)).build()
            }
        })
    }

    async fn get(&self) -> Result<Vec<u8>, KeySourceError> {
        let request = HttpRequest::get(&self.url).map_err(|_| KeySourceError::BadAddress)?;
        let response: HttpResponse = self
            .connector()
            .call(request)
            .await
            .map_err(|error| KeySourceError::Unreachable { reason: error.to_string() })?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(KeySourceError::Status { status });
        }
        let mut body = ByteStream::new(response.into_body());
        let mut document = Vec::new();
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| KeySourceError::Unreachable { reason: error.to_string() })?;
            if document.len() + chunk.len() > MAX_DOCUMENT_BYTES {
                return Err(KeySourceError::TooLong { limit: MAX_DOCUMENT_BYTES });
            }
            document.extend_from_slice(&chunk);
        }
        Ok(document)
    }
}

impl KeySource for HttpKeySource {
    fn fetch(&self) -> Fetch<'_> {
        Box::pin(async { tokio::time::timeout(TIMEOUT, self.get()).await.unwrap_or(Err(KeySourceError::TimedOut)) })
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
