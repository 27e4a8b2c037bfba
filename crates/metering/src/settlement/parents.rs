//! Children under the supplier of their parent.
//!
//! What comes in: periods of metering points. What goes out: the same periods, cut to the time that is settled, those of
//! children with the supplier their parent has. Nothing here knows who a customer is.

use std::collections::BTreeMap;

use tidstro_model::{Gsrn, Interval, Parties, PointPeriod, PointType};

/// Every period cut to the window and, for children, cut by the periods of the parent, whose supplier it gets.
///
/// A child stands with its parent: its charges are the parent's supplier's. A child whose parent has no period in the
/// window stays without supplier.
#[must_use]
pub fn with_parents_supplier(periods: &[PointPeriod], window: Interval) -> Vec<PointPeriod> {
    let mut parents: BTreeMap<Gsrn, Vec<&PointPeriod>> = BTreeMap::new();
    let is_parent =
        |period: &&PointPeriod| matches!(period.kind, PointType::Consumption(_) | PointType::Production);
    for period in periods.iter().filter(is_parent) {
        parents.entry(period.point).or_default().push(period);
    }
    let mut found = Vec::new();
    for period in periods.iter().filter_map(|period| period.cut(window)) {
        let known = period.parent.and_then(|parent| parents.get(&parent)).into_iter().flatten();
        let cut: Vec<PointPeriod> = known.filter_map(|parent| under(&period, parent)).collect();
        if cut.is_empty() { found.push(period) } else { found.extend(cut) }
    }
    found
}

/// The child's period while the parent's lasts, with the parent's supplier. The balance responsible is asked for energy
/// sums only, in which children take no part.
fn under(child: &PointPeriod, parent: &PointPeriod) -> Option<PointPeriod> {
    let parties = Parties { supplier: parent.parties.supplier, balance_responsible: None };
    child.cut(parent.valid).map(|cut| PointPeriod { parties, ..cut })
}

#[cfg(test)]
mod tests {
    use tidstro_model::{Gln, GridArea, Resolution};

    use super::*;

    fn span(start: &str, end: &str) -> Interval {
        Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_child_changes_supplier_with_its_parent() {
        let (parent, child) = (Gsrn::from_body(1), Gsrn::from_body(2));
        let period = |point, parent, supplier, valid| PointPeriod {
            point,
            kind: PointType::Production,
            area: GridArea::parse("800").unwrap(),
            resolution: Resolution::PT1H,
            parent,
            parties: Parties { supplier, balance_responsible: None },
            valid,
        };
        let (one, other) = (Some(Gln::from_body(1)), Some(Gln::from_body(2)));
        let periods = [
            period(parent, None, one, span("2023-01-31T23:00:00Z", "2023-02-14T23:00:00Z")),
            period(parent, None, other, span("2023-02-14T23:00:00Z", "2023-03-31T22:00:00Z")),
            period(child, Some(parent), None, span("2023-02-09T23:00:00Z", "9999-01-01T00:00:00Z")),
        ];
        let month = span("2023-01-31T23:00:00Z", "2023-02-28T23:00:00Z");
        let cut = with_parents_supplier(&periods, month);
        let of_child: Vec<_> = cut.iter().filter(|period| period.point == child).collect();
        assert_eq!(of_child.len(), 2);
        assert_eq!(of_child[0].parties.supplier, one);
        assert_eq!(of_child[0].valid, span("2023-02-09T23:00:00Z", "2023-02-14T23:00:00Z"));
        assert_eq!(of_child[1].parties.supplier, other);
        assert_eq!(of_child[1].valid, span("2023-02-14T23:00:00Z", "2023-02-28T23:00:00Z"));
    }
}
