//! One event, as the document has it.

use serde_json::{Value, json};
use utoipa::ToSchema;

/// An event, its payload, and what it is acknowledged with.
#[derive(Debug)]
pub struct Event {
    /// As it is on the wire.
    pub name: &'static str,
    /// What it asks for or says, in one line.
    pub summary: &'static str,
    /// A payload as it could be; null where there is none to show.
    pub example: Value,
    pub(crate) payload: Shape,
    pub(crate) acknowledged: Option<Shape>,
}

/// A type, its schema, and those of all types that it is made of.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) name: String,
    pub(crate) schemas: Vec<(String, Value)>,
}

impl Shape {
    pub(crate) fn of<T: ToSchema>() -> Self {
        let name = T::name().into_owned();
        let mut schemas = vec![(name.clone(), T::schema())];
        T::schemas(&mut schemas);
        let schemas = schemas.into_iter().map(|(name, schema)| (name, json!(schema))).collect();
        Self { name, schemas }
    }
}

impl Event {
    /// Something a client asks for. `P` is its payload, `A` its acknowledgement when it is not refused.
    pub(crate) fn asked<P: ToSchema, A: ToSchema>(name: &'static str, summary: &'static str, example: Value) -> Self {
        Self { name, summary, example, payload: Shape::of::<P>(), acknowledged: Some(Shape::of::<A>()) }
    }

    /// Something the server says.
    pub(crate) fn said<P: ToSchema>(name: &'static str, summary: &'static str) -> Self {
        Self { name, summary, example: Value::Null, payload: Shape::of::<P>(), acknowledged: None }
    }
}
