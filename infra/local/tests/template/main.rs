//! What the reader of template.yaml makes of a template: one behaviour a file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod grants_are_those_of_the_roles;
mod intrinsics_and_globals_are_resolved;
mod the_projects_own_template_is_understood;
mod what_is_not_known_is_refused_by_its_name;

use std::collections::BTreeMap;

use dais_local::template::{Template, TemplateError, TemplateReader};

const SMALL: &str = include_str!("../support/template.yaml");

fn reader() -> TemplateReader {
    TemplateReader { given: BTreeMap::new(), fallbacks: BTreeMap::new(), region: "us-east-1".to_owned() }
}

/// The small template with something replaced in its text.
fn small_with(from: &str, to: &str) -> Result<Template, TemplateError> {
    assert!(SMALL.contains(from), "{from}");
    reader().parse(&SMALL.replace(from, to))
}
