//! What belongs to no subject: until when it is kept.

use jiff::Timestamp;
use tidstro_model::CategoryId;

use crate::keep::{Base, KeepFrom, KeepRule};
use crate::register::Register;

impl Register {
    /// Until when something of a category is kept that belongs to nobody known and was registered then. `None`
    /// if no rule of an activity that keeps the category counts from registration: nothing else can happen to it.
    #[must_use]
    pub fn unowned_until(&self, category: &CategoryId, registered: Timestamp) -> Option<Timestamp> {
        let ends = self.unowned_rules(category).map(|rule| rule.end(Base::At(registered), self.zone()));
        ends.max()
    }

    /// Whether something of the category that belongs to nobody known has an end.
    pub(crate) fn unowned_ends(&self, category: &CategoryId) -> bool {
        self.unowned_rules(category).next().is_some()
    }

    fn unowned_rules(&self, category: &CategoryId) -> impl Iterator<Item = &KeepRule> {
        let keepers = self.activities().filter(|one| one.is_keeper() && one.rule_for(category).is_some());
        keepers.flat_map(|one| &one.keep.rules).filter(|rule| rule.from == KeepFrom::Registration)
    }
}
