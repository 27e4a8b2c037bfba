//! The rules, as the flows use them.

use jiff::Timestamp;
use tidstro_govern::{Operation, Target};
use tidstro_model::ActorId;

use super::kept::{RulesVersion, kept, newest_no, text_of};
use super::{RulesFile, parsed, take_in};
use crate::personal::Writing;
use crate::{Permit, Store, StoreFault};
use tidstro_metering::Rules;

impl Store {
    /// The rules that judge now, and their text; the program's own if none were taken in.
    ///
    /// # Errors
    /// [`StoreFault::KeptRules`] if they do not hold together for this program.
    pub async fn rules(&self) -> Result<(Rules, String), StoreFault> {
        self.threads
            .read(|reading| match newest_no(&reading.db)? {
                0 => Ok((Rules::shipped().clone(), Rules::SHIPPED.to_owned())),
                no => {
                    let text = text_of(&reading.db, no)?;
                    Ok((parsed(no, &text)?, text))
                }
            })
            .await
    }

    /// Every file of rules that judged, the oldest first; none while the program's own judge.
    ///
    /// # Errors
    /// [`StoreFault`] if the store fails.
    pub async fn rules_history(&self) -> Result<Vec<RulesVersion>, StoreFault> {
        self.threads.read(|reading| kept(&reading.db)).await
    }

    /// Takes in a file of rules: it judges what is registered from now on. Returns its number, or nothing if it judges already.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct, [`StoreFault::NoPermit`] for one that is not for
    /// everything: rules judge all.
    pub async fn take_in_rules(
        &self,
        permit: &Permit,
        file: RulesFile,
        now: Timestamp,
    ) -> Result<Option<i64>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Correct, now)?;
        if terms.target != Target::Everything {
            return Err(StoreFault::NoPermit);
        }
        let by = (terms.actor.clone(), Some(terms.grant.activity.clone()));
        let job = move |writing: &mut Writing| {
            writing.transact_with(by, |writing, by| take_in(writing, &file, by, now))
        };
        self.threads.write(job).await
    }

    /// Takes in the rules that lay beside the data of a build that read them there, unless rules were taken in before.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be logged.
    pub async fn take_in_first_rules(
        &self,
        file: RulesFile,
        now: Timestamp,
    ) -> Result<Option<i64>, StoreFault> {
        let actor = ActorId::parse("job:open").map_err(|_| StoreFault::Row { what: "event.actor" })?;
        self.threads
            .write(move |writing| {
                writing.transact_with(actor, |writing, actor| match newest_no(&writing.db)? {
                    0 => take_in(writing, &file, (actor, None), now),
                    _ => Ok(None),
                })
            })
            .await
    }
}
