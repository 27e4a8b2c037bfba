//! Virtual points and the children they are made of (D.1 § 7: each has child points, with 15/60 values on every child).

use std::collections::BTreeSet;

use jiff::civil::Date;
use tidstro_model::{DayRange, Gsrn, Resolution, SubType};
use tidstro_store::{KnownPeriod, Which};

use crate::{FlowFault, Workspace};

/// A virtual point that cannot be the sum of its children on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Childless {
    /// It has no child in use.
    WithoutChildren {
        /// The virtual point.
        point: Gsrn,
    },
    /// A child has neither quarters nor hours.
    CoarseChild {
        /// The virtual point.
        point: Gsrn,
        /// The child.
        child: Gsrn,
    },
}

/// The virtual points in use on a day whose children are missing, or too coarse, by what is known now.
///
/// # Errors
/// [`FlowFault::Store`] if the store cannot be read.
pub async fn virtual_without_children(workspace: &Workspace, day: Date) -> Result<Vec<Childless>, FlowFault> {
    let days = DayRange::new(day, day.saturating_add(jiff::ToSpan::days(1))).unwrap_or(DayRange::from(day));
    Ok(found(&workspace.store.point_periods(Which::All, days, None).await?))
}

fn found(periods: &[KnownPeriod]) -> Vec<Childless> {
    let in_use = || periods.iter().filter(|period| period.state.is_in_use());
    let parents: BTreeSet<Gsrn> = in_use().filter_map(|period| period.state.parent).collect();
    let virtuals = in_use().filter(|period| period.state.sub_type == SubType::Virtual);
    let virtuals: BTreeSet<Gsrn> = virtuals.map(|period| period.gsrn).collect();
    let bare = virtuals.difference(&parents).map(|point| Childless::WithoutChildren { point: *point });
    let is_coarse =
        |period: &&KnownPeriod| !matches!(period.state.resolution, Resolution::PT15M | Resolution::PT1H);
    let coarse = in_use().filter(is_coarse).filter_map(|period| {
        let point = period.state.parent.filter(|parent| virtuals.contains(parent))?;
        Some(Childless::CoarseChild { point, child: period.gsrn })
    });
    bare.chain(coarse).collect()
}
