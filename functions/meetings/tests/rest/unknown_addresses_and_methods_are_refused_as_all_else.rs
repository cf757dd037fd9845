//! `{error, code, message}`, with the methods that are allowed.

use crate::support::{ADA, World};

#[tokio::test]
async fn an_unknown_address_is_not_found() {
    let world = World::new();
    for path in [
        "/api",
        "/api/nowhere",
        "/api/meetings/",
        "/api/meetings//log",
        "/api/meetings/m/nothing",
        "/api/meetings/m/log/x",
        "/",
    ] {
        for asking in [world.by(ADA), world.nobody()] {
            asking.get(path).await.assert_error(404, "not-found");
        }
    }
}

#[tokio::test]
async fn a_method_that_is_not_served_is_answered_with_those_that_are() {
    let world = World::new();
    for (method, path, allowed) in [
        ("PUT", "/api/meetings", "GET, POST"),
        ("DELETE", "/api/meetings", "GET, POST"),
        ("POST", "/api/meetings/m", "DELETE, GET, PATCH"),
        ("GET", "/api/meetings/m/end", "POST"),
        ("POST", "/api/meetings/m/log", "GET"),
        ("GET", "/api/meetings/m/hosts/user_bo", "DELETE"),
        ("HEAD", "/api/health", "GET"),
        // Those of other functions are known too.
        ("PUT", "/api/meetings/m/host-invitations", "GET"),
        ("GET", "/api/meetings/m/host-invitations/i", "DELETE"),
        ("GET", "/api/meetings/m/host-invitations/email", "POST"),
        ("GET", "/api/host-invitations/accept", "POST"),
        ("PUT", "/api/unsubscribe/x", "GET, POST"),
        ("DELETE", "/api/network", "GET"),
        ("GET", "/api/webhooks/users", "POST"),
    ] {
        let reply = world.by(ADA).send(method, path, None).await;
        assert!(reply.assert_error(405, "method-not-allowed").contains(allowed));
        assert_eq!(reply.headers["allow"], allowed);
    }
}
