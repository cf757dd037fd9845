//! What the nodes may do here: what infra/media/template.yaml lets them do in the cloud.

use crate::template::{ACCOUNT, Template};

/// What nodes are called where functions have their logical ids.
pub const NAME: &str = "MediaNode";

/// Their actions on the table.
pub const ACTIONS: [&str; 6] = [
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:ConditionCheckItem",
];

/// Lets the nodes use the table and post to sockets.
pub fn grant(template: &mut Template, table: &str, region: &str) {
    let table = format!("arn:aws:dynamodb:{region}:{ACCOUNT}:table/{table}");
    template.policies.allow_also(NAME, &ACTIONS, vec![table]);
    if let Some(api) = &template.websocket {
        let own = format!("arn:aws:execute-api:{region}:{ACCOUNT}:{}/{}", api.id, api.stage);
        let sockets = ["POST", "DELETE"].map(|method| format!("{own}/{method}/@connections/*")).to_vec();
        template.policies.allow_also(NAME, &["execute-api:ManageConnections"], sockets);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::ACTIONS;

    /// What is missing there would be missed after the deploy only.
    #[test]
    fn the_nodes_may_do_the_same_in_the_cloud() {
        let template = include_str!("../../../media/template.yaml");
        let mut granted: Vec<&str> = template
            .lines()
            .filter_map(|line| line.trim().strip_prefix("- "))
            .filter(|entry| entry.starts_with("dynamodb:"))
            .collect();
        let mut here = ACTIONS.to_vec();
        granted.sort_unstable();
        here.sort_unstable();
        assert_eq!(granted, here);
    }
}
