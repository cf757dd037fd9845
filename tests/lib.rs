//! Scenarios that cross parts.
