//! Schemas of the small types that only meetings have, and those that all functions share.

use dais_rest::text_schema;

pub use dais_rest::wire::schema::*;

use crate::headers::{MAX_KEY_CHARS, MAX_VERSION};

text_schema!(IdempotencyKey, "A key that the caller makes up for one creation.", |schema| {
    schema.min_length(Some(1)).max_length(Some(MAX_KEY_CHARS)).pattern(Some("^[!-~]+$"))
});

text_schema!(EntityTag, "The ETag of a meeting, that is its version in quotes, or `*` for any.", |schema| {
    schema.pattern(Some(r#"^(\*|(W/)?"[0-9]{1,12}"|[0-9]{1,12})$"#))
});

text_schema!(Period, "Start later and not ended, or start passed.", |schema| {
    schema.enum_values(Some(["upcoming", "past"]))
});

text_schema!(VersionNumber, "A version of a meeting, or 0 for none.", |schema| {
    schema
        .schema_type(Type::Integer)
        .minimum(Some(0_usize))
        .maximum(Some(usize::try_from(MAX_VERSION).unwrap_or(usize::MAX)))
});
