use crate::{SMALL, reader, small_with};

const TABLE: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/Table";

#[test]
fn a_function_is_granted_what_its_policies_name() {
    let policies = reader().parse(SMALL).unwrap().policies;
    assert!(policies.allow("HttpFunction", "dynamodb:GetItem", TABLE));
    assert!(!policies.allow("HttpFunction", "dynamodb:PutItem", TABLE));
    assert!(!policies.allow("HttpFunction", "dynamodb:GetItem", &format!("{TABLE}/index/other")));
    assert!(!policies.allow("SocketFunction", "dynamodb:GetItem", TABLE));
    assert!(!policies.allow("Nobody", "dynamodb:GetItem", TABLE));
}

#[test]
fn a_role_of_its_own_counts_too() {
    let role = "\n  TickRole:\n    Type: AWS::IAM::Role\n    Properties:\n      Policies:\n        - PolicyName: p\n          PolicyDocument:\n            Statement: { Effect: Allow, Action: \"dynamodb:*\", Resource: !GetAtt Table.Arn }\n\n  TickFunction:";
    let with_role = SMALL.replace("\n  TickFunction:", role);
    let with_role = with_role.replace("ReservedConcurrentExecutions: 1", "Role: !GetAtt TickRole.Arn");
    let policies = reader().parse(&with_role).unwrap().policies;
    assert!(policies.allow("TickFunction", "dynamodb:DeleteItem", TABLE));
    let missing = small_with("ReservedConcurrentExecutions: 1", "Role: !GetAtt Table.Arn");
    assert!(missing.is_err(), "a table is no role");
}
