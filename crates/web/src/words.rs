//! Words on the screen, in three languages.
//!
//! What comes in: the files in `languages/`, the language a visitor chose or whose browser asks for. What goes out: sentences.
//! No page writes a word of its own: `tests/words.rs` holds the three files against each other and against the pages.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use tidstro_govern::Language;
use unic_langid::LanguageIdentifier;

/// Why the words cannot be used. A slip in a file of this crate, which a test would have found.
#[derive(Debug, thiserror::Error)]
pub enum WordsFault {
    /// A file of sentences that is none.
    #[error("`languages/{language}.ftl` is not Fluent: {fault}")]
    File {
        /// Code of the language.
        language: &'static str,
        /// What the parser said.
        fault: String,
    },
}

/// The sentences of one language.
pub struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    fn load(language: Language, text: &str) -> Result<Self, WordsFault> {
        let fault = |fault: String| WordsFault::File { language: language.word(), fault };
        let resource = FluentResource::try_new(text.to_owned()).map_err(|(_, faults)| {
            fault(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        })?;
        let name: LanguageIdentifier =
            language.word().parse().map_err(|_| fault("no language".to_owned()))?;
        let mut bundle = FluentBundle::new_concurrent(vec![name]);
        // Marks around what is filled in are for texts that mix directions; ours do not.
        bundle.set_use_isolating(false);
        bundle
            .add_resource(resource)
            .map_err(|faults| fault(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
        Ok(Self { language, bundle })
    }

    /// Which language.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    /// The sentence of this name. A name without one stands for itself, which no page does: `tests/words.rs`.
    #[must_use]
    pub fn say(&self, name: &str) -> String {
        self.format(name, None)
    }

    /// The sentence of this name, with what is to be filled in.
    #[must_use]
    pub fn say_with<const N: usize>(
        &self,
        name: &str,
        filled: [(&'static str, FluentValue<'_>); N],
    ) -> String {
        let mut arguments = FluentArgs::with_capacity(N);
        for (key, value) in filled {
            arguments.set(key, value);
        }
        self.format(name, Some(&arguments))
    }

    fn format(&self, name: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(name).and_then(|message| message.value()) else {
            return name.to_owned();
        };
        self.bundle.format_pattern(pattern, arguments, &mut Vec::new()).into_owned()
    }
}

/// All languages.
pub(crate) struct Languages {
    danish: Words,
    german: Words,
    english: Words,
}

impl Languages {
    /// Reads the files.
    ///
    /// # Errors
    /// [`WordsFault`] for a slip in one of them.
    pub(crate) fn load() -> Result<Self, WordsFault> {
        Ok(Self {
            danish: Words::load(Language::Danish, include_str!("../languages/da.ftl"))?,
            german: Words::load(Language::German, include_str!("../languages/de.ftl"))?,
            english: Words::load(Language::English, include_str!("../languages/en.ftl"))?,
        })
    }

    /// The words of a language.
    #[must_use]
    pub(crate) const fn of(&self, language: Language) -> &Words {
        match language {
            Language::Danish => &self.danish,
            Language::German => &self.german,
            Language::English => &self.english,
        }
    }
}

/// The language a browser asks for first among ours (RFC 9110, 12.5.4), by weight and then by order; English where it asks for
/// none of them.
#[must_use]
pub fn preferred(accept: &str) -> Language {
    let wishes = accept.split(',').filter_map(wish);
    let mut best: Option<(Language, u16)> = None;
    for (language, weight) in wishes {
        if weight > 0 && best.is_none_or(|(_, found)| weight > found) {
            best = Some((language, weight));
        }
    }
    best.map_or(Language::English, |(language, _)| language)
}

/// One wish, such as `da-DK;q=0.8`: its language and its weight in thousandths.
fn wish(text: &str) -> Option<(Language, u16)> {
    let (range, weight) = text.split_once(';').unwrap_or((text, ""));
    let code = range.trim().split('-').next()?.to_ascii_lowercase();
    Some((Language::from_word(&code)?, thousandths(weight)?))
}

/// The weight of `q=0.8` in thousandths: 800. Nothing means 1.
fn thousandths(weight: &str) -> Option<u16> {
    let Some(number) = weight.trim().strip_prefix("q=") else { return Some(1000) };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match whole {
        "1" => Some(1000),
        "0" => format!("{part:0<3}").parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    const FILES: [&str; 3] = [
        include_str!("../languages/da.ftl"),
        include_str!("../languages/de.ftl"),
        include_str!("../languages/en.ftl"),
    ];

    /// Name and what is to be filled in, of each sentence of a file.
    fn sentences(text: &str) -> BTreeSet<(String, BTreeSet<String>)> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let pairs = lines.filter_map(|line| line.split_once(" = "));
        pairs.map(|(name, said)| (name.to_owned(), filled(said))).collect()
    }

    fn filled(said: &str) -> BTreeSet<String> {
        said.split("{ $").skip(1).map(|rest| rest.split(' ').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn every_sentence_is_in_every_language() {
        let [danish, german, english] = FILES.map(sentences);
        assert!(english.len() > 100);
        assert_eq!(danish, english);
        assert_eq!(german, english);
    }

    #[test]
    fn every_file_is_read_whole() {
        for (language, text) in [Language::Danish, Language::German, Language::English].into_iter().zip(FILES)
        {
            let languages = Languages::load().unwrap();
            for (name, _) in sentences(text) {
                assert_ne!(languages.of(language).say(&name), name, "{}", language.word());
            }
        }
    }

    /// What pages say by a name written in them; names that are put together are found by how they begin.
    #[test]
    fn every_sentence_is_said_and_every_name_is_one() {
        let known: BTreeSet<String> = sentences(FILES[2]).into_iter().map(|(name, _)| name).collect();
        let source = source_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        // Quotes that begin and end no text.
        let source = source.replace("\\\"", "").replace("'\"'", "");
        let written: BTreeSet<&str> = source.split('"').skip(1).step_by(2).collect();
        let begins: Vec<&str> = written
            .iter()
            .filter_map(|text| text.split_once("{}").or(text.split_once("-{")))
            .map(|(head, _)| head)
            .collect();
        let is_said = |name: &str| {
            written.contains(name) || begins.iter().any(|head| head.len() > 2 && name.starts_with(head))
        };
        let unsaid: Vec<&String> = known.iter().filter(|name| !is_said(name)).collect();
        assert!(unsaid.is_empty(), "no page says {unsaid:?}");
        for name in source
            .split("say(\"")
            .chain(source.split("say_with(\""))
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            assert!(
                known.contains(name)
                    || !name.starts_with(|c: char| c.is_ascii_lowercase())
                    || name.contains(['{', '\n']),
                "no sentence is called `{name}`"
            );
        }
    }

    fn source_of(folder: &Path) -> String {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let is_source =
            |path: &std::path::PathBuf| path.is_dir() || path.extension().is_some_and(|end| end == "rs");
        entries
            .filter(is_source)
            .map(|path| if path.is_dir() { source_of(&path) } else { std::fs::read_to_string(path).unwrap() })
            .collect()
    }

    #[track_caller]
    fn check(accept: &str, expected: Language) {
        assert_eq!(preferred(accept), expected, "{accept}");
    }

    #[test]
    fn browsers_are_answered_in_what_they_ask_for() {
        check("da", Language::Danish);
        check("da-DK,da;q=0.9,en;q=0.8", Language::Danish);
        check("fr, de;q=0.4, da;q=0.5", Language::Danish);
        check("de-AT", Language::German);
        check("da;q=0, en;q=0.1", Language::English);
        check("fr", Language::English);
        check("", Language::English);
        check("da;q=nonsense, de;q=0.2", Language::German);
        check("DA;q=1.000", Language::Danish);
    }
}
