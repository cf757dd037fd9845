//! The one list of routes. The document at `/api/openapi.json` must say the same, and a test holds it to that.

use dais_rest::Route;
use lambda_http::http::Method;

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
    /// The description of the socket.
    AsyncApi,
    /// Whether the function runs.
    Health,
}

/// All routes.
pub static ROUTES: [Route<Operation>; 12] = [
    Route::new(Method::POST, "/api/meetings", Operation::Create),
    Route::new(Method::GET, "/api/meetings", Operation::List),
    Route::new(Method::GET, "/api/meetings/{id}", Operation::Read),
    Route::new(Method::PATCH, "/api/meetings/{id}", Operation::Edit),
    Route::new(Method::DELETE, "/api/meetings/{id}", Operation::End),
    Route::new(Method::POST, "/api/meetings/{id}/end", Operation::End),
    Route::new(Method::GET, "/api/meetings/{id}/participants", Operation::Participants),
    Route::new(Method::DELETE, "/api/meetings/{id}/hosts/{userId}", Operation::RemoveHost),
    Route::new(Method::GET, "/api/meetings/{id}/log", Operation::Log),
    Route::new(Method::GET, "/api/openapi.json", Operation::OpenApi),
    Route::new(Method::GET, "/api/asyncapi.json", Operation::AsyncApi),
    Route::new(Method::GET, "/api/health", Operation::Health),
];
