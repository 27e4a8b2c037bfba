//! Degree days of the town, as the weather service writes them.
//!
//! What comes in: the weather of the days before the period and of the period. What goes out: a file of master data with every month
//! that is whole: how cold it was in each building's street, and how cold it is normally.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;
use tidstro_calendar::first_of_month;

use crate::climate::demand_tenths;
use crate::town::Town;

impl Town {
    /// `area;month;degree_days;normal_degree_days`, by building and month.
    #[must_use]
    pub fn degree_days_csv(&self) -> String {
        let mut months: BTreeMap<Date, (i64, i64)> = BTreeMap::new();
        let within = (0..self.period.days())
            .map(|index| (self.period.day(index), self.climate.on(index).demand_tenths));
        let mut last = None;
        for (day, tenths) in self.past.days().chain(within) {
            let month = months.entry(first_of_month(day)).or_default();
            *month = (month.0 + tenths, month.1 + demand_tenths(day, 0));
            last = Some(day);
        }
        // A month that is not over, or did not begin with its first day here, says nothing yet.
        months.retain(|first, _| last.is_some_and(|last| first.last_of_month() <= last));
        if self.past.days().next().is_none_or(|(day, _)| day != first_of_month(day)) {
            months.pop_first();
        }
        let mut out = String::from("area;month;degree_days;normal_degree_days\n");
        for area in self.building_names() {
            for (first, (actual, normal)) in &months {
                let month = first.strftime("%Y-%m");
                let _ = writeln!(
                    out,
                    "{area};{month};{}.{};{}.{}",
                    actual / 10,
                    actual % 10,
                    normal / 10,
                    normal % 10
                );
            }
        }
        out
    }
}
