//! Why a template cannot be run.

use std::path::PathBuf;

/// The local cloud does not start: each variant is a sentence that names the place in the template to look at.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file cannot be read: give its path with `TEMPLATE`.
    #[error("cannot read the template {path}: {source}; set TEMPLATE to its path")]
    Read {
        /// The path that was tried.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The file is not YAML: correct it.
    #[error("the template is not YAML: {0}")]
    Yaml(#[from] serde_yaml_ng::Error),
    /// A resource of a type that the local cloud knows nothing about: teach it, or leave the resource out.
    #[error("the resource {id} has the type {kind}, which the local cloud does not know")]
    UnknownResource {
        /// Logical id.
        id: String,
        /// `Type` of the resource.
        kind: String,
    },
    /// A function with an event source that the local cloud cannot play.
    #[error("the event {event} of the function {function} has the type {kind}, which the local cloud does not know")]
    UnknownEvent {
        /// Logical id of the function.
        function: String,
        /// Name of the event in the function's `Events`.
        event: String,
        /// `Type` of the event.
        kind: String,
    },
    /// An intrinsic function that the local cloud cannot resolve.
    #[error("{path} uses the intrinsic {name}, which the local cloud does not know")]
    UnknownIntrinsic {
        /// Where, from the root of the template: `Resources.Table.Properties.TableName`.
        path: String,
        /// Its name as written.
        name: String,
    },
    /// A reference to something that is not in the template.
    #[error("{path} refers to {name}, which is not in the template")]
    UnknownReference {
        /// Where, from the root of the template.
        path: String,
        /// The name that nothing has.
        name: String,
    },
    /// Something needed is absent.
    #[error("{path} is missing: {why}")]
    Missing {
        /// Where, from the root of the template.
        path: String,
        /// What it is needed for.
        why: &'static str,
    },
    /// Something has a form that the local cloud cannot use.
    #[error("{path} cannot be used: {reason}")]
    Invalid {
        /// Where, from the root of the template.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A parameter was given that the template does not have.
    #[error("the template has no parameter {name}")]
    UnknownParameter {
        /// The name that was given.
        name: String,
    },
    /// A parameter has neither a default nor a value.
    #[error("the parameter {name} has no default: give it with --parameter {name}=…")]
    ParameterWithoutValue {
        /// Its name.
        name: String,
    },
    /// A parameter has a value that its `AllowedValues` do not contain.
    #[error("the parameter {name} must be one of {allowed}")]
    ParameterNotAllowed {
        /// Its name.
        name: String,
        /// The values it may have, comma separated.
        allowed: String,
    },
}

impl TemplateError {
    /// [`TemplateError::Invalid`] from its parts.
    pub(crate) fn invalid(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid { path: path.into(), reason: reason.into() }
    }
}
