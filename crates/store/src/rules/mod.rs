//! The limits that values are judged by, as files of rules that were taken in one after the other.
//!
//! What comes in: the text of a file that holds together, and who brings it. What goes out: the newest one, which judges
//! what is registered from now on, and those before it. Never: rules in the place of others that the log does not tell of,
//! or a change of what was judged already (decision 0034).

mod door;
mod kept;

use std::sync::Arc;

use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use tidstro_metering::Rules;

use crate::personal::Writing;
use crate::{StoreFault, log};
use kept::{keep, kept, newest_no, text_of};
use tidstro_govern::{Event, EventKind};
use tidstro_model::{ActivityId, ActorId};

pub use kept::RulesVersion;

/// Rules that hold together, and the text they were read from.
pub struct RulesFile {
    rules: Rules,
    text: String,
}

impl RulesFile {
    /// Reads a file of rules.
    ///
    /// # Errors
    /// Every fault of the file with its line.
    pub fn parse(text: String) -> Result<Self, Vec<tidstro_metering::FaultInRules>> {
        Ok(Self { rules: Rules::parse(&text)?, text })
    }

    /// SHA-256 of the text.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash_of(&self.text)
    }
}

fn hash_of(text: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.iter_mut().zip(digest(&SHA256, text.as_bytes()).as_ref()).for_each(|(to, from)| *to = *from);
    hash
}

/// The rules that judge, as last looked up.
pub(crate) struct Judging {
    /// The number of their file; 0 for the program's own.
    no: i64,
    rules: Arc<Rules>,
    /// Whether nobody can have taken in others since.
    is_sure: bool,
}

impl Judging {
    /// The program's own rules, until somebody looks.
    pub(crate) fn shipped() -> Self {
        Self { no: 0, rules: Arc::new(Rules::shipped().clone()), is_sure: false }
    }

    /// Looks again before it judges next.
    pub(crate) const fn forget(&mut self) {
        self.is_sure = false;
    }
}

impl Writing {
    /// The rules that judge now.
    pub(crate) fn rules(&mut self) -> Result<Arc<Rules>, StoreFault> {
        if !self.judging.is_sure {
            let no = newest_no(&self.db)?;
            if no != self.judging.no {
                self.judging.rules = Arc::new(parsed(no, &text_of(&self.db, no)?)?);
                self.judging.no = no;
            }
            self.judging.is_sure = true;
        }
        Ok(Arc::clone(&self.judging.rules))
    }
}

fn parsed(no: i64, text: &str) -> Result<Rules, StoreFault> {
    Rules::parse(text).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        StoreFault::KeptRules { no, first }
    })
}

/// Takes in a file of rules, unless it judges already; returns its number. Call in a transaction.
fn take_in(
    writing: &mut Writing,
    file: &RulesFile,
    (actor, purpose): (ActorId, Option<ActivityId>),
    now: Timestamp,
) -> Result<Option<i64>, StoreFault> {
    let hash = file.hash();
    let newest = kept(&writing.db)?.into_iter().next_back();
    if newest.is_some_and(|newest| newest.hash == hash) {
        return Ok(None);
    }
    let detail = format!("rules `{}`, {}", file.rules.name(), tidstro_govern::log::hex(&hash));
    let event = Event::new(now, EventKind::RulesTakenIn, actor, detail);
    let event_seq = log::append(writing, Event { purpose, ..event })?;
    let no = keep(&writing.db, (file.rules.name(), &file.text, hash), (now, event_seq))?;
    writing.judging.forget();
    Ok(Some(no))
}
