//! The one list of routes. The document must say the same, and a test holds it to that.

use dais_rest::Route;
use lambda_http::http::Method;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Invite addresses.
    ByEmail,
    /// Invite people of one's network.
    ByNetwork,
    /// Who is invited to a meeting.
    List,
    /// Take one back.
    Revoke,
    /// Send one again.
    Resend,
    /// Look at one that one holds.
    Preview,
    /// Become host or co-host.
    Accept,
    /// Say no.
    Decline,
    /// A page with a button that stops mails.
    UnsubscribePage,
    /// Stop mails.
    Unsubscribe,
}

/// All routes.
pub static ROUTES: [Route<Operation>; 10] = [
    Route::new(Method::POST, "/api/meetings/{id}/host-invitations/email", Operation::ByEmail),
    Route::new(Method::POST, "/api/meetings/{id}/host-invitations/network", Operation::ByNetwork),
    Route::new(Method::GET, "/api/meetings/{id}/host-invitations", Operation::List),
    Route::new(Method::DELETE, "/api/meetings/{id}/host-invitations/{invitationId}", Operation::Revoke),
    Route::new(Method::POST, "/api/meetings/{id}/host-invitations/{invitationId}/resend", Operation::Resend),
    Route::new(Method::POST, "/api/host-invitations/preview", Operation::Preview),
    Route::new(Method::POST, "/api/host-invitations/accept", Operation::Accept),
    Route::new(Method::POST, "/api/host-invitations/decline", Operation::Decline),
    Route::new(Method::GET, "/api/unsubscribe/{mailId}", Operation::UnsubscribePage),
    Route::new(Method::POST, "/api/unsubscribe/{mailId}", Operation::Unsubscribe),
];
