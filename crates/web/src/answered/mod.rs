//! What every answer has, whatever page made it: headers that bind browsers, a line in the log, and words for what went wrong.

pub(crate) mod access_log;
pub(crate) mod headers;
pub(crate) mod problem;

pub(crate) use problem::Problem;
