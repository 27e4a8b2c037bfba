//! What a use answers.

use tidstro_govern::Refuse;

/// What was asked for, or the rule that refused. A refusal is an answer, not a fault.
#[must_use]
pub enum Answer<T> {
    /// Here it is.
    Given(T),
    /// No, and why. It is in the log.
    Refused(Refuse),
}

/// The given part of an answer inside a function that answers too; returns the refusal otherwise.
macro_rules! granted {
    ($decided:expr) => {
        match $decided {
            tidstro_store::Decided::Granted(permit) => permit,
            tidstro_store::Decided::Refused(refuse) => return Ok($crate::Answer::Refused(refuse)),
        }
    };
}

/// The same of an answer.
macro_rules! given {
    ($answer:expr) => {
        match $answer {
            $crate::Answer::Given(value) => value,
            $crate::Answer::Refused(refuse) => return Ok($crate::Answer::Refused(refuse)),
        }
    };
}

pub(crate) use {given, granted};
