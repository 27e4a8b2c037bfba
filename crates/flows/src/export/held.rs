//! The permit of an export, renewed while it is needed.

use jiff::{SignedDuration, Timestamp};
use tidstro_govern::{Ask, Operation};
use tidstro_model::CategoryId;
use tidstro_store::{Decided, Permit};

use super::ExportAsk;
use crate::answer::granted;
use crate::disclose::target_of;
use crate::ingest::Clock;
use crate::{Answer, FlowFault, Workspace};

/// The permit is asked for anew after this, well before it expires.
const RENEW_AFTER: SignedDuration = SignedDuration::from_mins(30);

/// A permit to export, and what it was asked by.
pub(super) struct HeldPermit<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) clock: Clock<'a>,
    pub(super) permit: Permit,
    /// When it was given.
    pub(super) permitted: Timestamp,
    ask: Ask,
}

impl<'a> HeldPermit<'a> {
    /// Asks the gate for a category of an area.
    pub(super) async fn begin(
        workspace: &'a Workspace,
        asked: &ExportAsk,
        category: &CategoryId,
        clock: Clock<'a>,
    ) -> Result<Answer<Self>, FlowFault> {
        let ask = Ask {
            actor: asked.actor.clone(),
            purpose: asked.purpose.clone(),
            operation: Operation::Export,
            category: category.clone(),
            target: target_of(workspace, &asked.actor, (None, Some(&asked.area))).await?,
            days: asked.days,
            resolution: asked.resolution,
            recipient: asked.recipient.clone(),
            factors: asked.factors,
        };
        let permitted = clock();
        let permit = granted!(workspace.store.permit(ask.clone(), permitted).await?);
        Ok(Answer::Given(Self { workspace, clock, permit, permitted, ask }))
    }

    /// The present moment, at which the permit lives. A long export outlives its permit: it asks again, and stops where the
    /// answer has become no.
    pub(super) async fn renewed(&mut self) -> Result<Answer<Timestamp>, FlowFault> {
        let now = (self.clock)();
        if now.duration_since(self.permitted) >= RENEW_AFTER {
            match self.workspace.store.permit(self.ask.clone(), now).await? {
                Decided::Granted(permit) => (self.permit, self.permitted) = (permit, now),
                Decided::Refused(refuse) => return Ok(Answer::Refused(refuse)),
            }
        }
        Ok(Answer::Given(now))
    }

    /// What each file says about itself.
    pub(super) fn notes(&self) -> Vec<(&'static str, String)> {
        let recipient = self.ask.recipient.as_ref();
        let notes = [
            ("purpose", self.ask.purpose.to_string()),
            ("category", self.ask.category.to_string()),
            ("resolution", self.ask.resolution.to_string()),
            ("exported", self.permitted.to_string()),
            ("permit", self.permit.seq().to_string()),
        ];
        let recipient = recipient.map(|recipient| ("recipient", recipient.party.to_string()));
        notes.into_iter().chain(recipient).collect()
    }
}
