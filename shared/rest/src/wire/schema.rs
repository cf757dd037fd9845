//! Schemas of the small types, with the bounds that the domain enforces.

use dais_domain::{Description, DisplayName, InvitationId as Invitation, MeetingId as Id, UserId as User};
use utoipa::openapi::schema::SchemaFormat;

/// A schema of a text: its name, what it is, and its bounds.
#[macro_export]
macro_rules! text_schema {
    ($name:ident, $doc:literal, $build:expr) => {
        #[doc = $doc]
        #[derive(Debug)]
        pub struct $name;

        impl $crate::utoipa::PartialSchema for $name {
            fn schema() -> $crate::utoipa::openapi::RefOr<$crate::utoipa::openapi::Schema> {
                use $crate::utoipa::openapi::schema::{ObjectBuilder, Type};
                let build: fn(ObjectBuilder) -> ObjectBuilder = $build;
                build(ObjectBuilder::new().schema_type(Type::String).description(Some($doc))).into()
            }
        }

        impl $crate::utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
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

text_schema!(InvitationId, "Id of an invitation.", |schema| {
    schema.min_length(Some(1)).max_length(Some(Invitation::MAX_CHARS)).pattern(Some("^[A-Za-z0-9_-]+$"))
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

text_schema!(Cursor, "Where a list goes on: what the page before said.", |schema| {
    schema.min_length(Some(1)).pattern(Some("^[A-Za-z0-9_-]+$"))
});
