//! What template.yaml gives each function and allows it.

use std::collections::BTreeSet;

use serde_yaml_ng::Value;

use crate::files;

/// The functions, by the names of their crates, which are those of their binaries.
pub const FUNCTIONS: [&str; 9] =
    ["directory", "heartbeat", "invitations", "mail-feedback", "mailer", "meetings", "pages", "polling", "signaling"];

/// The template.
pub struct Cloud(Value);

impl Cloud {
    /// Reads it.
    pub fn read() -> Self {
        Self(serde_yaml_ng::from_str(&files::text("template.yaml")).expect("template.yaml is YAML"))
    }

    /// Names of the environment variables of a function.
    pub fn environment(&self, function: &str) -> BTreeSet<String> {
        let variables = &self.resource(function, "Function")["Properties"]["Environment"]["Variables"];
        variables.as_mapping().expect("variables").keys().map(plain).collect()
    }

    /// What the role of a function grants, as `Code::actions` names it. Logs are left out: Lambda writes them.
    pub fn grants(&self, function: &str) -> BTreeSet<String> {
        let role = self.resource(function, "Function")["Properties"]["Role"].clone();
        assert_eq!(plain(&role), format!("{}Role.Arn", title(function)), "each function has a role of its own");
        let properties = &self.resource(function, "Role")["Properties"];
        assert_eq!(properties["ManagedPolicyArns"], Value::Null, "managed policies grant more than the code calls");
        let mut grants = BTreeSet::new();
        for policy in properties["Policies"].as_sequence().expect("policies") {
            for statement in policy["PolicyDocument"]["Statement"].as_sequence().expect("statements") {
                for action in list(&statement["Action"]) {
                    assert!(!action.contains('*'), "{function}: {action} is more than one action");
                    if !action.starts_with("logs:") {
                        grants.extend(list(&statement["Resource"]).iter().map(|on| format!("{action} {}", place(on))));
                    }
                }
            }
        }
        grants
    }

    /// The binaries of all functions.
    pub fn binaries(&self) -> BTreeSet<String> {
        let resources = self.0["Resources"].as_mapping().expect("resources");
        let functions = resources.values().filter(|resource| resource["Type"] == "AWS::Serverless::Function");
        functions.map(|function| plain(&function["Metadata"]["BuildProperties"]["Binary"])).collect()
    }

    fn resource(&self, function: &str, kind: &str) -> &Value {
        let id = format!("{}{kind}", title(function));
        self.0["Resources"].get(&id).unwrap_or_else(|| panic!("template.yaml has no {id}"))
    }
}

/// On what an action is granted: `table`, `index …`, the method of the @connections API, `identity`, `configuration-set`.
fn place(resource: &str) -> String {
    const SES: &str = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:";
    const CONNECTIONS: &str =
        "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${WebSocketApi}/live/";
    if resource == "Table.Arn" {
        "table".to_owned()
    } else if let Some(index) = resource.strip_prefix("${Table.Arn}/index/") {
        format!("index {index}")
    } else if let Some(method) =
        resource.strip_prefix(CONNECTIONS).and_then(|rest| rest.strip_suffix("/@connections/*"))
    {
        method.to_owned()
    } else if let Some(of_ses) = resource.strip_prefix(SES) {
        match of_ses {
            "identity/*" => "identity".to_owned(),
            "configuration-set/${MailConfigurationSet}" => "configuration-set".to_owned(),
            other => panic!("{other} is not what mails are sent with"),
        }
    } else {
        panic!(
            "{resource} is not the table, one of its indexes, @connections of the one stage, or what mails are sent with"
        )
    }
}

/// `mail-feedback` → `MailFeedback`.
fn title(function: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    function.split('-').map(word).collect()
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Sequence(entries) => entries.iter().map(plain).collect(),
        single => vec![plain(single)],
    }
}

/// The text of a value; of an intrinsic, its argument.
fn plain(value: &Value) -> String {
    match value {
        Value::Tagged(tagged) => plain(&tagged.value),
        other => other.as_str().unwrap_or_else(|| panic!("{other:?} is no text")).to_owned(),
    }
}
