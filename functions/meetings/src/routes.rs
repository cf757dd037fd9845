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

/// What matched, with the segments that stood where the braces are, as they came.
#[derive(Debug, PartialEq, Eq)]
pub struct Matched<'a> {
    /// What is asked for.
    pub operation: Operation,
    /// Names and values of the segments in braces.
    pub segments: Vec<(&'static str, &'a str)>,
}

/// Finds the route of a request.
pub fn find<'a>(method: &Method, path: &'a str) -> Result<Matched<'a>, Problem> {
    let mut allowed: Vec<&str> = Vec::new();
    for Route { method: served, path: template, operation } in &ROUTES {
        let Some(segments) = segments(template, path) else { continue };
        if served == method {
            return Ok(Matched { operation: *operation, segments });
        }
        allowed.push(served.as_str());
    }
    if allowed.is_empty() {
        return Err(Problem::NoSuchAddress);
    }
    Err(Problem::MethodNotAllowed { allowed: allowed.join(", ") })
}

fn segments<'a>(template: &'static str, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    let mut found = Vec::new();
    loop {
        match (template.next(), path.next()) {
            (None, None) => return Some(found),
            (Some(wanted), Some(given)) => match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) if !given.is_empty() => found.push((name, given)),
                None if wanted == given => {}
                _ => return None,
            },
            _ => return None,
        }
    }
}
