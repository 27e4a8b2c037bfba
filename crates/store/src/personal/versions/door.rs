//! Compaction, as the flows use it.

use jiff::Timestamp;
use tidstro_govern::{Operation, Target};

use super::compact::{CompactBite, CompactScope, CompactStep, compact_step};
use crate::personal::{Cover, Writing};
use crate::sqlite::Writes;
use crate::{Permit, Store, StoreFault};

impl Store {
    /// Puts the next blocks of closed months into months, as far as the permits cover their
    /// categories and kinds of areas: one short transaction. Nothing is given out.
    ///
    /// # Errors
    /// [`StoreFault::NoPermit`], [`StoreFault::PermitForOther`] for permits that are not to store,
    /// [`StoreFault::RunUnfinished`] while a retention run is under way; nothing is changed then.
    pub async fn compact_step(
        &self,
        permits: &[Permit],
        bite: CompactBite,
        now: Timestamp,
    ) -> Result<CompactStep, StoreFault> {
        let terms = permits.iter().map(|permit| permit.must_allow_series(Operation::Store, now));
        let terms: Vec<_> = terms.collect::<Result<_, _>>()?;
        let Some(first) = terms.first() else { return Err(StoreFault::NoPermit) };
        let area = match first.target {
            Target::Area(area) => Some(area),
            Target::Everything => None,
            Target::Point(_) | Target::Subject(_) | Target::Dossier(_) => return Err(StoreFault::NoPermit),
        };
        if terms.iter().any(|other| other.target != first.target) {
            return Err(StoreFault::NoPermit);
        }
        let job = move |writing: &mut Writing| {
            let covers = terms.iter().map(Cover::of).collect();
            let scope = CompactScope { covers, area, bite };
            writing.transact(|writing| compact_step(writing, &scope))
        };
        self.threads.write(job).await
    }

    /// How much was given to the writer so far: for work that waits until nobody else has any.
    #[must_use]
    pub fn writes(&self) -> Writes {
        self.threads.writes()
    }
}
