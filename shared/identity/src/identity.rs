//! What a verified token says.

use std::fmt;

use dais_domain::{DisplayName, ImageUrl, Timestamp, UserId};

/// A user, as the identity provider vouches for them.
///
/// Name, picture and email are there if the deployment has added them to its session tokens (Clerk: "Customize session
/// token", `{"name": "{{user.full_name}}", "image_url": "{{user.image_url}}", "email": "{{user.primary_email_address}}",
/// "email_verified": "{{user.email_verified}}"}`).
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// `sub`.
    pub user_id: UserId,
    /// `sid`: the sign-in that the token belongs to. Tokens made by a JWT template have none.
    pub session_id: Option<String>,
    /// `name`, cleaned and cut to what fits a room.
    pub name: Option<DisplayName>,
    /// `image_url`, or `picture` as OpenID Connect calls it.
    pub image_url: Option<ImageUrl>,
    /// `email`, only if `email_verified` is true. At most 254 bytes, as given; compare it without regard to case.
    pub email: Option<String>,
    /// `act.sub`: somebody of the deployment's staff who acts as this user. Log it, and keep them from changing roles.
    pub impersonated_by: Option<String>,
    /// `exp`: the token is good until then.
    pub expires_at: Timestamp,
}

/// Ids and times only: names and addresses do not belong in logs.
impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Identity")
            .field("user_id", &self.user_id)
            .field("session_id", &self.session_id)
            .field("impersonated_by", &self.impersonated_by)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
