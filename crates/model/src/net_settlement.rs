//! How a customer with own production is settled: the net settlement group, and when its settlement year begins.
//!
//! What comes in: numbers of the market. What goes out: a group that has a month exactly if its rules need one. What the groups mean for
//! energy is the settlement's business; here is only which there are.
//!
//! Source: DataHub, master data of metering points; groups 4, 5 and 7 occur in its settlement scenarios.

/// A net settlement group, by the market's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NetSettlementGroup {
    /// 0: no net settlement.
    Zero,
    /// 1.
    One,
    /// 2: net settled hour by hour.
    Two,
    /// 3.
    Three,
    /// 4.
    Four,
    /// 5.
    Five,
    /// 6: net settled over a settlement year, which begins with this month.
    Six(SettlementMonth),
    /// 7.
    Seven,
    /// 99: other.
    NinetyNine,
}

/// The month whose first day begins a settlement year: 1 to 12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SettlementMonth(i8);

/// Why a group and a month do not belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NetSettlementFault {
    /// A number that is no group.
    #[error("is no net settlement group; write one of 0 to 7 or 99")]
    Group,
    /// Group 6 without a month.
    #[error("is empty; net settlement group 6 needs the month its settlement year begins with")]
    MonthMissing,
    /// A month of any other group.
    #[error("must be empty; only net settlement group 6 has a settlement month")]
    MonthTooMuch,
    /// No month.
    #[error("is no month; write 1 to 12, or the date of the yearly reading as `0901`")]
    Month,
    /// A yearly reading inside a month.
    #[error("is not the first day of a month; a settlement year begins with one, such as `0901`")]
    Day,
}

impl SettlementMonth {
    /// January: where no month is said, settlement years are calendar years.
    pub const JANUARY: Self = Self(1);

    /// A month by its number.
    ///
    /// # Errors
    /// [`NetSettlementFault::Month`].
    pub fn new(month: i64) -> Result<Self, NetSettlementFault> {
        let known = i8::try_from(month).ok().filter(|month| (1..=12).contains(month));
        known.map(Self).ok_or(NetSettlementFault::Month)
    }

    /// Reads `9`, or the date of the yearly reading as messages of the market have it: month and day, `0901`.
    ///
    /// # Errors
    /// [`NetSettlementFault::Month`], [`NetSettlementFault::Day`].
    pub fn parse(text: &str) -> Result<Self, NetSettlementFault> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NetSettlementFault::Month);
        }
        let number: i64 = text.parse().map_err(|_| NetSettlementFault::Month)?;
        match text.len() {
            1 | 2 => Self::new(number),
            4 => {
                let month = Self::new(number / 100)?;
                if number % 100 == 1 { Ok(month) } else { Err(NetSettlementFault::Day) }
            }
            _ => Err(NetSettlementFault::Month),
        }
    }

    /// Its number, 1 to 12.
    #[must_use]
    pub const fn number(self) -> i8 {
        self.0
    }
}

impl NetSettlementGroup {
    /// The group of a number, with the month if it is the one that has one.
    ///
    /// # Errors
    /// [`NetSettlementFault::Group`], [`NetSettlementFault::MonthMissing`], [`NetSettlementFault::MonthTooMuch`].
    pub fn of_number(number: i64, month: Option<SettlementMonth>) -> Result<Self, NetSettlementFault> {
        let group = match (number, month) {
            (6, Some(month)) => return Ok(Self::Six(month)),
            (6, None) => return Err(NetSettlementFault::MonthMissing),
            (0, _) => Self::Zero,
            (1, _) => Self::One,
            (2, _) => Self::Two,
            (3, _) => Self::Three,
            (4, _) => Self::Four,
            (5, _) => Self::Five,
            (7, _) => Self::Seven,
            (99, _) => Self::NinetyNine,
            _ => return Err(NetSettlementFault::Group),
        };
        if month.is_none() { Ok(group) } else { Err(NetSettlementFault::MonthTooMuch) }
    }

    /// The market's number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Zero => 0,
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
            Self::Four => 4,
            Self::Five => 5,
            Self::Six(_) => 6,
            Self::Seven => 7,
            Self::NinetyNine => 99,
        }
    }

    /// The month its settlement year begins with; none where it is the calendar year.
    #[must_use]
    pub const fn month(self) -> Option<SettlementMonth> {
        match self {
            Self::Six(month) => Some(month),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_of_the_market_has_its_number() {
        let month = SettlementMonth::parse("9").unwrap();
        for number in [0, 1, 2, 3, 4, 5, 7, 99] {
            let group = NetSettlementGroup::of_number(number, None).unwrap();
            assert_eq!((i64::from(group.number()), group.month()), (number, None));
            let fault = NetSettlementGroup::of_number(number, Some(month));
            assert_eq!(fault, Err(NetSettlementFault::MonthTooMuch), "{number}");
        }
        let six = NetSettlementGroup::of_number(6, Some(month)).unwrap();
        assert_eq!((six.number(), six.month()), (6, Some(month)));
        assert_eq!(NetSettlementGroup::of_number(6, None), Err(NetSettlementFault::MonthMissing));
        assert_eq!(NetSettlementGroup::of_number(8, None), Err(NetSettlementFault::Group));
    }

    #[test]
    fn a_settlement_month_is_a_month_or_its_first_day() {
        for (text, month) in [("1", 1), ("09", 9), ("12", 12), ("0901", 9)] {
            assert_eq!(SettlementMonth::parse(text).unwrap().number(), month);
        }
        assert_eq!(SettlementMonth::parse("0902"), Err(NetSettlementFault::Day));
        for text in ["", "0", "13", "1301", "-1", "901", "september", "00901"] {
            assert_eq!(SettlementMonth::parse(text), Err(NetSettlementFault::Month), "{text}");
        }
    }
}
