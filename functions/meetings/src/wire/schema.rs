//! Schemas of the small types, with the bounds that the domain enforces.

use std::borrow::Cow;

use dais_domain::{Description, DisplayName, MeetingId as Id, UserId as User};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{ObjectBuilder, SchemaFormat, Type},
    },
};

use crate::request::{MAX_KEY_CHARS, MAX_VERSION};

macro_rules! text_schema {
    ($name:ident, $doc:literal, $build:expr) => {
        #[doc = $doc]
        #[derive(Debug)]
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let build: fn(ObjectBuilder) -> ObjectBuilder = $build;
                build(ObjectBuilder::new().schema_type(Type::String).description(Some($doc))).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    };
}

/// Letters, digits and `_ - . :`, and something that is not a dot: `.` and `..` would not survive in a path.
pub const MEETING_ID_PATTERN: &str = "^[A-Za-z0-9_.:-]*[A-Za-z0-9_:-][A-Za-z0-9_.:-]*$";

text_schema!(MeetingId, "Id of a meeting and of its room.", |schema| {
    schema.min_length(Some(1)).max_length(Some(Id::MAX_CHARS)).pattern(Some(MEETING_ID_PATTERN))
});

text_schema!(UserId, "Id of a user at the identity provider.", |schema| {
    schema.min_length(Some(1)).max_length(Some(User::MAX_CHARS)).pattern(Some("^[A-Za-z0-9_.:@|-]+$"))
});

text_schema!(Name, "What a person is called.", |schema| {
    schema.min_length(Some(1)).max_length(Some(DisplayName::MAX_CHARS))
});

text_schema!(
    Text,
    "What the meeting is about. Line breaks and tabs become spaces; blank is as good as absent; other control characters are refused.",
    |schema| {
        schema
            .max_length(Some(Description::MAX_CHARS))
            .pattern(Some("^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$"))
    }
);

text_schema!(DateTime, "A point in time, RFC 3339, of the years 1970 to 9999.", |schema| {
    schema
        .format(Some(SchemaFormat::Custom("date-time".to_owned())))
        .pattern(Some("^(19[7-9][0-9]|[2-9][0-9]{3})-"))
        .examples(["2026-11-21T18:00:00.000Z"])
});

text_schema!(IdempotencyKey, "A key that the caller makes up for one creation.", |schema| {
    schema.min_length(Some(1)).max_length(Some(MAX_KEY_CHARS)).pattern(Some("^[!-~]+$"))
});

text_schema!(EntityTag, "The ETag of a meeting, that is its version in quotes, or `*` for any.", |schema| {
    schema.pattern(Some(r#"^(\*|(W/)?"[0-9]{1,12}"|[0-9]{1,12})$"#))
});

text_schema!(Period, "Start later and not ended, or start passed.", |schema| {
    schema.enum_values(Some(["upcoming", "past"]))
});

text_schema!(Cursor, "Where a list goes on: what the page before said.", |schema| {
    schema.min_length(Some(1)).pattern(Some("^[A-Za-z0-9_-]+$"))
});

text_schema!(VersionNumber, "A version of a meeting, or 0 for none.", |schema| {
    schema
        .schema_type(Type::Integer)
        .minimum(Some(0_usize))
        .maximum(Some(usize::try_from(MAX_VERSION).unwrap_or(usize::MAX)))
});
