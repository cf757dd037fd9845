//! Routes, and what is answered where there is none.

use lambda_http::http::Method;

use crate::Problem;

/// One route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route<O> {
    /// HTTP method.
    pub method: Method,
    /// Path; a segment in braces matches anything but nothing.
    pub path: &'static str,
    /// What it does.
    pub operation: O,
}

impl<O: Copy> Route<O> {
    /// One route.
    pub const fn new(method: Method, path: &'static str, operation: O) -> Self {
        Self { method, path, operation }
    }

    /// What API Gateway calls it (`requestContext.routeKey`).
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// The operation of the route that API Gateway has chosen.
///
/// Its choice counts, not the path as the event has it: that one is decoded and cut at an encoded `?`, so that one
/// address could pass for another.
pub fn chosen<O: Copy>(routes: &[Route<O>], key: &str) -> Option<O> {
    routes.iter().find(|route| route.key() == key).map(|route| route.operation)
}

/// Why API Gateway has chosen none of the routes.
pub fn none_chosen<O>(routes: &[Route<O>], path: &str) -> Problem {
    none_of(routes.iter().map(|route| (route.method.as_str(), route.path)), path)
}

/// Why API Gateway has chosen none of these methods and paths.
///
/// Of paths that fit, those with the fewest parameters count: `/invitations/email` is not the invitation `email`
/// (OpenAPI 3.1, section 4.8.8.1).
pub fn none_of<'a>(served: impl IntoIterator<Item = (&'a str, &'a str)>, path: &str) -> Problem {
    let fitting: Vec<(&str, &str)> = served.into_iter().filter(|(_, served)| fits(served, path)).collect();
    let fewest = fitting.iter().map(|(_, served)| parameters(served)).min();
    let allowed = fitting.iter().filter(|(_, served)| Some(parameters(served)) == fewest);
    let allowed: Vec<&str> = allowed.map(|(method, _)| *method).collect();
    if allowed.is_empty() {
        return Problem::NoSuchAddress;
    }
    Problem::MethodNotAllowed { allowed: allowed.join(", ") }
}

fn parameters(path: &str) -> usize {
    path.matches('{').count()
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
