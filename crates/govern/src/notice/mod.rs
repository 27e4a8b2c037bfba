//! Privacy notices and records of processing, made from the register alone.
//!
//! What comes in: a checked register, a language. What goes out: a [`Notice`] (GDPR art. 13 and 14) or a
//! [`Record`] (art. 30(1) and (2)) as values, and from these the same thing as text, HTML or JSON. Each value
//! carries the codes that decisions use and, beside them, the words for people, so that a test can hold the one
//! against the other. The same register gives the same bytes for ever. Never: a statement that is not in the
//! register or follows from it by law, a clock, a right that the bases do not give.

mod compose;
mod countries;
mod fault;
mod fields;
mod html;
mod json;
mod keep;
mod names;
mod page;
mod purpose;
mod record;
mod text;
mod words;
mod words_da;
mod words_de;
mod words_en;

use jiff::civil::Date;
use tidstro_model::{NoticeId, SubjectKind};

pub use fault::NoticeFault;
pub use purpose::{DataPart, PurposePart, RolePart, SourcePart};
pub use record::{ControllerPart, MeasurePart, Record, RecordOf, record};

use crate::Keep;
use crate::log::hex;
use crate::register::{Party, Register, Texts};
use crate::vocabulary::words;
use purpose::purposes_by_controller;

words!(
    /// A language of the product.
    Language {
        /// Danish.
        Danish = "da",
        /// German.
        German = "de",
        /// English.
        English = "en",
    }
);

impl Texts {
    /// The text in one language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Danish => &self.da,
            Language::German => &self.de,
            Language::English => &self.en,
        }
    }
}

/// How long an activity keeps data, and when they are locked: one sentence each, as notices say it.
#[must_use]
pub fn keep_in_words(keep: &Keep, language: Language) -> Vec<String> {
    let words = &words::words_of(language).time;
    keep::retention(keep, words).into_iter().chain(keep::lock(keep, words)).collect()
}

/// A kind of subjects in the plural, as notices say it.
#[must_use]
pub fn subjects_in_words(kind: &SubjectKind, language: Language) -> String {
    names::subject(kind.as_str(), language)
}

/// Which register a notice or record was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The name of the register.
    pub register: String,
    /// Its edition, as written.
    pub edition: String,
    /// The hash of its text.
    pub hash: [u8; 32],
    /// The date the notice carries, where the register gives it one.
    pub date: Option<Date>,
}

impl Version {
    fn of(register: &Register, date: Option<Date>) -> Self {
        Self {
            register: register.id().to_owned(),
            edition: register.edition().to_owned(),
            hash: register.hash(),
            date,
        }
    }

    /// The whole hash, 64 hexadecimal digits.
    #[must_use]
    pub fn full(&self) -> String {
        hex(&self.hash)
    }

    /// The first 12 digits of it, to read aloud and compare.
    #[must_use]
    pub fn short(&self) -> String {
        self.full().chars().take(12).collect()
    }
}

/// A privacy notice: what a controller tells those whose data it processes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The language of every text in it.
    pub language: Language,
    /// Which notice of the register; `None` for all activities in one.
    pub id: Option<NoticeId>,
    /// Its title.
    pub title: String,
    /// What it was made from.
    pub version: Version,
    /// The processor that acts for the controllers, where the operator of the register is one.
    pub processor: Option<Party>,
    /// The controllers with their purposes, the operator first. At least one.
    pub controllers: Vec<ControllerPart>,
    /// The authority to complain to (art. 13(2)(d)), where the register names it.
    pub authority: Option<Party>,
}

/// Makes a privacy notice: of one notice of the register, or of all its activities.
///
/// ```
/// # use tidstro_govern::{Language, NoticeFault, Register, notice};
/// # use tidstro_model::NoticeId;
/// # fn of(register: &Register) -> Result<(), NoticeFault> {
/// let web = NoticeId::parse("web").ok();
/// let notice = notice(register, web.as_ref(), Language::German)?;
/// assert_eq!(notice.version.hash, register.hash());
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`NoticeFault::UnknownNotice`] for a notice the register does not have, [`NoticeFault::EmptyNotice`] for one
/// that no activity names.
pub fn notice(register: &Register, id: Option<&NoticeId>, language: Language) -> Result<Notice, NoticeFault> {
    let part = id.map(|id| part_named(register, id)).transpose()?;
    let told = |notice: Option<&NoticeId>| id.is_none() || notice == id;
    let controllers = purposes_by_controller(register, language, |activity| told(activity.notice.as_ref()));
    if let Some(id) = id.filter(|_| controllers.is_empty()) {
        return Err(NoticeFault::EmptyNotice { notice: id.clone() });
    }
    let for_others = controllers.iter().any(|part| part.controller.id != *register.operator());
    let title = part.map(|part| part.title.in_language(language));
    Ok(Notice {
        language,
        id: id.cloned(),
        title: title.unwrap_or(words::words_of(language).titles.notice).to_owned(),
        version: Version::of(register, part.map(|part| part.date)),
        processor: register.party(register.operator()).filter(|_| for_others).cloned(),
        controllers,
        authority: register.authority().cloned(),
    })
}

fn part_named<'r>(register: &'r Register, id: &NoticeId) -> Result<&'r crate::NoticePart, NoticeFault> {
    register.notices().find(|part| part.id == *id).ok_or_else(|| NoticeFault::UnknownNotice {
        notice: id.clone(),
        known: register.notices().map(|part| part.id.clone()).collect(),
    })
}

impl Notice {
    /// As plain text, in lines of at most 80 characters where no word is longer.
    #[must_use]
    pub fn to_text(&self) -> String {
        text::render(&compose::notice_page(self))
    }

    /// As one HTML page without script and without anything to fetch.
    #[must_use]
    pub fn to_html(&self) -> String {
        html::render(&compose::notice_page(self))
    }

    /// As JSON: codes and words, with keys that stay.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        json::notice(self)
    }
}

impl Record {
    /// As plain text, in lines of at most 80 characters where no word is longer.
    #[must_use]
    pub fn to_text(&self) -> String {
        text::render(&compose::record_page(self))
    }

    /// As one HTML page without script and without anything to fetch.
    #[must_use]
    pub fn to_html(&self) -> String {
        html::render(&compose::record_page(self))
    }

    /// As JSON: codes and words, with keys that stay.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        json::record(self)
    }
}
