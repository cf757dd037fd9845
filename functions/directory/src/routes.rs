//! The one list of routes.

use dais_rest::Route;
use lambda_http::http::Method;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// The identity provider tells of a user.
    Webhook,
    /// The people whom the caller has met.
    Network,
}

/// All routes.
pub static ROUTES: [Route<Operation>; 2] = [
    Route::new(Method::POST, "/api/webhooks/users", Operation::Webhook),
    Route::new(Method::GET, "/api/network", Operation::Network),
];
