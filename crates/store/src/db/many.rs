//! Many rows at once.
//!
//! A statement costs SQLite next to nothing, and costs a server a way there and back. So of one text each database makes what it
//! likes: SQLite runs it for one row after the other; PostgreSQL takes new rows by `COPY`, answers for all things at once, and
//! takes the rest in without waiting between two. Never: rows in another order than they were given.

use std::iter::once;

use super::bind::{Bind, Bound, Params, params};
use super::{Connection, DbFault, Row};

/// Things that are asked about at once.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Things<'t> {
    Numbers(&'t [i64]),
    Names(&'t [String]),
}

impl<'t> Things<'t> {
    const fn are_none(self) -> bool {
        match self {
            Self::Numbers(numbers) => numbers.is_empty(),
            Self::Names(names) => names.is_empty(),
        }
    }

    /// All of them as one value.
    const fn as_list(self) -> Bound<'t> {
        match self {
            Self::Numbers(numbers) => Bound::Ints(numbers),
            Self::Names(names) => Bound::Texts(names),
        }
    }

    fn one_by_one(self) -> Vec<Bound<'t>> {
        match self {
            Self::Numbers(numbers) => numbers.iter().map(Bind::bound).collect(),
            Self::Names(names) => names.iter().map(Bind::bound).collect(),
        }
    }
}

impl Params for &[Bound<'_>] {
    fn each<'a>(&'a self, take: &mut dyn FnMut(Bound<'a>) -> Result<(), DbFault>) -> Result<(), DbFault> {
        self.iter().try_for_each(|value| take(*value))
    }
}

/// A table that gives numbers to its rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbered {
    pub(crate) table: &'static str,
    /// The column of numbers.
    pub(crate) number: &'static str,
    /// The other columns that are written.
    pub(crate) columns: &'static str,
}

impl Connection {
    /// The rows about each of these things, made into something. In the statement `= ?1` stands for a thing, once; `more` are
    /// the values after it. From PostgreSQL the rows come in one answer, in any order.
    pub(crate) fn query_each<T, E: From<DbFault>>(
        &self,
        sql: &str,
        things: Things<'_>,
        more: &[&dyn Bind],
        mut map: impl FnMut(&Row<'_>) -> Result<T, E>,
    ) -> Result<Vec<T>, E> {
        let mut found = Vec::new();
        if things.are_none() {
            return Ok(found);
        }
        let (sql, asked) = match self {
            Self::Sqlite(_) => (sql.to_owned(), things.one_by_one()),
            Self::Postgres(_) => (sql.replacen("= ?1", "= ANY (?1)", 1), vec![things.as_list()]),
        };
        let mut statement = self.prepare_cached(&sql)?;
        for thing in asked {
            let values: Vec<Bound<'_>> = once(thing).chain(more.iter().map(|value| value.bound())).collect();
            for row in statement.query_and_then(values.as_slice(), &mut map)? {
                found.push(row?);
            }
        }
        Ok(found)
    }

    /// Adds rows to a table. `table` names it and its columns in parentheses; none of the rows may be there.
    pub(crate) fn insert_all<'a, R: AsRef<[Bound<'a>]>>(
        &self,
        table: &str,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<(), DbFault> {
        let mut rows = rows.into_iter().peekable();
        let Some(first) = rows.peek() else { return Ok(()) };
        match self {
            Self::Sqlite(_) => {
                let mut insert = self.prepare_cached(&insert_into(table, first.as_ref().len()))?;
                rows.try_for_each(|row| insert.execute(row.as_ref()).map(|_| ()))
            }
            Self::Postgres(link) => link.copy_in(table, rows).map(|_| ()),
        }
    }

    /// Adds rows to a table that gives numbers, and returns the numbers they got, in order.
    pub(crate) fn insert_all_numbered<'a, const N: usize>(
        &self,
        Numbered { table, number, columns }: Numbered,
        rows: impl ExactSizeIterator<Item = [Bound<'a>; N]>,
    ) -> Result<Vec<i64>, DbFault> {
        match self {
            Self::Sqlite(db) => {
                let mut insert = self.prepare_cached(&insert_into(&format!("{table} ({columns})"), N))?;
                rows.map(|row| {
                    insert.execute(row.as_slice())?;
                    Ok(db.last_insert_rowid())
                })
                .collect()
            }
            Self::Postgres(_) => {
                let numbers = self.reserve((table, number), rows.len())?;
                let rows = numbers.iter().zip(rows);
                let rows = rows.map(|(number, row)| once(Bound::Int(*number)).chain(row).collect::<Vec<_>>());
                self.insert_all(&format!("{table} ({number}, {columns})"), rows)?;
                Ok(numbers)
            }
        }
    }

    /// Numbers of a table that nobody else gets, in rising order: PostgreSQL only.
    pub(crate) fn reserve(&self, (table, number): (&str, &str), count: usize) -> Result<Vec<i64>, DbFault> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let sql = "-- reserve_numbers
                   SELECT nextval(pg_get_serial_sequence(?1, ?2)) FROM generate_series(1, ?3)";
        self.prepare_cached(sql)?.query_map(params![table, number, count], |row| row.get(0))?.collect()
    }

    /// Runs a statement without an answer for each of these values, in order; returns how many rows it changed.
    pub(crate) fn execute_each<const N: usize>(
        &self,
        sql: &str,
        values: &[[Bound<'_>; N]],
    ) -> Result<usize, DbFault> {
        if values.is_empty() {
            return Ok(0);
        }
        match self {
            Self::Sqlite(_) => {
                let mut statement = self.prepare_cached(sql)?;
                values.iter().map(|values| statement.execute(values.as_slice())).sum()
            }
            Self::Postgres(link) => link.execute_each(sql, values),
        }
    }
}

/// The statement that adds one row.
fn insert_into(table: &str, columns: usize) -> String {
    let places: Vec<String> = (1..=columns).map(|column| format!("?{column}")).collect();
    format!("-- insert_into\nINSERT INTO {table} VALUES ({})", places.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;

    /// Does the same in both databases, each with its schema and nothing in it.
    fn in_both(check: impl Fn(&Connection)) {
        let folder = tempfile::tempdir().unwrap();
        let url = tidstro_cluster::shared().unwrap().database().unwrap();
        for place in [folder.path(), url.as_ref()] {
            check(&Place::parse(place).unwrap().open_for_writing().unwrap().0);
        }
    }

    const PERSON: Numbered = Numbered {
        table: "subject",
        number: "subject_no",
        columns: "reference, key_no, contact_key_no, sealed_name, sealed_contact",
    };

    fn person(reference: &str) -> [Bound<'_>; 5] {
        [Bound::Text(reference), Bound::Int(1), Bound::Int(2), Bound::Blob(&[7]), Bound::Blob(&[8])]
    }

    #[test]
    fn rows_keep_their_order_and_are_found_by_any_of_their_names() {
        in_both(|db| {
            let names: Vec<String> = (0..600).map(|number| format!("person-{number}")).collect();
            let rows: Vec<_> = names.iter().map(|name| person(name)).collect();
            let numbers = db.insert_all_numbered(PERSON, rows.into_iter()).unwrap();
            assert!(numbers.is_sorted_by(|one, next| one < next), "{db:?}");
            let sql = "-- numbers_of
                       SELECT s.subject_no FROM subject s WHERE s.reference = ?1 AND s.key_no = ?2";
            let asked = ["person-599", "nobody", "person-3"].map(str::to_owned);
            let found: Result<Vec<i64>, DbFault> =
                db.query_each(sql, Things::Names(&asked), params![1_i64], |row| row.get(0));
            let mut found = found.unwrap();
            found.sort_unstable();
            assert_eq!(found, [numbers[3], numbers[599]], "{db:?}");
        });
    }

    #[test]
    fn of_nothing_nothing_is_asked() {
        in_both(|db| {
            let sql = "-- no_statement\nthis is none = ?1";
            let none: Result<Vec<i64>, DbFault> =
                db.query_each(sql, Things::Numbers(&[]), &[], |row| row.get(0));
            assert_eq!(none.unwrap(), [0_i64; 0]);
            assert_eq!(db.execute_each::<1>(sql, &[]).unwrap(), 0);
            db.insert_all("nowhere (column)", std::iter::empty::<[Bound<'_>; 1]>()).unwrap();
            assert!(db.insert_all_numbered(PERSON, std::iter::empty::<[Bound<'_>; 5]>()).unwrap().is_empty());
        });
    }

    #[test]
    fn statements_run_in_order_and_the_first_fault_is_told() {
        in_both(|db| {
            let area = |name| [Bound::Text(name), Bound::Text("grid-area")];
            db.insert_all("area (name, kind)", [area("543")]).unwrap();
            let sql = "-- rename\nUPDATE area SET name = ?2 WHERE name = ?1";
            let names: Vec<String> = (543..1_200).map(|number| number.to_string()).collect();
            let steps: Vec<_> =
                names.windows(2).map(|pair| [Bound::Text(&pair[0]), Bound::Text(&pair[1])]).collect();
            assert_eq!(db.execute_each(sql, &steps).unwrap(), steps.len(), "{db:?}");
            let last: String = db.query_row("-- last\nSELECT name FROM area", [], |row| row.get(0)).unwrap();
            assert_eq!(last, "1199", "{db:?}");
            db.insert_all("area (name, kind)", [area("800")]).unwrap();
            let twice = [[Bound::Text("800"), Bound::Text("1199")]];
            assert!(db.execute_each(sql, &twice).is_err(), "a name is there once: {db:?}");
        });
    }
}
