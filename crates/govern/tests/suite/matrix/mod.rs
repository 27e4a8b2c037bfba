//! The whole policy matrix of each register that ships, as a file to read.
//!
//! Set `TIDSTRO_REWRITE_GOLDEN=1` to write the files anew, and read the difference before accepting it.

mod cells;
mod conditions;
mod scene;

use std::fmt::Write;
use std::path::PathBuf;

use crate::shipped::{Shipped, shipped};

#[test]
fn each_matrix_is_the_golden_one() {
    let differences: Vec<_> = shipped().iter().filter_map(difference_of).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn each_golden_matrix_has_a_register() {
    let names: Vec<_> = shipped().iter().map(golden).collect();
    for entry in std::fs::read_dir(golden(&shipped()[0]).parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        assert!(names.contains(&path), "{} belongs to no register; remove it", path.display());
    }
}

fn golden(shipped: &Shipped) -> PathBuf {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/matrix"));
    folder.join(format!("{}.txt", shipped.name))
}

fn difference_of(shipped: &Shipped) -> Option<String> {
    let matrix = matrix(shipped);
    let path = golden(shipped);
    if std::env::var_os("TIDSTRO_REWRITE_GOLDEN").is_some() {
        std::fs::write(&path, &matrix).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    (golden != matrix).then(|| {
        let lines = difference(&golden, &matrix);
        format!("the matrix of {} has changed (- golden, + now):\n{lines}", shipped.name)
    })
}

/// The lines that differ, with line numbers.
fn difference(golden: &str, now: &str) -> String {
    let (golden, now): (Vec<_>, Vec<_>) = (golden.lines().collect(), now.lines().collect());
    let mut shown = String::new();
    for index in 0..golden.len().max(now.len()) {
        let (old, new) = (golden.get(index), now.get(index));
        if old != new {
            writeln!(shown, "{:>4} - {}", index + 1, old.unwrap_or(&"")).unwrap();
            writeln!(shown, "     + {}", new.unwrap_or(&"")).unwrap();
        }
    }
    shown
}

fn matrix(shipped: &Shipped) -> String {
    let register = shipped.register();
    let mut out = format!(
        "# Policy matrix of the register `{}`: the finest resolution granted to each actor for each purpose,\n\
         # operation and category; `full` where every resolution is, `-` where none is. Operations and categories of\n\
         # which nothing is granted are left out. Target: subject 1, which has a flat, a supply, a point of an unassigned\n\
         # area and one dossier of each kind; all consents are given; exports go to the purpose's first recipient; the\n\
         # session has two factors; what only erases is asked for everything. `resident:1` is that subject, `resident:2` a former tenant of the same flat.\n",
        register.id()
    );
    cells::write_cells(&mut out, &register);
    conditions::write_recipients(&mut out, &register);
    conditions::write_sessions(&mut out, &register);
    conditions::write_leases(&mut out, &register);
    out
}
