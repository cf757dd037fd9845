//! The one list of routes. The document at `/api/openapi.json` must say the same, and a test holds it to that.

use lambda_http::http::Method;

use crate::Problem;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A new meeting.
    Create,
    /// One's own meetings.
    List,
    /// One meeting.
    Read,
    /// A change of description, start or policy.
    Edit,
    /// The end for all.
    End,
    /// Who is in the room.
    Participants,
    /// A host who is one no more.
    RemoveHost,
    /// The audit trail.
    Log,
    /// The description of this API.
    OpenApi,
    /// Whether the function runs.
    Health,
}

/// One route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// HTTP method.
    pub method: Method,
    /// Path; a segment in braces matches anything but nothing.
    pub path: &'static str,
    /// What it does.
    pub operation: Operation,
}

const fn route(method: Method, path: &'static str, operation: Operation) -> Route {
    Route { method, path, operation }
}

/// All routes.
pub static ROUTES: [Route; 11] = [
    route(Method::POST, "/api/meetings", Operation::Create),
    route(Method::GET, "/api/meetings", Operation::List),
    route(Method::GET, "/api/meetings/{id}", Operation::Read),
    route(Method::PATCH, "/api/meetings/{id}", Operation::Edit),
    route(Method::DELETE, "/api/meetings/{id}", Operation::End),
    route(Method::POST, "/api/meetings/{id}/end", Operation::End),
    route(Method::GET, "/api/meetings/{id}/participants", Operation::Participants),
    route(Method::DELETE, "/api/meetings/{id}/hosts/{userId}", Operation::RemoveHost),
    route(Method::GET, "/api/meetings/{id}/log", Operation::Log),
    route(Method::GET, "/api/openapi.json", Operation::OpenApi),
    route(Method::GET, "/api/health", Operation::Health),
];

impl Route {
    /// What API Gateway calls it (`requestContext.routeKey`).
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// The operation of the route that API Gateway has chosen.
///
/// Its choice counts, not the path as the event has it: that one is decoded and cut at an encoded `?`, so that one
/// address could pass for another.
pub fn chosen(key: &str) -> Option<Operation> {
    ROUTES.iter().find(|route| route.key() == key).map(|route| route.operation)
}

/// Why API Gateway has chosen none of the routes.
pub fn none_chosen(path: &str) -> Problem {
    let served = ROUTES.iter().filter(|route| fits(route.path, path));
    let allowed: Vec<&str> = served.map(|route| route.method.as_str()).collect();
    if allowed.is_empty() {
        return Problem::NoSuchAddress;
    }
    Problem::MethodNotAllowed { allowed: allowed.join(", ") }
}

fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given || (wanted.starts_with('{') && !given.is_empty()) => {}
            _ => return false,
        }
    }
}
