//! `/_local/sign-in`: whoever is chosen, or typed in, has a session in the cookie `__session` and is back where he came from.
#![allow(clippy::unwrap_used)]

mod support;

use std::net::SocketAddr;

use dais_local::{
    clock::Clock,
    identity_provider::{IdentityProvider, UserChange, routes},
    table::Place,
};
use http::{HeaderMap, StatusCode, header};

struct World {
    provider: IdentityProvider,
    address: SocketAddr,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl World {
    async fn new() -> Self {
        let provider = IdentityProvider::open(&Place::Memory, "http://127.0.0.1:3000/_local", Clock::new()).unwrap();
        let address = support::serve(routes(provider.clone())).await;
        Self { provider, address }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1"), "").await
    }

    async fn post(&self, form: &str) -> Answer {
        self.send("POST /_local/sign-in HTTP/1.1", form).await
    }

    /// The least of HTTP that a browser speaks, with cookies nobody else must see.
    async fn send(&self, line: &str, body: &str) -> Answer {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "{line}\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.map(|line| line.split_once(": ").unwrap());
        let headers = headers.map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap()));
        Answer { status, headers: headers.collect(), body: body.to_owned() }
    }

    fn change(&self, json: &str) {
        self.provider.change_user(&UserChange::from_json(json.as_bytes()).unwrap()).unwrap();
    }
}

impl Answer {
    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What the session of the cookie says, unverified: other tests verify tokens.
    fn claims(&self) -> serde_json::Value {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
        let cookie = self.header(header::SET_COOKIE);
        let token = cookie.strip_prefix("__session=").unwrap().split(';').next().unwrap();
        let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        serde_json::from_slice(&claims).unwrap()
    }
}

#[tokio::test]
async fn ada_bo_and_cy_can_be_chosen_at_once() {
    let world = World::new().await;
    let page = world.get("/_local/sign-in?redirect_url=/events/m1").await;
    assert_eq!(page.status, 200);
    for name in ["Ada", "Bo", "Cy"] {
        assert!(page.body.contains(&format!(r#"<span class="name">{name}</span>"#)), "{name}");
    }
    assert!(page.header(header::CONTENT_SECURITY_POLICY).starts_with("default-src 'none'"));
    assert!(page.body.contains(r#"value="/events/m1""#));
    let answer = world.post("user=ada&redirect_url=%2Fevents%2Fm1").await;
    assert_eq!((answer.status, answer.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/events/m1"));
    let cookie = answer.header(header::SET_COOKIE);
    assert!(cookie.ends_with("; Max-Age=86400; Path=/; SameSite=Lax"), "{cookie}");
    assert!(!cookie.contains("HttpOnly"), "scripts of the product read it, as they read Clerk's");
    assert_eq!((&answer.claims()["name"], &answer.claims()["email"]), (&"Ada".into(), &"ada@example.com".into()));
}

#[tokio::test]
async fn somebody_else_signs_in_with_a_name_and_an_address() {
    let world = World::new().await;
    let answer = world.post("name=Zo%C3%AB+B&email=Zoe@Uni.example&verified=true").await;
    assert_eq!((answer.status, answer.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/"));
    let claims = answer.claims();
    assert_eq!((&claims["name"], &claims["email"]), (&"Zoë B".into(), &"zoe@uni.example".into()));
    assert_eq!(claims["email_verified"], true);
    assert!(world.get("/_local/sign-in").await.body.contains("Zoë B"), "offered from now on");
    // The same address is the same person, by whatever name; without the tick it is not verified.
    let again = world.post("name=Z&email=ZOE@uni.example").await.claims();
    assert_eq!((&again["sub"], &again["email_verified"]), (&claims["sub"], &false.into()));
    let ada = world.post("user=ada").await.claims();
    assert_eq!(world.post("name=Ada+L&email=ada@example.com&verified=true").await.claims()["sub"], ada["sub"]);
}

#[tokio::test]
async fn what_is_missing_is_asked_for_again_with_what_was_typed() {
    let world = World::new().await;
    let nameless = world.post("name=+&email=zoe@example.com&verified=true").await;
    assert_eq!(nameless.status, 400);
    assert!(nameless.body.contains("Enter a name.") && nameless.body.contains(r#"value="zoe@example.com""#));
    let addressless = world.post("name=%22%3E%3Cscript%3E&email=zoe").await;
    assert_eq!(addressless.status, 400);
    assert!(addressless.body.contains("Enter a mail address"));
    assert!(!addressless.body.contains("<script>") && addressless.headers.get(header::SET_COOKIE).is_none());
    assert_eq!(addressless.body.matches(r#"aria-invalid="true""#).count(), 1, "at the address");
    assert_eq!(world.post("user=no+user").await.status, 400);
}

#[tokio::test]
async fn whoever_was_deleted_is_not_offered_and_cannot_sign_in() {
    let world = World::new().await;
    for user in ["ada", "bo", "cy"] {
        world.change(&format!(r#"{{"user": "{user}"}}"#));
        world.change(&format!(r#"{{"user": "{user}", "deleted": true}}"#));
    }
    let page = world.get("/_local/sign-in").await.body;
    assert!(page.contains("Nobody can be chosen") && !page.contains(r#"class="person""#));
    let refused = world.post("user=ada").await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("The user ada has been deleted"));
}

#[tokio::test]
async fn the_way_back_stays_on_this_origin() {
    let world = World::new().await;
    let own = format!("http://{}/events/m1?x=%26", world.address);
    assert!(
        world.get(&format!("/_local/sign-in?redirect_url={own}")).await.body.contains(r#"value="/events/m1?x=&#38;""#)
    );
    for elsewhere in
        ["https://evil.example/", "//evil.example", "/%5Cevil.example", "javascript:alert(1)", "/%0D%0Ax:y"]
    {
        let page = world.get(&format!("/_local/sign-in?redirect_url={elsewhere}")).await;
        assert_eq!(page.status, 400, "{elsewhere}");
        assert!(page.body.contains("not on this origin") && !page.body.contains("evil"), "{elsewhere}");
        let answer = world.post(&format!("user=ada&redirect_url={elsewhere}")).await;
        assert_eq!(answer.status, 400, "{elsewhere}");
        let out = world.get(&format!("/_local/sign-out?redirect_url={elsewhere}")).await;
        assert_eq!(out.status, 400, "{elsewhere}");
    }
}

#[tokio::test]
async fn signing_out_takes_the_session_away() {
    let world = World::new().await;
    let answer = world.get("/_local/sign-out?redirect_url=/events/m1").await;
    assert_eq!((answer.status, answer.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/events/m1"));
    assert_eq!(answer.header(header::SET_COOKIE), "__session=; Max-Age=0; Path=/; SameSite=Lax");
}
