//! Actor × purpose × operation × category × resolution.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use tidstro_govern::{Activity, Decision, Facts, Operation, RefusalRule, Register, Step, decide};
use tidstro_model::{CategoryId, Resolution};

use super::scene::{good_ask, now, scene};

/// Everybody, and what each of them gets.
pub(super) fn write_cells(out: &mut String, register: &Register) {
    let facts = scene(register);
    let staff = register.actors().map(|actor| actor.id.to_string());
    let others = ["resident:1", "resident:2", "staff:nobody"].map(str::to_owned);
    for actor in staff.chain(others) {
        write_actor(out, register, &facts, &actor);
    }
}

fn write_actor(out: &mut String, register: &Register, facts: &Facts, actor: &str) {
    let mut refused: BTreeMap<RefusalRule, Vec<&str>> = BTreeMap::new();
    for activity in register.activities() {
        let table = Table::of(register, facts, actor, activity);
        match table.only_rule() {
            Some(rule) => refused.entry(rule).or_default().push(activity.id.as_str()),
            None => table.write(out, actor, activity),
        }
    }
    for (rule, purposes) in refused {
        // Most purposes are not the actor's; which they are is what is left.
        let named = rule != RefusalRule::RoleNotInPurpose && rule != RefusalRule::UnknownActor;
        let purposes = if named { purposes.join(", ") } else { "every other purpose".to_owned() };
        writeln!(out, "\n{actor}: {rule} for {purposes}").unwrap();
    }
}

/// What one actor gets for one purpose: a row for each operation, a cell for each category.
struct Table<'r> {
    categories: Vec<&'r CategoryId>,
    rows: Vec<(Operation, Vec<Cell>)>,
}

/// The finest resolution granted: `full` where every one is, `-` where none is.
struct Cell {
    shown: String,
    refused: BTreeSet<RefusalRule>,
}

impl<'r> Table<'r> {
    fn of(register: &'r Register, facts: &Facts, actor: &str, activity: &Activity) -> Self {
        let categories: Vec<_> = register.categories().map(|category| &category.id).collect();
        let row = |&operation: &Operation| {
            let cells = categories.iter().map(|id| cell(register, facts, actor, activity, operation, id));
            (operation, cells.collect())
        };
        Self { rows: Operation::ALL.iter().map(row).collect(), categories }
    }

    fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.rows.iter().flat_map(|(_, cells)| cells)
    }

    /// The rule that refuses everything, if it is one.
    fn only_rule(&self) -> Option<RefusalRule> {
        let rules: BTreeSet<_> = self.cells().flat_map(|cell| cell.refused.iter().copied()).collect();
        let nothing = self.cells().all(|cell| cell.shown == "-");
        rules.first().copied().filter(|_| nothing && rules.len() == 1)
    }

    /// Only rows and columns in which something is granted.
    fn write(&self, out: &mut String, actor: &str, activity: &Activity) {
        let some = |index: &usize| self.rows.iter().any(|(_, cells)| cells[*index].shown != "-");
        let columns: Vec<_> = (0..self.categories.len()).filter(some).collect();
        if columns.is_empty() {
            writeln!(out, "\n{actor} for {}: nothing", activity.id).unwrap();
            return;
        }
        writeln!(out, "\n{actor} for {}", activity.id).unwrap();
        let heads = columns.iter().map(|&index| self.categories[index].as_str());
        writeln!(out, "  {:<10}{}", "", line(heads)).unwrap();
        for (operation, cells) in &self.rows {
            if cells.iter().any(|cell| cell.shown != "-") {
                let shown = columns.iter().map(|&index| cells[index].shown.as_str());
                writeln!(out, "  {:<10}{}", operation.word(), line(shown)).unwrap();
            }
        }
    }
}

fn line<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    texts.map(|text| format!("{text:<20}")).collect::<String>().trim_end().to_owned()
}

fn cell(
    register: &Register,
    facts: &Facts,
    actor: &str,
    activity: &Activity,
    operation: Operation,
    category: &CategoryId,
) -> Cell {
    let mut ask = good_ask(actor, activity, operation, category);
    let (mut granted, mut refused) = (Vec::new(), BTreeSet::new());
    if let Decision::Refuse(refuse) = decide(register, facts, &ask, now())
        && refuse.rule.step() < Step::Resolution
    {
        // What is refused before the resolution is weighed is refused in every one.
        return Cell { shown: "-".to_owned(), refused: BTreeSet::from([refuse.rule]) };
    }
    for resolution in Resolution::ALL {
        ask.resolution = resolution;
        match decide(register, facts, &ask, now()) {
            Decision::Grant(grant) => granted.push((resolution, grant.scope.finest)),
            Decision::Refuse(refuse) => {
                refused.insert(refuse.rule);
            }
        }
    }
    let coarser = |finest: Resolution| Resolution::ALL.iter().filter(|&&r| r >= finest).count();
    let shown = match granted.as_slice() {
        [] => "-".to_owned(),
        all if all.len() == 6 && all.iter().all(|(_, scope)| *scope == Resolution::Raw) => "full".to_owned(),
        // What is granted finely is granted coarsely: nothing between the finest and a year is missing.
        [(finest, _), ..] => {
            assert_eq!(granted.len(), coarser(*finest), "{actor} {} {operation} {category}", activity.id);
            finest.to_string()
        }
    };
    Cell { shown, refused }
}
