//! A page as plain text.
//!
//! What comes in: blocks. What goes out: lines of at most [`WIDTH`] characters, but where one word alone is
//! longer. Never: a control character, which a terminal would obey.

use super::page::{Block, Fact, Level, Page, Table};

/// Characters in a line.
const WIDTH: usize = 80;

/// The page, with a line feed at its end.
pub(super) fn render(page: &Page) -> String {
    let mut out = Lines(String::new());
    out.heading(&page.title, '=');
    for block in &page.blocks {
        out.block(block);
    }
    out.0
}

struct Lines(String);

impl Lines {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(Level::Section, text) => {
                self.0.push('\n');
                self.heading(text, '-');
            }
            Block::Heading(Level::Part, text) => {
                self.0.push('\n');
                self.heading(text, '~');
            }
            Block::Paragraph(text) => {
                self.0.push('\n');
                self.wrapped(text, "", "");
            }
            Block::List(items) => {
                self.0.push('\n');
                for item in items {
                    self.wrapped(item, "- ", "  ");
                }
            }
            Block::Facts(facts) => {
                self.0.push('\n');
                for fact in facts {
                    self.fact(fact);
                }
            }
            Block::Table(table) => self.table(table),
        }
    }

    fn heading(&mut self, text: &str, under: char) {
        let start = self.0.len();
        self.wrapped(text, "", "");
        let longest =
            self.0.get(start..).into_iter().flat_map(str::lines).map(|line| line.chars().count()).max();
        self.0.extend(std::iter::repeat_n(under, longest.unwrap_or(0)));
        self.0.push('\n');
    }

    fn fact(&mut self, fact: &Fact) {
        match fact.values.as_slice() {
            [only] => self.wrapped(&format!("{}: {only}", fact.label), "", "  "),
            several => {
                self.wrapped(&format!("{}:", fact.label), "", "  ");
                for value in several {
                    self.wrapped(value, "  - ", "    ");
                }
            }
        }
    }

    /// A row becomes an item, since no terminal is wide enough for every table. Its cells speak for themselves.
    fn table(&mut self, table: &Table) {
        self.0.push('\n');
        self.wrapped(&format!("{}:", table.caption), "", "  ");
        for row in &table.rows {
            let cells: Vec<_> = row.iter().map(String::as_str).filter(|cell| !cell.is_empty()).collect();
            self.wrapped(&cells.join(" – "), "  - ", "    ");
        }
    }

    fn wrapped(&mut self, text: &str, first: &str, rest: &str) {
        let mut line = first.to_owned();
        let mut is_empty = true;
        for word in text.split_whitespace().map(plain) {
            let longer = line.chars().count() + usize::from(!is_empty) + word.chars().count();
            if longer > WIDTH && !is_empty {
                self.line(&line);
                line = rest.to_owned();
                is_empty = true;
            }
            if !is_empty {
                line.push(' ');
            }
            line.push_str(&word);
            is_empty = false;
        }
        self.line(&line);
    }

    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }
}

fn plain(word: &str) -> String {
    word.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::Language;

    fn shown(blocks: Vec<Block>) -> String {
        let title = "Title".to_owned();
        render(&Page { language: Language::English, title, contents: "Contents", blocks })
    }

    #[test]
    fn lines_are_short_and_hang() {
        let long = "word ".repeat(40);
        let text = shown(vec![Block::paragraph(long.clone()), Block::List(vec![long])]);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.contains("\n- word") && text.contains("\n  word"), "{text}");
    }

    #[test]
    fn a_word_longer_than_a_line_stays_whole() {
        let word = "x".repeat(100);
        assert!(shown(vec![Block::paragraph(format!("a {word} b"))]).contains(&format!("a\n{word}\nb\n")));
    }

    #[test]
    fn terminals_are_not_given_orders() {
        let text = shown(vec![Block::paragraph("a \u{1b}[2J b")]);
        assert!(!text.contains('\u{1b}') && text.contains("\u{fffd}[2J"), "{text}");
    }

    #[test]
    fn a_table_is_a_list_of_its_rows() {
        let table = Table {
            caption: "Data",
            head: vec!["What", "How"],
            rows: vec![vec!["name".to_owned(), "in full".to_owned()], vec!["city".to_owned(), String::new()]],
        };
        assert!(shown(vec![Block::Table(table)]).ends_with("Data:\n  - name – in full\n  - city\n"));
    }
}
