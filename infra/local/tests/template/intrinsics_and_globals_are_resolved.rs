use std::time::Duration;

use crate::{SMALL, reader, small_with};

#[test]
fn environments_are_merged_with_the_globals_and_resolved() {
    let template = reader().parse(SMALL).unwrap();
    let function = &template.functions["HttpFunction"];
    assert_eq!(function.environment["TABLE_NAME"], "Table");
    assert_eq!(function.environment["GREETING"], "hello");
    assert_eq!(
        function.environment["WS_MANAGEMENT_URL"],
        "https://WebSocketApi.execute-api.us-east-1.amazonaws.com/live"
    );
    assert_eq!((function.timeout, function.memory_mb), (Duration::from_secs(1), 128));
    assert_eq!(template.functions["TickFunction"].timeout, Duration::from_secs(5));
    assert_eq!(template.functions["TickFunction"].concurrency, Some(1));
}

#[test]
fn a_condition_follows_the_parameters() {
    let mut reader = reader();
    reader.given.insert("Shout".to_owned(), "true".to_owned());
    reader.fallbacks.insert("Greeting".to_owned(), "hey".to_owned());
    reader.fallbacks.insert("NotInThisTemplate".to_owned(), "no matter".to_owned());
    let template = reader.parse(SMALL).unwrap();
    assert_eq!(template.functions["HttpFunction"].environment["GREETING"], "hey!");
    assert_eq!(template.parameters["Shout"], "true");
}

#[test]
fn no_value_leaves_a_property_out() {
    let template = small_with(
        "GREETING: !If [Shouting, !Sub",
        "GREETING: !If [Shouting, !Ref AWS::NoValue, !Ref AWS::NoValue]\n          OTHER: !If [Shouting, !Sub",
    )
    .unwrap();
    assert!(!template.functions["HttpFunction"].environment.contains_key("GREETING"));
}

#[test]
fn the_route_response_belongs_to_its_route_only() {
    let api = reader().parse(SMALL).unwrap().websocket.unwrap();
    let answering: Vec<&str> =
        api.routes.iter().filter(|(_, route)| route.answers).map(|(key, _)| key.as_str()).collect();
    assert_eq!(answering, ["$default"]);
    assert_eq!((api.stage.as_str(), api.selector.as_slice()), ("live", &["action".to_owned()][..]));
}
