//! Transport-wide congestion control (draft-holmer-rmcat-transport-wide-cc-extensions-01), both ways.

mod arrivals;
mod estimator;

pub(crate) use arrivals::{Arrivals, INTERVAL};
pub(crate) use estimator::Estimator;
