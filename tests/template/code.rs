//! What the code of a function reads and calls, found by following names from its crate through the shared crates.
//!
//! This is no compiler. A call on `x` goes to the types whose name ends as `x` does (`store` → `DynamoStore`), and where
//! there is none to every public function of that name. A call that is overlooked shows as a grant that nobody needs, one
//! too many as a grant that is missing: either way the tests fail and somebody looks.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use crate::{
    calls::{calls, reachable},
    files::{dependencies, folders, sources},
    functions::{Function, functions},
    tokens::{Token, tokens},
};

/// Methods of `dais_function::Settings` that take the name of a variable.
const READERS: [&str; 4] = ["required", "optional", "parse_or", "list"];

/// Operations of the SDKs and the IAM actions that allow them. A transaction needs the actions of its parts, a mail with a
/// configuration set the action on both.
const OPERATIONS: [(&str, &str); 12] = [
    ("batch_get_item", "dynamodb:BatchGetItem table"),
    ("batch_write_item", "dynamodb:BatchWriteItem table"),
    ("delete_item", "dynamodb:DeleteItem table"),
    ("get_item", "dynamodb:GetItem table"),
    ("put_item", "dynamodb:PutItem table"),
    ("scan", "dynamodb:Scan table"),
    ("update_item", "dynamodb:UpdateItem table"),
    ("delete_connection", "execute-api:ManageConnections DELETE"),
    ("get_connection", "execute-api:ManageConnections GET"),
    ("post_to_connection", "execute-api:ManageConnections POST"),
    ("send_email", "ses:SendEmail identity"),
    ("send_email", "ses:SendEmail configuration-set"),
];

/// Parts of transactions, by the SDK's type.
const PARTS: [(&str, &str); 5] = [
    ("ConditionCheck", "dynamodb:ConditionCheckItem table"),
    ("Delete", "dynamodb:DeleteItem table"),
    ("Get", "dynamodb:GetItem table"),
    ("Put", "dynamodb:PutItem table"),
    ("Update", "dynamodb:UpdateItem table"),
];

/// The code that a function of the cloud can reach.
pub struct Code {
    reached: Vec<Function>,
    constants: BTreeMap<String, String>,
}

impl Code {
    /// The code of `functions/{name}`.
    pub fn of(name: &str) -> Self {
        let own = format!("functions/{name}");
        let homes: Vec<String> = folders("shared").map(|name| format!("shared/{name}")).chain([own.clone()]).collect();
        let mut all = Vec::new();
        let mut constants = BTreeMap::new();
        for home in &homes {
            for file in sources(&format!("{home}/src")) {
                let tokens = tokens(&fs::read_to_string(&file).expect("a source file"));
                constants.extend(tokens.windows(8).filter_map(constant));
                functions(&tokens, &[], home, &mut all);
            }
        }
        let uses = homes.iter().map(|home| (home.clone(), dependencies(home))).collect();
        Self { reached: reachable(all, &own, &uses), constants }
    }

    /// Names of the variables that it reads.
    pub fn settings(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for function in &self.reached {
            for call in calls(&function.body) {
                if !READERS.contains(&call.name) {
                    continue;
                }
                match call.arguments.first() {
                    Some(Token::Text(name)) if is_variable(name) => {
                        names.insert(name.clone());
                    }
                    _ => assert!(
                        !matches!(call.receiver, Some("settings" | "Settings")),
                        "{} reads a setting whose name is not written there",
                        function.name
                    ),
                }
            }
        }
        names
    }

    /// The AWS actions that it calls, each with what it is called on.
    pub fn actions(&self) -> BTreeSet<String> {
        let mut actions = BTreeSet::new();
        for function in &self.reached {
            let mut queries = 0_usize;
            let mut indexes = 0_usize;
            for call in calls(&function.body) {
                let operations = OPERATIONS.iter().filter(|(name, _)| call.method && *name == call.name);
                let parts = PARTS.iter().filter(|(name, _)| call.name == "builder" && call.receiver == Some(name));
                actions.extend(operations.chain(parts).map(|(_, action)| (*action).to_owned()));
                if call.method && call.name == "query" && call.arguments.first().is_some_and(|next| next.is(')')) {
                    queries += 1;
                } else if call.method && call.name == "index_name" {
                    indexes += 1;
                    actions.insert(format!("dynamodb:Query index {}", self.index(call.arguments)));
                }
            }
            if queries > indexes {
                actions.insert("dynamodb:Query table".to_owned());
            }
        }
        actions
    }

    /// The name of an index: a text, or the constant that the path ends in.
    fn index(&self, arguments: &[Token]) -> String {
        let until = arguments.iter().position(|token| token.is(')')).expect("the end of index_name(…)");
        match arguments[..until].last().expect("the name of an index") {
            Token::Text(name) => name.clone(),
            constant => self.constants[constant.name().expect("the name of an index")].clone(),
        }
    }
}

/// `const NAME: &str = "text";` at the start of `tokens`.
fn constant(tokens: &[Token]) -> Option<(String, String)> {
    let [Token::Name(word), Token::Name(name), rest @ ..] = tokens else { return None };
    let text = rest.iter().find_map(|token| if let Token::Text(text) = token { Some(text) } else { None })?;
    (word == "const").then(|| (name.clone(), text.clone()))
}

fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}
