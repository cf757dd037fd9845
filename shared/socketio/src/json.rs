//! JSON that has been checked but not read.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

/// A JSON value as the peer wrote it. It is valid JSON; what it means, its reader decides with [`Json::read`].
///
/// `Debug` shows its length only: a payload may hold a session token.
#[derive(Clone, Copy)]
pub struct Json<'a>(&'a RawValue);

impl<'a> Json<'a> {
    /// Checks that `text` is one JSON value.
    pub fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text).map(Self)
    }

    /// The value as a `T`, which may borrow from the packet.
    pub fn read<T: Deserialize<'a>>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.0.get())
    }

    /// The value as text, without white space around it.
    pub fn as_str(&self) -> &'a str {
        self.0.get()
    }

    pub(crate) fn is_object(&self) -> bool {
        self.as_str().starts_with('{')
    }

    pub(crate) fn is_string(&self) -> bool {
        self.as_str().starts_with('"')
    }
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(Self)
    }
}

/// Into a packet that goes out, the value is copied as it came.
impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// The same text, not the same meaning: `1.0` and `1` differ.
impl PartialEq for Json<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Json<'_> {}

impl fmt::Debug for Json<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Json({} bytes)", self.as_str().len())
    }
}

/// Whether arrays and objects in `text` are nested more than `limit` levels deep. Needs no memory, so it comes before parsing.
pub(crate) fn is_deeper_than(text: &str, limit: usize) -> bool {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in text.bytes() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}
