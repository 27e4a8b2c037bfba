//! Sums of a month: what a supplier owes for each charge, to each owner, and in all.
//!
//! What comes in: amounts per hour and day. What goes out: their sums. A charge none of whose amounts is known has no sum.
//! Taxes are collected by the other owners: they are in an owner's total unless the owner collects for itself.
//!
//! Source: DataHub's published wholesale scenarios.

use std::collections::BTreeMap;

use tidstro_model::Gln;

use super::{ChargeAmount, ChargeKey, ChargeResolution, GridArea, SettlementFault};

/// What one supplier owes for one charge in the period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthlyAmount {
    /// The charge.
    pub key: ChargeKey,
    /// How often its prices change.
    pub resolution: ChargeResolution,
    /// Whether it is a tax.
    pub is_tax: bool,
    /// The grid area.
    pub area: GridArea,
    /// Who owes.
    pub supplier: Option<Gln>,
    /// Millionths of a krone; `None` if there was no price all month.
    pub amount: Option<i64>,
}

/// What one supplier owes in the period, to one owner or to all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotalAmount {
    /// The grid area.
    pub area: GridArea,
    /// Who owes.
    pub supplier: Option<Gln>,
    /// To whom; `None` for all owners together.
    pub owner: Option<Gln>,
    /// Millionths of a krone; `None` if nothing had a price.
    pub amount: Option<i64>,
}

/// The sums of the period per charge, supplier and area.
///
/// # Errors
/// [`SettlementFault::Amount`].
pub fn monthly_amounts(amounts: &[ChargeAmount]) -> Result<Vec<MonthlyAmount>, SettlementFault> {
    let mut sums: BTreeMap<_, Option<i64>> = BTreeMap::new();
    for one in amounts {
        let group = (&one.key, one.resolution, one.is_tax, one.area, one.supplier);
        add(sums.entry(group).or_default(), one.amount, &one.key.code)?;
    }
    let monthly = |((key, resolution, is_tax, area, supplier), amount): ((&ChargeKey, _, _, _, _), _)| {
        MonthlyAmount { key: key.clone(), resolution, is_tax, area, supplier, amount }
    };
    Ok(sums.into_iter().map(monthly).collect())
}

/// The sums of the period per owner, then per supplier.
///
/// # Errors
/// [`SettlementFault::Amount`].
pub fn total_amounts(monthly: &[MonthlyAmount]) -> Result<Vec<TotalAmount>, SettlementFault> {
    let mut all: BTreeMap<(GridArea, Option<Gln>), Option<i64>> = BTreeMap::new();
    let mut owners: BTreeMap<(GridArea, Option<Gln>, Gln), Option<i64>> = BTreeMap::new();
    for one in monthly {
        add(all.entry((one.area, one.supplier)).or_default(), one.amount, &one.key.code)?;
        if !one.is_tax {
            let owner = owners.entry((one.area, one.supplier, one.key.owner)).or_default();
            add(owner, one.amount, &one.key.code)?;
        }
    }
    for tax in monthly.iter().filter(|one| one.is_tax) {
        for ((area, supplier, owner), sum) in &mut owners {
            if (*area, *supplier) == (tax.area, tax.supplier) && *owner != tax.key.owner {
                add(sum, tax.amount, &tax.key.code)?;
            }
        }
    }
    let per_owner = owners.into_iter().map(|((area, supplier, owner), amount)| TotalAmount {
        area,
        supplier,
        owner: Some(owner),
        amount,
    });
    let per_supplier =
        all.into_iter().map(|((area, supplier), amount)| TotalAmount { area, supplier, owner: None, amount });
    Ok(per_owner.chain(per_supplier).collect())
}

/// Adds an amount to a sum; an amount that is not known changes nothing.
fn add(sum: &mut Option<i64>, amount: Option<i64>, code: &str) -> Result<(), SettlementFault> {
    if let Some(amount) = amount {
        let total = sum.unwrap_or(0).checked_add(amount);
        *sum = Some(total.ok_or_else(|| SettlementFault::Amount { code: code.to_owned() })?);
    }
    Ok(())
}
