use crate::{SMALL, reader, small_with};

/// The event of the small template that other events take the place of.
const TICK: &str = "Type: Schedule, Properties: { Schedule: rate(1 minute) }";

fn sentence(from: &str, to: &str) -> String {
    small_with(from, to).unwrap_err().to_string()
}

#[test]
fn a_resource_of_an_unknown_type() {
    let bucket = format!("{SMALL}\n  Files:\n    Type: AWS::S3::Bucket\n");
    assert_eq!(
        reader().parse(&bucket).unwrap_err().to_string(),
        "the resource Files has the type AWS::S3::Bucket, which the local cloud does not know"
    );
}

#[test]
fn an_event_of_an_unknown_type() {
    assert_eq!(
        sentence(TICK, "Type: SQS, Properties: {}"),
        "the event Often of the function TickFunction has the type SQS, which the local cloud does not know"
    );
}

#[test]
fn an_unknown_intrinsic_with_its_place() {
    for (from, to, name, place) in [
        (
            "!If [Shouting, ",
            "!Transform [Shouting, ",
            "!Transform",
            "Resources.HttpFunction.Properties.Environment.Variables.GREETING",
        ),
        ("Timeout: 5", "Timeout: !ImportValue x", "Fn::ImportValue", "Properties.Timeout"),
        ("Timeout: 5", "Timeout: { \"Fn::Wish\": 5 }", "Fn::Wish", "Properties.Timeout"),
        ("!Equals [!Ref Shout", "!Contains [!Ref Shout", "!Contains", "Conditions.Shouting"),
    ] {
        let sentence = sentence(from, to);
        assert!(sentence.contains(name) && sentence.contains(place), "{sentence}");
    }
}

#[test]
fn a_reference_to_nothing() {
    for (from, to, name) in [
        ("!Ref Greeting", "!Ref Farewell", "Farewell"),
        ("!GetAtt Table.Arn", "!GetAtt Tables.Arn", "Tables"),
        ("SocketFunction.Arn", "OtherFunction.Arn", "OtherFunction"),
        ("!If [Shouting", "!If [Whispering", "Whispering"),
        ("RouteId: !Ref WebSocketApiDefaultRoute", "RouteId: !Ref WebSocketApiOtherRoute", "WebSocketApiOtherRoute"),
        ("ApiId: !Ref HttpApi, Method: ANY", "ApiId: !Ref Table, Method: ANY", "Table"),
    ] {
        let sentence = sentence(from, to);
        assert!(sentence.contains(name), "{sentence}");
    }
}

#[test]
fn what_the_local_cloud_cannot_do() {
    for (from, to, name) in [
        ("rate(1 minute)", "cron(0 12 * * ? *)", "cron(0 12 * * ? *)"),
        (TICK, "Type: EventBridgeRule, Properties: { Pattern: { source: [{ prefix: aws }] } }", "Pattern.source"),
        (TICK, "Type: EventBridgeRule, Properties: { Pattern: { source: aws.ses } }", "Pattern.source"),
        (TICK, "Type: EventBridgeRule, Properties: { Input: x }", "Properties.Input"),
        (TICK, "Type: EventBridgeRule, Properties: {}", "Properties.Pattern"),
        ("$request.body.action", "$request.header.action", "$request.header.action"),
        ("Method: ANY, Path: /echo", "Method: ANY, Path: /echo, Auth: {}", "Properties.Auth"),
        ("Binary: tick", "Other: tick", "Resources.TickFunction.Metadata.BuildProperties.Binary"),
        ("Effect: Allow, Action: dynamodb", "Effect: Deny, Action: dynamodb", "HttpFunction.Properties.Policies[0]"),
    ] {
        let sentence = sentence(from, to);
        assert!(sentence.contains(name), "{sentence}");
    }
}

#[test]
fn parameters_that_do_not_fit() {
    let with = |name: &str, value: &str| {
        let mut reader = reader();
        reader.given.insert(name.to_owned(), value.to_owned());
        reader.parse(SMALL).unwrap_err().to_string()
    };
    assert_eq!(with("Nonsense", "1"), "the template has no parameter Nonsense");
    assert_eq!(with("Shout", "loud"), "the parameter Shout must be one of true, false");
    let without_default = SMALL.replace("Greeting: { Type: String, Default: hello }", "Greeting: { Type: String }");
    let sentence = reader().parse(&without_default).unwrap_err().to_string();
    assert_eq!(sentence, "the parameter Greeting has no default: give it with --parameter Greeting=…");
}
