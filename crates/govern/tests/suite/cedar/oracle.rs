//! What the policies say of an ask.
//!
//! What comes in: a case. What goes out: whether it is granted, and how far. Never: the crate's decision.

use cedar_policy::{Authorizer, Context, Decision, Request, RestrictedExpression as Value};
use jiff::{civil::Date, tz::TimeZone};
use tidstro_calendar::WorkingCalendar;
use tidstro_govern::Target;
use tidstro_model::{DayRange, Resolution};

use super::leases::{Now, Story, first_kept, may_keep_day, state};
use super::policies::{Policies, entity};
use super::world::Case;
use super::written::{Activity, Written};
use crate::shipped::Shipped;

/// What is granted, and how far.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Opinion {
    pub(super) is_granted: bool,
    /// The occupancies reached with their days, where the whole target is not.
    pub(super) occupancies: Vec<(u32, DayRange)>,
    /// Where the whole target is: which occupancies are left out before a day, [`Date::MAX`] for wholly.
    pub(super) cuts: Vec<(u32, Date)>,
    /// The dossiers reached.
    pub(super) dossiers: Vec<u32>,
}

pub(super) struct Oracle {
    pub(super) written: Written,
    pub(super) zone: TimeZone,
    policies: Policies,
    authorizer: Authorizer,
}

/// What one request to Cedar is about.
struct Thing<'t> {
    ground: &'t str,
    owner: Option<u32>,
    lease: &'t str,
    some_day_kept: bool,
}

impl Oracle {
    pub(super) fn of(shipped: &Shipped) -> Self {
        let texts: Vec<_> = shipped.files.iter().map(|(_, text)| text.as_str()).collect();
        let written = Written::read(&texts);
        let zone = TimeZone::get(&written.register.zone).unwrap();
        Self { policies: Policies::of(&written), written, zone, authorizer: Authorizer::new() }
    }

    pub(super) fn opinion(&self, case: &Case) -> Opinion {
        let activity = self.written.activity(case.ask.purpose.as_str());
        match (activity, case.ask.target) {
            (Some(activity), Target::Subject(_) | Target::Dossier(_)) => self.of_matters(case, activity),
            (Some(activity), Target::Point(_)) if !activity.reaches_the_whole() => {
                self.of_matters(case, activity)
            }
            // Residents' own data are never all of an area.
            (Some(activity), _) if !activity.reaches_the_whole() && !activity.own_only => {
                self.of_matters(case, activity)
            }
            (activity, _) => self.of_the_whole(case, activity),
        }
    }

    /// The whole target; also for a purpose that is not in the register, which no policy permits.
    fn of_the_whole(&self, case: &Case, activity: Option<&Activity>) -> Opinion {
        let now = self.now(case);
        let last = last_day(case.ask.days);
        let some_day_kept =
            last.is_some_and(|last| case.holds() || activity.is_none_or(|of| may_keep_day(of, last, &now)));
        let whole = Thing { ground: "whole", owner: None, lease: "live", some_day_kept };
        let is_granted = self.permits(case, &whole);
        let (mut cuts, mut dossiers) = (Vec::new(), Vec::new());
        if let Some(activity) = activity.filter(|_| is_granted) {
            cuts.extend(case.facts.occupancies.iter().filter_map(|fact| {
                let story = Story::Occupancy(fact);
                let is_usable = self.permits_matter(case, activity, story, true);
                let cut = if is_usable {
                    first_kept(activity, story, &case.events_of(story), &now)
                } else {
                    Date::MAX
                };
                let is_concerned = !activity.only_erases() && activity.areas.contains(&story.ground());
                (is_concerned && cut > fact.days.start()).then_some((fact.occupancy.as_u32(), cut))
            }));
            dossiers = self.dossiers(case, activity, true);
        }
        Opinion { is_granted, occupancies: Vec::new(), cuts, dossiers }
    }

    /// Exactly the matters of the target that may be used.
    fn of_matters(&self, case: &Case, activity: &Activity) -> Opinion {
        let now = self.now(case);
        let reached = case.facts.occupancies.iter().filter_map(|fact| {
            let story = Story::Occupancy(fact);
            let kept = if case.holds() {
                fact.days.start()
            } else {
                first_kept(activity, story, &case.events_of(story), &now)
            };
            let asked = case.ask.days.intersect(fact.days)?;
            let days =
                DayRange::new(asked.start().max(kept), asked.end()).ok().filter(|days| !days.is_empty());
            let permitted =
                case.is_asked(story) && self.permits_matter(case, activity, story, days.is_some());
            permitted.then_some((fact.occupancy.as_u32(), days?))
        });
        let occupancies: Vec<_> = reached.collect();
        // A dossier has no days of its own.
        let dossiers = self.dossiers(case, activity, true);
        let is_granted = !occupancies.is_empty() || !dossiers.is_empty();
        Opinion { is_granted, occupancies, cuts: Vec::new(), dossiers }
    }

    fn dossiers(&self, case: &Case, activity: &Activity, some_day_kept: bool) -> Vec<u32> {
        let permitted = case.facts.dossiers.iter().filter(|fact| {
            let story = Story::Dossier(fact);
            case.is_asked(story) && self.permits_matter(case, activity, story, some_day_kept)
        });
        permitted.map(|fact| fact.dossier.as_u32()).collect()
    }

    fn permits_matter(
        &self,
        case: &Case,
        activity: &Activity,
        story: Story<'_>,
        some_day_kept: bool,
    ) -> bool {
        let lease = state(activity, story, &case.events_of(story), &self.now(case));
        self.permits(case, &Thing { ground: &story.ground(), owner: story.subject(), lease, some_day_kept })
    }

    fn permits(&self, case: &Case, thing: &Thing<'_>) -> bool {
        let ask = &case.ask;
        let request = Request::new(
            entity("Actor", ask.actor.as_str()),
            entity("Action", ask.operation.word()),
            entity("Category", ask.category.as_str()),
            self.context(case, thing),
            Some(&self.policies.schema),
        );
        let Policies { policies, entities, .. } = &self.policies;
        let response = self.authorizer.is_authorized(&request.unwrap(), policies, entities);
        response.decision() == Decision::Allow
    }

    fn context(&self, case: &Case, thing: &Thing<'_>) -> Context {
        let (ask, local) = (&case.ask, case.now.to_zoned(self.zone.clone()));
        let rank = Resolution::ALL.iter().position(|resolution| *resolution == ask.resolution).unwrap();
        let today = local.date().to_string().replace('-', "").parse().unwrap();
        let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
        let mut pairs = vec![
            ("purpose", Value::new_entity_uid(entity("Purpose", ask.purpose.as_str()))),
            ("rank", Value::new_long(rank.try_into().unwrap())),
            ("factors", Value::new_long(ask.factors.into())),
            ("today", Value::new_long(today)),
            ("minute", Value::new_long(minute)),
            ("workdayOf", Value::new_set(calendars(local.date()).map(Value::new_string))),
            ("ground", Value::new_string(thing.ground.to_owned())),
            ("lease", Value::new_string(thing.lease.to_owned())),
            ("someDayKept", Value::new_bool(thing.some_day_kept)),
        ];
        pairs.extend(thing.owner.map(|owner| ("owner", Value::new_long(owner.into()))));
        if let Some(recipient) = &ask.recipient {
            pairs.push(("recipient", Value::new_entity_uid(entity("Party", recipient.party.as_str()))));
            let country = recipient.country.map(|country| Value::new_string(country.code().to_owned()));
            pairs.extend(country.map(|country| ("country", country)));
        }
        Context::from_pairs(pairs.into_iter().map(|(name, value)| (name.to_owned(), value))).unwrap()
    }

    fn now(&self, case: &Case) -> Now<'_> {
        Now { at: case.now, zone: &self.zone }
    }
}

/// The calendars in which it is a working day.
fn calendars(day: Date) -> impl Iterator<Item = String> {
    let shipped = ["dk-working", "dk-market", "de-working"].into_iter();
    let working = shipped.filter(move |name| WorkingCalendar::shipped(name).unwrap().is_working(day));
    working.map(str::to_owned)
}

fn last_day(days: DayRange) -> Option<Date> {
    if days.is_empty() { None } else { days.end().yesterday().ok() }
}
