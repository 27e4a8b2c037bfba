//! The text of a statement, where the databases do not read the same one.

/// One statement in the words of both databases.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sql<'s> {
    pub(super) sqlite: &'s str,
    pub(super) postgres: &'s str,
}

impl<'s> Sql<'s> {
    /// A statement the databases do not read alike.
    pub(crate) const fn two(sqlite: &'s str, postgres: &'s str) -> Self {
        Self { sqlite, postgres }
    }
}

impl<'s> From<&'s str> for Sql<'s> {
    fn from(both: &'s str) -> Self {
        Self { sqlite: both, postgres: both }
    }
}

impl<'s> From<&'s String> for Sql<'s> {
    fn from(both: &'s String) -> Self {
        both.as_str().into()
    }
}

/// The text as PostgreSQL reads it: `$1` for `?1`, and no bytes as `''::bytea` for `x''`.
pub(super) fn for_postgres(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut rest = sql.chars().peekable();
    while let Some(letter) = rest.next() {
        let is_parameter = letter == '?' && rest.peek().is_some_and(char::is_ascii_digit);
        text.push(if is_parameter { '$' } else { letter });
    }
    text.replace(" x''", " ''::bytea")
}

#[cfg(test)]
mod tests {
    use super::for_postgres;

    #[test]
    fn numbered_parameters_become_dollars() {
        assert_eq!(
            for_postgres("-- what?\nSELECT a FROM b WHERE c = ?1 AND d < ?12 AND e = x''"),
            "-- what?\nSELECT a FROM b WHERE c = $1 AND d < $12 AND e = ''::bytea"
        );
    }
}
