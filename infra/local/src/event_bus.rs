//! EventBridge's default bus: events of the services, and the rules of the template that bring them to functions.

use axum::body::Bytes;
use futures::future::join_all;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    clock::{Clock, rfc3339},
    ids,
    invoke::{Lambda, Order},
    template::{ACCOUNT, Rule},
};

/// The bus. Clones share it.
#[derive(Clone)]
pub struct EventBus {
    rules: Vec<Rule>,
    lambda: Lambda,
    clock: Clock,
    region: &'static str,
}

/// A function that got an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Logical id of the function.
    pub function: String,
    /// What went wrong, if anything did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl EventBus {
    /// A bus with these rules.
    pub fn new(rules: Vec<Rule>, lambda: Lambda, clock: Clock, region: &'static str) -> Self {
        Self { rules, lambda, clock, region }
    }

    /// Brings an event to the functions whose rules it meets, and returns when they have run. A function that fails gets it
    /// no second time.
    pub async fn put(&self, source: &str, kind: &str, resources: Vec<String>, detail: Value) -> Vec<Delivery> {
        let time = rfc3339(self.clock.now_ms());
        let event = json!({
            "version": "0",
            "id": ids::uuid(),
            "detail-type": kind,
            "source": source,
            "account": ACCOUNT,
            // Whole seconds, as the service has them.
            "time": format!("{}Z", time.split('.').next().unwrap_or(&time)),
            "region": self.region,
            "resources": resources,
            "detail": detail,
        });
        let body = Bytes::from(event.to_string());
        join_all(self.rules.iter().filter(|rule| meets(&event, &rule.pattern)).map(|rule| {
            let order = Order {
                function: rule.function.clone(),
                label: format!("event {kind}"),
                event: body.clone(),
                at_least_once: true,
            };
            async move {
                let error = self.lambda.invoke(order).await.err().map(|error| error.to_string());
                Delivery { function: rule.function.clone(), error }
            }
        }))
        .await
    }
}

/// Whether an event has what a pattern asks for: in each place one of the values listed there (the template's reader takes no
/// other patterns).
fn meets(event: &Value, pattern: &Value) -> bool {
    match pattern {
        Value::Object(fields) => {
            fields.iter().all(|(name, wanted)| event.get(name).is_some_and(|found| meets(found, wanted)))
        }
        Value::Array(allowed) => match event {
            Value::Array(several) => several.iter().any(|one| allowed.contains(one)),
            one => allowed.contains(one),
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_meets_a_pattern_that_lists_its_values() {
        let event = json!({ "source": "aws.ses", "detail-type": "Email Bounced", "resources": ["a", "b"],
            "detail": { "bounce": { "bounceType": "Permanent" } } });
        for (pattern, expected) in [
            (json!({ "source": ["aws.ses"] }), true),
            (json!({ "source": ["aws.ses"], "detail-type": ["Email Bounced", "Email Complaint Received"] }), true),
            (json!({ "source": ["aws.ses"], "detail-type": ["Email Sent"] }), false),
            (json!({ "resources": ["b"] }), true),
            (json!({ "resources": ["c"] }), false),
            (json!({ "detail": { "bounce": { "bounceType": ["Permanent"] } } }), true),
            (json!({ "detail": { "complaint": { "userAgent": ["x"] } } }), false),
        ] {
            assert_eq!(meets(&event, &pattern), expected, "{pattern}");
        }
    }
}
