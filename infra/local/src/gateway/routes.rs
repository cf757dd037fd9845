//! Which route of the HTTP API a request takes.
//!
//! The most specific wins: a fixed segment over a `{parameter}`, that over a greedy `{rest+}`, that over `$default`; and
//! among equal paths a method over `ANY`.

use std::collections::BTreeMap;

use http::Method;

use crate::template::HttpRoute;

use super::query::decode;

/// The routes, ready to be asked.
#[derive(Debug)]
pub(super) struct Routes {
    routes: Vec<Route>,
}

#[derive(Debug)]
struct Route {
    /// `GET /api/meetings/{id}`, `ANY /api/{proxy+}`, `$default`.
    key: String,
    method: Option<Method>,
    segments: Option<Vec<Segment>>,
    function: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Fixed(String),
    Parameter(String),
    Greedy(String),
}

/// The route that a request takes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Match<'a> {
    /// Its key.
    pub(super) key: &'a str,
    /// Logical id of its function.
    pub(super) function: &'a str,
    /// Path parameters, decoded.
    pub(super) parameters: BTreeMap<String, String>,
}

impl Routes {
    pub(super) fn new(routes: &[HttpRoute]) -> Self {
        Self { routes: routes.iter().map(Route::new).collect() }
    }

    /// Keys of all routes.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.routes.iter().map(|route| route.key.as_str())
    }

    /// The route of a request with this method and path, as it came, percent-encoded.
    pub(super) fn find(&self, method: &Method, path: &str) -> Option<Match<'_>> {
        let given: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        self.routes
            .iter()
            .filter(|route| route.method.as_ref().is_none_or(|wanted| wanted == method))
            .filter_map(|route| {
                let (rank, parameters) = route.matches(&given)?;
                Some(((rank, route.method.is_none()), route, parameters))
            })
            .min_by(|(one, ..), (other, ..)| one.cmp(other))
            .map(|(_, route, parameters)| Match { key: &route.key, function: &route.function, parameters })
    }
}

impl Route {
    fn new(route: &HttpRoute) -> Self {
        let method = route.method.as_ref().map_or("ANY", Method::as_str);
        let segments = route.path.as_ref().map(|path| {
            let path = path.strip_prefix('/').unwrap_or(path);
            path.split('/').map(Segment::new).collect()
        });
        Self {
            key: route.path.as_ref().map_or_else(|| "$default".to_owned(), |path| format!("{method} {path}")),
            method: route.method.clone(),
            segments,
            function: route.function.clone(),
        }
    }

    /// How specific the match is, smaller is more, segment by segment; and the parameters.
    fn matches(&self, given: &[&str]) -> Option<(Vec<u8>, BTreeMap<String, String>)> {
        let mut parameters = BTreeMap::new();
        let Some(segments) = &self.segments else { return Some((vec![3], parameters)) };
        let mut rank = Vec::with_capacity(segments.len());
        for (index, segment) in segments.iter().enumerate() {
            let part = *given.get(index)?;
            match segment {
                Segment::Fixed(text) if *text == decode(part) => rank.push(0),
                Segment::Parameter(name) if !part.is_empty() => {
                    parameters.insert(name.clone(), decode(part));
                    rank.push(1);
                }
                Segment::Greedy(name) => {
                    parameters.insert(name.clone(), decode(&given.get(index..)?.join("/")));
                    rank.push(2);
                    return Some((rank, parameters));
                }
                _ => return None,
            }
        }
        (segments.len() == given.len()).then_some((rank, parameters))
    }
}

impl Segment {
    fn new(text: &str) -> Self {
        match text.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) {
            Some(name) => match name.strip_suffix('+') {
                Some(name) => Self::Greedy(name.to_owned()),
                None => Self::Parameter(name.to_owned()),
            },
            None => Self::Fixed(text.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn routes() -> Routes {
        let route = |method: Option<Method>, path: Option<&str>| HttpRoute {
            method,
            path: path.map(str::to_owned),
            function: "F".to_owned(),
        };
        Routes::new(&[
            route(None, Some("/api/{proxy+}")),
            route(Some(Method::GET), Some("/api/meetings/{id}")),
            route(Some(Method::GET), Some("/api/meetings/mine")),
            route(None, Some("/api/meetings/{id}")),
            route(Some(Method::POST), Some("/socket.io")),
        ])
    }

    #[test]
    fn the_most_specific_route_wins() {
        let routes = routes();
        for (method, path, expected) in [
            (Method::GET, "/api/meetings/mine", Some("GET /api/meetings/mine")),
            (Method::GET, "/api/meetings/abc", Some("GET /api/meetings/{id}")),
            (Method::PUT, "/api/meetings/abc", Some("ANY /api/meetings/{id}")),
            (Method::GET, "/api/meetings/abc/log", Some("ANY /api/{proxy+}")),
            (Method::GET, "/api/meetings/", Some("ANY /api/{proxy+}")),
            (Method::GET, "/api", None),
            (Method::GET, "/socket.io", None),
            (Method::POST, "/socket.io/", None),
            (Method::GET, "/", None),
        ] {
            assert_eq!(routes.find(&method, path).map(|found| found.key), expected, "{method} {path}");
        }
    }

    #[test]
    fn parameters_are_decoded_after_the_path_was_taken_apart() {
        let routes = routes();
        let found = routes.find(&Method::GET, "/api/meetings/a%2Fb%20c").unwrap();
        assert_eq!((found.key, found.parameters["id"].as_str()), ("GET /api/meetings/{id}", "a/b c"));
        let found = routes.find(&Method::GET, "/api/a/b%3F").unwrap();
        assert_eq!(found.parameters["proxy"], "a/b?");
    }
}
