//! What the commands print: text for people, JSON for scripts.

pub(crate) mod apps;
pub(crate) mod changes;
pub(crate) mod json;
mod local_time;
mod phrases;
pub(crate) mod status;

pub(crate) use local_time::LocalTime;
