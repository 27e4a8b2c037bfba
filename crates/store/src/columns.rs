//! The personal columns of the store and the categories the register gives them.
//!
//! What comes in: a register. What goes out: the proof that it covers every personal column of the parts
//! of the store it uses, and the categories that are asked for by column. Never: an uncovered column
//! with a row in it.

use crate::db::Connection;
use tidstro_govern::{PersonalColumn, Register, StorePart};
use tidstro_model::CategoryId;

use crate::StoreFault;
use crate::reference::SeriesCategory;

/// The columns that tell something about a person, sealed or by pseudonym. The program does not start
/// if one of them has no category in the register, or a category no activity keeps. `record.sealed` is
/// not among them: each record has its category written beside it.
pub const PERSONAL_COLUMNS: &[(&str, &str)] = &[
    ("subject", "sealed_name"),
    ("subject", "sealed_contact"),
    ("occupancy", "subject_no"),
    ("occupancy", "start_day"),
    ("occupancy", "end_day"),
    ("series_block", "sealed"),
    ("series_month", "sealed"),
    ("series_state", "sealed"),
    ("version_note", "sealed"),
    ("raw_telegram", "sealed"),
    ("alarm", "sealed"),
    ("settlement_sum", "sealed"),
    ("subject_event", "kind"),
    ("event_aside", "sealed"),
    ("account", "sealed_name"),
    ("account_secret", "sealed"),
    ("account_session", "browser"),
];

/// What was kept aside, which belongs to no subject: it may name anybody.
const ASIDE: PersonalColumn<'static> = PersonalColumn { table: "event_aside", column: "sealed" };
/// Values of closed months, which registers from before them do not name.
const MONTHS: PersonalColumn<'static> = PersonalColumn { table: "series_month", column: "sealed" };
/// Alarms, which a register may leave out: then none are collected.
const ALARM: PersonalColumn<'static> = PersonalColumn { table: "alarm", column: "sealed" };

/// Sums of settlement, which a register may leave out: then none are kept. They belong to no subject.
const SETTLEMENT: PersonalColumn<'static> = PersonalColumn { table: "settlement_sum", column: "sealed" };
/// Accounts, which a register may leave out: then nobody has one.
const ACCOUNT: PersonalColumn<'static> = PersonalColumn { table: "account", column: "sealed_name" };
/// Tables that came after registers were kept.
const LATER: [&str; 6] =
    [ASIDE.table, MONTHS.table, "version_note", "account", "account_secret", "account_session"];

/// The part of the store a table belongs to; `None` for one that every part needs.
fn part_of(table: &str) -> Option<StorePart> {
    match table {
        "subject" | "subject_event" | "event_aside" => None,
        "dossier" | "record" | "account" | "account_secret" | "account_session" => Some(StorePart::Dossiers),
        _ => Some(StorePart::Metering),
    }
}

/// The categories the register gives the columns that are read by category; `None` in a part of the store
/// that the register leaves out.
pub(crate) struct ColumnCategories {
    names: Option<CategoryId>,
    contacts: Option<CategoryId>,
    occupancies: Option<CategoryId>,
    series: Option<CategoryId>,
    telegrams: Option<CategoryId>,
    alarms: Option<CategoryId>,
    settlement: Option<CategoryId>,
    choices: Option<CategoryId>,
    aside: Option<CategoryId>,
    accounts: Option<CategoryId>,
}

impl ColumnCategories {
    pub(crate) fn of(register: &Register) -> Result<Self, StoreFault> {
        // A column that came after a kept register is for the register that follows it.
        let is_asked =
            |table: &str| !(register.is_kept() && LATER.contains(&table) || left_out(register, table));
        let covers = |table: &str| {
            is_asked(table) && part_of(table).is_none_or(|part| register.parts().contains(&part))
        };
        let columns: Vec<PersonalColumn<'_>> = PERSONAL_COLUMNS
            .iter()
            .filter(|(table, _)| covers(table))
            .map(|(table, column)| PersonalColumn { table, column })
            .collect();
        register.check_columns(&columns).map_err(StoreFault::Columns)?;
        if is_asked(ASIDE.table) {
            register.check_unowned(&ASIDE).map_err(StoreFault::Columns)?;
        }
        if covers(SETTLEMENT.table) {
            register.check_unowned(&SETTLEMENT).map_err(StoreFault::Columns)?;
        }
        let category = |table, column| {
            register.category_of(&PersonalColumn { table, column }).map(|category| category.id.clone())
        };
        let series = CategoryId::parse(SeriesCategory::Consumption.id()).ok();
        Ok(Self {
            names: category("subject", "sealed_name"),
            contacts: category("subject", "sealed_contact"),
            occupancies: category("occupancy", "subject_no"),
            series: series.filter(|_| register.parts().contains(&StorePart::Metering)),
            telegrams: category("raw_telegram", "sealed"),
            alarms: category(ALARM.table, ALARM.column),
            settlement: category(SETTLEMENT.table, SETTLEMENT.column),
            choices: category("subject_event", "kind"),
            aside: category(ASIDE.table, ASIDE.column),
            accounts: category(ACCOUNT.table, ACCOUNT.column),
        })
    }

    /// The category of names.
    pub(crate) fn names(&self) -> Result<&CategoryId, StoreFault> {
        self.names.as_ref().ok_or(StoreFault::PartLeftOut { table: "subject" })
    }

    /// The category of contacts.
    pub(crate) fn contacts(&self) -> Result<&CategoryId, StoreFault> {
        self.contacts.as_ref().ok_or(StoreFault::PartLeftOut { table: "subject" })
    }

    /// The category of occupancies.
    pub(crate) fn occupancies(&self) -> Result<&CategoryId, StoreFault> {
        self.occupancies.as_ref().ok_or(StoreFault::PartLeftOut { table: "occupancy" })
    }

    /// The category of consumption series.
    pub(crate) fn series(&self) -> Result<&CategoryId, StoreFault> {
        self.series.as_ref().ok_or(StoreFault::PartLeftOut { table: "series_block" })
    }

    /// The category of raw telegrams.
    pub(crate) fn telegrams(&self) -> Result<&CategoryId, StoreFault> {
        self.telegrams.as_ref().ok_or(StoreFault::PartLeftOut { table: "raw_telegram" })
    }

    /// The category of alarms; `None` where the register leaves them out.
    pub(crate) const fn alarms(&self) -> Option<&CategoryId> {
        self.alarms.as_ref()
    }

    /// The category of settlement sums; `None` where the register leaves them out.
    pub(crate) const fn settlement(&self) -> Option<&CategoryId> {
        self.settlement.as_ref()
    }

    /// The same, for those who ask for sums.
    pub(crate) fn settled(&self) -> Result<&CategoryId, StoreFault> {
        self.settlement.as_ref().ok_or(StoreFault::SettlementLeftOut)
    }

    /// The category of what subjects have chosen and what happened to their data.
    pub(crate) fn choices(&self) -> Result<&CategoryId, StoreFault> {
        self.choices.as_ref().ok_or(StoreFault::PartLeftOut { table: "subject_event" })
    }

    /// The category of accounts.
    pub(crate) fn accounts(&self) -> Result<&CategoryId, StoreFault> {
        self.accounts.as_ref().ok_or(StoreFault::NobodyLogsIn)
    }

    /// The category of what was kept aside.
    pub(crate) fn aside(&self) -> Result<&CategoryId, StoreFault> {
        self.aside.as_ref().ok_or(StoreFault::PartLeftOut { table: ASIDE.table })
    }
}

/// Whether the register has no category for a table that it may leave out.
fn left_out(register: &Register, table: &str) -> bool {
    let may_be_left_out = [ALARM, SETTLEMENT, ACCOUNT];
    let is_left_out =
        |column: &PersonalColumn<'_>| table == column.table && register.category_of(column).is_none();
    let belongs_to_account = table.starts_with("account_") && register.category_of(&ACCOUNT).is_none();
    belongs_to_account || may_be_left_out.iter().any(is_left_out)
}

/// Proves that the parts the register leaves out are empty: nobody could see, keep or erase their rows.
pub(crate) fn left_out_is_empty(db: &Connection, register: &Register) -> Result<(), StoreFault> {
    const FIRST_ROWS: [(&str, &str); 9] = [
        ("occupancy", "-- any_occupancy\nSELECT EXISTS (SELECT 1 FROM occupancy)"),
        ("series_block", "-- any_series_block\nSELECT EXISTS (SELECT 1 FROM series_block)"),
        ("series_month", "-- any_series_month\nSELECT EXISTS (SELECT 1 FROM series_month)"),
        ("series_state", "-- any_series_state\nSELECT EXISTS (SELECT 1 FROM series_state)"),
        ("raw_telegram", "-- any_raw_telegram\nSELECT EXISTS (SELECT 1 FROM raw_telegram)"),
        ("alarm", "-- any_alarm\nSELECT EXISTS (SELECT 1 FROM alarm)"),
        ("settlement_sum", "-- any_settlement_sum\nSELECT EXISTS (SELECT 1 FROM settlement_sum)"),
        ("account", "-- any_account\nSELECT EXISTS (SELECT 1 FROM account)"),
        ("dossier", "-- any_dossier\nSELECT EXISTS (SELECT 1 FROM dossier)"),
    ];
    for (table, sql) in FIRST_ROWS {
        let has_no_part = part_of(table).is_some_and(|part| !register.parts().contains(&part));
        let is_left_out = left_out(register, table);
        if (has_no_part || is_left_out) && db.query_row(sql, [], |row| row.get(0))? {
            return Err(match table {
                _ if has_no_part => StoreFault::PartLeftOut { table },
                "alarm" => StoreFault::AlarmsLeftOut,
                "account" => StoreFault::AccountsLeftOut,
                _ => StoreFault::SettlementLeftOut,
            });
        }
    }
    Ok(())
}
