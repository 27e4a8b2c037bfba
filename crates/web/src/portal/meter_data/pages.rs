//! Long lists, some rows at a time.

use maud::{Markup, html};

use crate::words::Words;

/// How many rows stand on a page.
const PAGE_ROWS: usize = 100;

/// A part of a list, and the way to the other parts.
pub(super) struct Pages {
    from: usize,
    all: usize,
}

impl Pages {
    /// The page that begins with a row, counted from 0, of so many rows.
    pub(super) fn of(from: Option<usize>, all: usize) -> Self {
        Self { from: from.unwrap_or(0).min(all), all }
    }

    /// The rows that stand on it.
    pub(super) fn rows<'r, T>(&self, rows: &'r [T]) -> &'r [T] {
        let rest = rows.get(self.from..).unwrap_or_default();
        rest.get(..PAGE_ROWS).unwrap_or(rest)
    }

    /// Links to the pages before and after; `path` has its filters behind a question mark.
    pub(super) fn links(&self, path: &str, words: &Words) -> Markup {
        let to = (self.from + PAGE_ROWS).min(self.all);
        let before = (self.from > 0).then(|| self.from.saturating_sub(PAGE_ROWS));
        let after = (to < self.all).then_some(to);
        html! { @if self.all > PAGE_ROWS { p {
            @if let Some(from) = before { a rel="prev" href=(format!("{path}&from={from}")) { "← " (words.say("pages-older")) } " · " }
            (words.say_with("pages-of", [("from", (self.from + 1).into()), ("to", to.into()), ("all", self.all.into())]))
            @if let Some(from) = after { " · " a rel="next" href=(format!("{path}&from={from}")) { (words.say("pages-newer")) " →" } }
        } } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_stands_on_one_page() {
        let rows: Vec<usize> = (0..250).collect();
        let found: Vec<usize> = [0, 100, 200]
            .into_iter()
            .flat_map(|from| Pages::of(Some(from), 250).rows(&rows).to_vec())
            .collect();
        assert_eq!(found, rows);
        assert!(Pages::of(Some(1_000), 250).rows(&rows).is_empty(), "a page behind the last");
    }
}
