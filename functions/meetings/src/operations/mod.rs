//! What can be asked for, one file each. The comments and attributes above each function are the document that is served.

pub mod create;
pub mod edit;
pub mod end;
pub mod list;
pub mod log;
pub mod participants;
pub mod read;
pub mod remove_host;
pub mod service;
