//! A page as HTML.
//!
//! What comes in: blocks. What goes out: one page that is whole by itself: no script, nothing to fetch, its
//! language named, its tables with heads, its headings in order. It is well-formed XML too. Every text goes
//! through [`escaped`], the only way into the page but the fixed tags in this file; with seven kinds of
//! elements that is less than a template crate would ask, which a pure crate can do without. Never: a text of
//! the register as markup.

use super::page::{Block, Fact, Level, Page, Table};

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;overflow-wrap:break-word}\
h1{font-size:1.8rem;line-height:1.2}\
h2{font-size:1.3rem;margin-top:2.5rem;border-bottom:2px solid;padding-bottom:.2rem}\
h3{font-size:1.1rem;margin-top:2rem}\
dt{font-weight:600;margin-top:.6rem}\
dd{margin:0}\
dd+dd{margin-top:.2rem}\
ul{padding-left:1.2rem}\
nav ul{list-style:none;padding-left:0}\
nav ul ul{padding-left:1.2rem}\
table{border-collapse:collapse;width:100%;margin:1rem 0}\
caption{text-align:left;font-weight:600;padding:.3rem 0}\
th,td{border:1px solid GrayText;padding:.3rem .5rem;text-align:left;vertical-align:top}\
thead th{background:rgba(128,128,128,.15)}\
tbody th{font-weight:400}\
@media print{nav{display:none}h2,h3{break-after:avoid}tr{break-inside:avoid}}";

/// The page.
pub(super) fn render(page: &Page) -> String {
    let title = escaped(&page.title);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n</header>\n",
        language = page.language.word(),
    );
    html.push_str(&contents(page));
    html.push_str("<main>\n");
    let mut headings = 0_usize;
    for block in &page.blocks {
        html.push_str(&rendered(block, &mut headings));
    }
    html.push_str("</main>\n</body>\n</html>\n");
    html
}

/// A section in the list of contents, with its parts: number and text of each heading.
struct Entry<'p> {
    number: usize,
    text: &'p str,
    parts: Vec<(usize, &'p str)>,
}

fn outline(page: &Page) -> Vec<Entry<'_>> {
    let headings = page.blocks.iter().filter_map(|block| match block {
        Block::Heading(level, text) => Some((*level, text.as_str())),
        _ => None,
    });
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for (number, (level, text)) in (1..).zip(headings) {
        match entries.last_mut().filter(|_| level == Level::Part) {
            Some(section) => section.parts.push((number, text)),
            None => entries.push(Entry { number, text, parts: Vec::new() }),
        }
    }
    entries
}

/// The headings as links, those of a section below it.
fn contents(page: &Page) -> String {
    let entries: String = outline(page).iter().map(entry).collect();
    format!("<nav aria-label=\"{}\">\n<ul>\n{entries}</ul>\n</nav>\n", escaped(page.contents))
}

fn entry(entry: &Entry<'_>) -> String {
    let parts: String =
        entry.parts.iter().map(|(number, text)| format!("<li>{}</li>\n", link(*number, text))).collect();
    let below = if parts.is_empty() { String::new() } else { format!("\n<ul>\n{parts}</ul>\n") };
    format!("<li>{}{below}</li>\n", link(entry.number, entry.text))
}

fn link(number: usize, text: &str) -> String {
    format!("<a href=\"#h{number}\">{}</a>", escaped(text))
}

fn rendered(block: &Block, headings: &mut usize) -> String {
    match block {
        Block::Heading(level, text) => {
            *headings += 1;
            let depth = match level {
                Level::Section => 2,
                Level::Part => 3,
            };
            format!("<h{depth} id=\"h{headings}\">{}</h{depth}>\n", escaped(text))
        }
        Block::Paragraph(text) => format!("<p>{}</p>\n", escaped(text)),
        Block::List(items) => format!("<ul>\n{}</ul>\n", each("li", items)),
        Block::Facts(facts) => format!("<dl>\n{}</dl>\n", facts.iter().map(fact).collect::<String>()),
        Block::Table(table) => rendered_table(table),
    }
}

fn fact(fact: &Fact) -> String {
    format!("<dt>{}</dt>\n{}", escaped(fact.label), each("dd", &fact.values))
}

fn rendered_table(table: &Table) -> String {
    let head: String =
        table.head.iter().map(|text| format!("<th scope=\"col\">{}</th>", escaped(text))).collect();
    let rows: String = table.rows.iter().map(|row| rendered_row(row)).collect();
    let caption = escaped(table.caption);
    format!(
        "<table>\n<caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
    )
}

fn rendered_row(cells: &[String]) -> String {
    let cell = |(index, text): (usize, &String)| match index {
        0 => format!("<th scope=\"row\">{}</th>", escaped(text)),
        _ => format!("<td>{}</td>", escaped(text)),
    };
    format!("<tr>{}</tr>\n", cells.iter().enumerate().map(cell).collect::<String>())
}

fn each(tag: &str, texts: &[String]) -> String {
    texts.iter().map(|text| format!("<{tag}>{}</{tag}>\n", escaped(text))).collect()
}

/// A text as HTML shows it, in an element or an attribute.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' | '\t' => html.push(' '),
            control if control.is_control() => html.push(char::REPLACEMENT_CHARACTER),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_register_says_is_never_markup() {
        assert_eq!(escaped("<b>\"A\" & 'B'\u{0}\n"), "&lt;b&gt;&quot;A&quot; &amp; &#39;B&#39;\u{fffd} ");
    }
}
