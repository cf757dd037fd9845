//! The functions of this project: the only file of the local cloud that knows them by name.

use std::{collections::BTreeMap, fmt, sync::Arc};

use aws_config::SdkConfig;
use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use dais_function::{AfterAnswer, Settings, SettingsError};
use lambda_runtime::LambdaEvent;

use crate::invoke::handler::{Handler, event_handler, http_handler};

type Maker = Box<dyn Fn(&Settings, &SdkConfig, AfterAnswer) -> Result<Handler, SettingsError> + Send + Sync>;

/// The code of functions by the name of their binary (`Metadata.BuildProperties.Binary`).
#[derive(Default)]
pub struct Catalogue {
    makers: BTreeMap<&'static str, Maker>,
}

impl Catalogue {
    /// The functions of this project.
    pub fn of_this_project() -> Self {
        Self::default()
            .with("meetings", |settings, aws, after| {
                let app = dais_meetings::App::new(settings, aws, after)?;
                Ok(http_handler(app, |app, request| async move { dais_meetings::handle(&app, request).await }))
            })
            .with("signaling", |settings, aws, after| {
                let app = dais_signaling::App::new(settings, aws, after)?;
                Ok(event_handler(app, |app, event| async move { dais_signaling::handle(&app, event).await }))
            })
            .with("directory", |settings, aws, after| {
                let app = dais_directory::App::new(settings, aws, after)?;
                Ok(http_handler(app, |app, request| async move { dais_directory::handle(&app, request).await }))
            })
            .with("invitations", |settings, aws, after| {
                let app = dais_invitations::App::new(settings, aws, after)?;
                Ok(http_handler(app, |app, request| async move { dais_invitations::handle(&app, request).await }))
            })
            .with("mailer", |settings, aws, after| {
                let app = dais_mailer::App::new(settings, aws, after)?;
                Ok(event_handler(app, |app, event| async move { dais_mailer::handle(&app, event).await }))
            })
            .with("heartbeat", |settings, aws, after| {
                let app = dais_heartbeat::App::new(settings, aws, after)?;
                Ok(event_handler(app, |app, event| async move { dais_heartbeat::handle(&app, event).await }))
            })
            .with("pages", |settings, aws, after| {
                let app = dais_pages::App::new(settings, aws, after)?;
                Ok(http_handler(app, |app, request| async move { dais_pages::handle(&app, request).await }))
            })
            .with("mail-feedback", |settings, aws, after| {
                let app = dais_mail_feedback::App::new(settings, aws, after)?;
                Ok(event_handler(app, |app, event| async move { dais_mail_feedback::handle(&app, event).await }))
            })
            .with("polling", |settings, aws, after| {
                let app = dais_polling::App::new(settings, aws, after)?;
                Ok(http_handler(app, |app, request| async move { dais_polling::handle(&app, request).await }))
            })
    }

    /// The same, with the echo that the public protocol test suites expect in the place of signaling.
    pub fn for_conformance() -> Self {
        Self::of_this_project().with("signaling", |settings, aws, after| {
            let engine = crate::conformance::engine(settings, aws, after)?;
            Ok(event_handler(engine, |engine, event: LambdaEvent<ApiGatewayWebsocketProxyRequest>| async move {
                Ok::<_, lambda_runtime::Error>(engine.handle(event.payload).await)
            }))
        })
    }

    /// Adds or replaces the code of a binary: `make` builds it for a function with these settings.
    #[must_use]
    pub fn with(
        mut self,
        binary: &'static str,
        make: impl Fn(&Settings, &SdkConfig, AfterAnswer) -> Result<Handler, SettingsError> + Send + Sync + 'static,
    ) -> Self {
        self.makers.insert(binary, Box::new(make));
        self
    }

    /// Builds the code of `binary`; None if there is none of that name.
    pub(crate) fn make(
        &self,
        binary: &str,
        settings: &Settings,
        aws: &SdkConfig,
    ) -> Option<Result<Handler, SettingsError>> {
        let after = AfterAnswer::with_spawner(Arc::new(crate::invoke::defer));
        self.makers.get(binary).map(|make| make(settings, aws, after))
    }
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.makers.keys()).finish()
    }
}
