//! The schema as PostgreSQL itself describes it, in a server of the tests' own.

mod answers;
mod checks;
mod comments;
mod months;
mod older;
mod roles;
mod same;
mod spread;
mod tls;

use std::ops::RangeInclusive;

use tidstro_cluster::Cluster;

use super::{DATA, KEYS, ROLES, Schema};

/// A server and a database in it.
struct Database {
    cluster: &'static Cluster,
    url: String,
}

impl Database {
    /// Both schemas, newly made.
    fn made() -> Self {
        let cluster = tidstro_cluster::shared().unwrap();
        let database = Self { cluster, url: cluster.database().unwrap() };
        for schema in [DATA, KEYS] {
            database.ask(&steps(&schema));
            database.ask(schema.grants);
        }
        database
    }

    /// Both schemas, made by the owner, in a database with the roles; and a login in each of them.
    fn with_roles() -> Self {
        let cluster = tidstro_cluster::shared().unwrap();
        let database = Self { cluster, url: cluster.database().unwrap() };
        database.ask(ROLES);
        for schema in [DATA, KEYS] {
            database.ask(&format!("SET ROLE tidstro_owner;\n{}\n{}", steps(&schema), schema.grants));
        }
        for (login, role) in [("program", "tidstro_app"), ("analyst", "tidstro_analyst")] {
            database.make_login(login, role);
        }
        database
    }

    /// A login in a role, unless another database of the server has made it.
    fn make_login(&self, login: &str, role: &str) {
        self.ask(&format!(
            "DO $$ BEGIN CREATE ROLE {login} LOGIN IN ROLE {role};
             EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        ));
    }

    /// The same database for another login.
    fn login(&self, user: &str) -> Self {
        Self { cluster: self.cluster, url: Cluster::as_user(&self.url, user) }
    }

    /// What statements answer, with the data's schema first in the search path.
    fn ask(&self, sql: &str) -> String {
        self.cluster.ask(&self.url, &format!("SET search_path = tidstro;\n{sql}")).unwrap()
    }

    fn refusal(&self, sql: &str) -> String {
        self.cluster.ask(&self.url, &format!("SET search_path = tidstro;\n{sql}")).unwrap_err().to_string()
    }

    /// The rows of a query of one column.
    fn rows(&self, sql: &str) -> Vec<String> {
        self.ask(sql).lines().map(str::to_owned).collect()
    }
}

/// The steps of a schema with these numbers as one text.
fn steps_between(Schema { name, steps, .. }: &Schema, numbers: RangeInclusive<i64>) -> String {
    let steps = steps.iter().filter(|step| numbers.contains(&step.number));
    let parts: Vec<&str> = steps.flat_map(|step| step.parts).copied().collect();
    format!("SET search_path = {name};\n{}", parts.join("\n"))
}

/// All steps of a schema as one text.
fn steps(schema: &Schema) -> String {
    format!("CREATE SCHEMA {};\n{}", schema.name, steps_between(schema, 1..=i64::MAX))
}

#[test]
fn steps_have_the_numbers_of_sqlite() {
    use crate::sqlite::{DATA_SCHEMA, KEY_SCHEMA};
    for (schema, sqlite) in [(DATA, DATA_SCHEMA), (KEYS, KEY_SCHEMA)] {
        let numbers: Vec<i64> = schema.steps.iter().map(|step| step.number).collect();
        let expected: Vec<i64> = (numbers[0]..=i64::try_from(sqlite.len()).unwrap()).collect();
        assert_eq!(numbers, expected, "schema `{}`: add the step to both lists", schema.name);
        assert!(schema.steps.iter().all(|step| step.parts.iter().all(|part| part.starts_with("-- schema "))));
    }
}
