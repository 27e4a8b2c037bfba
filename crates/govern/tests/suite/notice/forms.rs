//! Text, HTML and JSON of notices: one register, one page, in three languages.

use tidstro_govern::{Language, Notice, NoticeFault, Register, Right, notice};
use tidstro_model::NoticeId;

use super::{shipped, whole};
use crate::town::town;

const TOWN: &str = include_str!("../../../../../registers/town.toml");

/// Every notice of every register, in every language.
fn all() -> Vec<Notice> {
    let mut all = Vec::new();
    for register in shipped() {
        let parts = register.notices().map(|part| Some(part.id.clone())).chain([None]);
        for part in parts.collect::<Vec<_>>() {
            for &language in Language::ALL {
                all.push(notice(&register, part.as_ref(), language).unwrap());
            }
        }
    }
    all
}

#[test]
fn the_same_register_gives_the_same_bytes() {
    for (one, other) in all().iter().zip(all()) {
        assert_eq!(one.to_text(), other.to_text());
        assert_eq!(one.to_html(), other.to_html());
        assert_eq!(one.to_json().to_string(), other.to_json().to_string());
    }
}

#[test]
fn one_letter_of_the_register_changes_the_version() {
    let before = whole(&town(), Language::English).version;
    // In a comment, which says nothing about the processing, and is a letter all the same.
    let text = TOWN.replacen("# This file decides.", "# That file decides.", 1);
    let after = whole(&Register::parse(&text, "town.toml").unwrap(), Language::English).version;
    assert_ne!(before.hash, after.hash);
    assert_ne!(before.short(), after.short());
    assert!(before.full().starts_with(&before.short()) && before.full().len() == 64);
}

#[test]
fn every_form_carries_the_whole_version() {
    for notice in all() {
        let full = notice.version.full();
        assert!(notice.to_html().contains(&full) && notice.to_json().to_string().contains(&full));
        assert!(notice.to_text().contains(&full));
    }
}

#[test]
fn lines_of_text_are_at_most_eighty_characters() {
    for notice in all() {
        for line in notice.to_text().lines().filter(|line| line.chars().count() > 80) {
            assert_eq!(line.split_whitespace().filter(|word| *word != "-").count(), 1, "{line}");
        }
    }
}

#[test]
fn pages_are_well_formed_and_whole_by_themselves() {
    for notice in all() {
        let html = notice.to_html();
        well_formed(&html).unwrap_or_else(|fault| panic!("{}: {fault}", notice.title));
        assert!(html.contains(&format!("<html lang=\"{}\">", notice.language)));
        for foreign in ["<script", "src=", "href=\"h", "url(", "@import", "<img", "<link", "style="] {
            assert!(!html.contains(foreign), "{foreign}");
        }
        assert_eq!(html.matches("<h1>").count(), 1);
        assert_eq!(html.matches("<table>").count(), html.matches("<caption>").count());
        assert_eq!(html.matches("<table>").count(), html.matches("<thead>").count());
    }
}

#[test]
fn every_entry_of_the_contents_leads_to_its_heading() {
    for notice in all() {
        let html = notice.to_html();
        let links: Vec<_> = html.match_indices("href=\"#").map(|(at, _)| attribute(&html[at..])).collect();
        assert!(links.len() > 8);
        for link in links {
            assert_eq!(html.matches(&format!("id=\"{}\"", &link[1..])).count(), 1, "{link}");
        }
    }
}

/// The value of the attribute a text begins with.
fn attribute(text: &str) -> &str {
    text.split('"').nth(1).unwrap()
}

/// Every tag closes the one opened last, and every `&` begins a known entity.
fn well_formed(html: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html.strip_prefix("<!DOCTYPE html>").ok_or("no document type")?;
    while let Some(at) = rest.find(['<', '&']) {
        let (end, is_tag) = match rest.as_bytes()[at] {
            b'<' => (rest[at..].find('>').ok_or("a tag without end")? + at, true),
            _ => (rest[at..].find(';').ok_or("an entity without end")? + at, false),
        };
        let inside = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if !is_tag {
            let known = ["amp", "lt", "gt", "quot", "#39"].contains(&inside);
            known.then_some(()).ok_or_else(|| format!("entity {inside}"))?;
        } else if let Some(name) = inside.strip_prefix('/') {
            let last = open.pop();
            (last == Some(name)).then_some(()).ok_or_else(|| format!("</{name}> closes {last:?}"))?;
        } else if !inside.ends_with('/') {
            open.push(inside.split(' ').next().unwrap_or(inside));
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("left open: {open:?}")) }
}

#[test]
fn the_check_of_pages_finds_what_is_wrong() {
    for (html, fault) in [
        ("<p></p>", "no document type"),
        ("<!DOCTYPE html><p></b>", "</b> closes Some(\"p\")"),
        ("<!DOCTYPE html><p>", "left open: [\"p\"]"),
        ("<!DOCTYPE html><p>&nbsp;</p>", "entity nbsp"),
    ] {
        assert_eq!(well_formed(html).unwrap_err(), fault);
    }
}

#[test]
fn names_of_the_register_are_never_markup() {
    let text = TOWN.replace("Serverhaus GmbH", "<b onclick='x'>Server & \\\"Haus\\\"</b>");
    let html = whole(&Register::parse(&text, "town.toml").unwrap(), Language::German).to_html();
    assert!(html.contains("&lt;b onclick=&#39;x&#39;&gt;Server &amp; &quot;Haus&quot;&lt;/b&gt;"), "{html}");
    well_formed(&html).unwrap();
}

/// The bases decide, not a list of rights: who processes by duty and task gives no portability.
#[test]
fn rights_follow_the_bases() {
    let notice = whole(&town(), Language::English);
    for purpose in notice.controllers.iter().flat_map(|part| &part.purposes) {
        let by = |letter: &str| purpose.basis.iter().any(|basis| basis.gdpr.word() == letter);
        let given = |right| purpose.rights.of(right).unwrap().is_given();
        assert_eq!(given(Right::Portability), by("6(1)(a)") || by("6(1)(b)"), "{}", purpose.activity);
        assert_eq!(given(Right::Objection), by("6(1)(e)") || by("6(1)(f)"), "{}", purpose.activity);
        assert_eq!(given(Right::Withdrawal), by("6(1)(a)"), "{}", purpose.activity);
        assert!(given(Right::Access) && given(Right::Rectification) && given(Right::Restriction));
    }
    assert!(notice.to_text().contains("No purpose of this notice has a legal basis that gives this right."));
}

/// The registry's part of the notice it is modelled on promises portability and objection without exception. Kept
/// by a legal duty and a public task, it gives no portability, and objection only for what rests on the task.
#[test]
fn the_union_registry_promises_what_its_bases_give() {
    let register = shipped().into_iter().find(|register| register.id() == "emissions-authority").unwrap();
    let registry = NoticeId::parse("union-registry").unwrap();
    let notice = notice(&register, Some(&registry), Language::German).unwrap();
    let purposes: Vec<_> = notice.controllers.iter().flat_map(|part| &part.purposes).collect();
    assert!(!purposes.is_empty());
    for purpose in purposes {
        let right = |right| purpose.rights.of(right).unwrap();
        assert!(!right(Right::Portability).is_given(), "{}", purpose.activity);
        assert!(right(Right::Objection).is_partial(), "{}", purpose.activity);
    }
    assert!(notice.to_text().contains("Kein Zweck dieser Hinweise hat eine Rechtsgrundlage"));
}

/// What a reader of one language would stumble over: a name of the register that has no words.
#[test]
fn every_name_in_the_shipped_registers_has_words() {
    for register in shipped() {
        let notice = whole(&register, Language::Danish);
        for purpose in notice.controllers.iter().flat_map(|part| &part.purposes) {
            let fields = purpose.data.iter().flat_map(|data| &data.fields).chain(&purpose.excludes);
            let subjects = purpose.subjects.iter().map(|(kind, text)| (kind.as_str(), text));
            for (name, text) in fields.map(|(name, text)| (name.as_str(), text)).chain(subjects) {
                let is_word = *text != name.replace('-', " ") || ["status"].contains(&name);
                assert!(is_word, "{} {}: `{name}`", register.id(), purpose.activity);
            }
        }
    }
}

#[test]
fn languages_do_not_mix() {
    let said = |language| whole(&town(), language).to_text();
    let (da, de, en) = (said(Language::Danish), said(Language::German), said(Language::English));
    for (word, texts) in [
        ("personal data", [&da, &de]),
        ("Recipients", [&da, &de]),
        ("personoplysninger", [&de, &en]),
        ("Modtager", [&de, &en]),
        ("personenbezogene", [&da, &en]),
        ("Empfänger", [&da, &en]),
    ] {
        assert!(texts.iter().all(|text| !text.contains(word)), "{word}");
    }
}

#[test]
fn a_notice_that_is_not_there_is_said_so() {
    let web = NoticeId::parse("web").unwrap();
    let fault = notice(&town(), Some(&web), Language::English).unwrap_err();
    assert_eq!(fault.to_string(), "the register has no notice `web`; it has none, so leave the name out");
    let text = format!(
        "{TOWN}\n[[notice]]\nid = \"web\"\ntitle = {{ da = \"Web\", de = \"Web\", en = \"Web\" }}\n\
         date = \"2026-01-01\"\n"
    );
    let register = Register::parse(&text, "town.toml").unwrap();
    let fault = notice(&register, Some(&web), Language::English).unwrap_err();
    assert!(matches!(fault, NoticeFault::EmptyNotice { .. }), "{fault}");
}
