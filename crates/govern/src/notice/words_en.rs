//! English.
//!
//! What comes in: codes, names, numbers. What goes out: English, with the terms of the English text of the
//! GDPR. Never: a word of another language, but names and what the register cites.

use jiff::civil::Date;
use tidstro_model::Resolution;

use super::words::{
    Labels, Length, RightsWords, Sentences, Terms, TimeWords, Titles, Unit, Words, parts_of_article,
};
use crate::rights::{Condition, Right};
use crate::{Article6, Finest, KeepFrom, LeaseEventKind as Event, Operation, PartyKind, TransferGround};

/// English.
pub(super) static ENGLISH: Words =
    Words { titles: TITLES, labels: LABELS, sentences: SENTENCES, terms: TERMS, time: TIME, rights: RIGHTS };

const TITLES: Titles = Titles {
    notice: "Privacy notice",
    record_of_controller: "Record of processing activities of the controller",
    record_of_processor: "Record of processing activities of the processor",
    contents: "Contents",
    controller: "Controller",
    processor: "Processor",
    purposes: "Purposes",
    rights: "Your rights",
    objection: "Your right to object",
    complaint: "Your right to complain",
    sub_processors: "Other processors",
    transfers: "Transfers to third countries",
    measures: "Technical and organisational measures",
    version: "Version",
};

const LABELS: Labels = Labels {
    address: "Address",
    registration_number: "Registration number",
    country: "Country",
    phone: "Telephone",
    email: "E-mail",
    protection_officer: "Data protection officer",
    instruction: "Instruction of the controller",
    basis: "Legal basis",
    necessity: "Why less would not do",
    subjects: "Data subjects",
    data: "Personal data",
    category: "Category",
    detail: "Finest detail",
    fields: "Particulars",
    excludes: "Never collected",
    operations: "What is done with the data",
    roles: "Who has access",
    recipients: "Recipients",
    name: "Name",
    kind: "As",
    transfer: "Where to",
    source: "Where the data come from",
    mandatory: "Whether the data must be provided",
    begins: "Begins",
    in_force: "In force",
    retention: "How long the data are kept",
    lock: "Locked",
    while_restricted: "While processing is restricted",
    rights: "Your rights for this purpose",
    measure: "Measure",
    shown_by: "Shown by",
    source_of_law: "Asked for by",
    register: "Register",
    edition: "Edition",
    date: "As of",
    version: "Version",
    hash: "SHA-256 of the register",
};

const SENTENCES: Sentences = Sentences {
    notice_intro: "This notice tells you, as Articles 13 and 14 of the General Data Protection Regulation (GDPR) \
        ask, which personal data are processed, for what, for how long, and which rights you have. It is made from \
        the register that also decides every single use of the data.",
    record_of_controller_intro: "Record under Article 30(1) of the General Data Protection Regulation (GDPR).",
    record_of_processor_intro: "Record under Article 30(2) of the General Data Protection Regulation (GDPR).",
    version_intro: "The version is the hash of the register this text is made from. Another register has \
        another version.",
    processed_by: |name| format!("{name} processes the data on behalf of the controller."),
    no_recipient: "nobody outside",
    the_subject: "the data subject",
    from_the_subject: "collected from the data subject",
    from_purposes: |purposes| format!("from purposes that collect them: {purposes}"),
    is_mandatory: "yes; without the data the purpose cannot be fulfilled",
    is_voluntary: "no",
    begins_when: |event| format!("only when {event}"),
    goes_on: |why| format!("the data are used for this purpose all the same: {why}"),
    is_special: "special category under Article 9 GDPR",
    keeps_nothing: "this purpose keeps nothing; it only erases",
    no_transfer: "No data are transferred to third countries. All recipients are in the European Economic Area.",
    no_sub_processor: "None.",
    no_measure: "The register names none.",
    complaint: "You can complain to a supervisory authority, in particular where you live, where you work or where \
        you think the rules were broken (Article 77 GDPR).",
    competent_is: |name| format!("The competent authority is {name}."),
    proved_by_probe: "measured by the program",
    proved_by_attestation: |role| format!("attested by: {role}"),
    proved_by_document: "a document of the program",
};

const TERMS: Terms = Terms {
    basis,
    article,
    operation,
    finest,
    party_kind,
    inside_eea: "inside the European Economic Area",
    ground,
    national_limits,
};

const TIME: TimeWords = TimeWords {
    span: quantity,
    after: quantity,
    then: ", then ",
    and_then: " and then ",
    happens,
    rule,
    longest: "the longest of these periods counts; one whose event has not happened is not counted:",
    locked: |after| format!("after {after}; from then on the data are only kept, and opened by order alone"),
    date,
    from: |day| format!("from {day}"),
    until: |day| format!("until {day}"),
};

const RIGHTS: RightsWords = RightsWords {
    intro: "To use a right, turn to the controller; no form is needed. You get an answer within one month. It can \
        take up to two months more if there are many or difficult requests, and you are then told why \
        (Article 12(3) GDPR). Which rights you have follows from the legal basis of each purpose.",
    name: right,
    text: right_text,
    condition,
    part,
    purpose: |number| format!("Purpose {number}"),
    purposes: |numbers| format!("Purposes {numbers}"),
    every_purpose: "Every purpose of this notice",
    given: "yes",
    not_given: "no, as the legal basis does not give it",
    no_purpose: "No purpose of this notice has a legal basis that gives this right.",
};

const fn basis(basis: Article6) -> &'static str {
    match basis {
        Article6::Consent => "consent",
        Article6::Contract => "a contract with the data subject",
        Article6::LegalObligation => "a legal obligation",
        Article6::VitalInterests => "vital interests",
        Article6::PublicTask => "a task in the public interest or in the exercise of official authority",
        Article6::LegitimateInterests => "legitimate interests",
    }
}

fn article(article: &str) -> String {
    let mut text = String::from("Article ");
    for (index, part) in parts_of_article(article).enumerate() {
        let part = if index == 0 { part.to_owned() } else { format!("({part})") };
        text.push_str(&part);
    }
    text + " GDPR"
}

const fn operation(operation: Operation) -> &'static str {
    match operation {
        Operation::Collect => "collection",
        Operation::Store => "storage",
        Operation::Read => "consultation",
        Operation::Compute => "computation",
        Operation::Export => "disclosure to recipients",
        Operation::Print => "printing",
        Operation::Correct => "correction",
        Operation::Restrict => "restriction",
        Operation::Erase => "erasure",
        Operation::Infer => "inference",
    }
}

const fn finest(finest: Finest) -> &'static str {
    match finest {
        Finest::Full => "in full",
        Finest::Resolution(Resolution::Raw) => "every single reading",
        Finest::Resolution(Resolution::PT15M) => "quarter-hourly values",
        Finest::Resolution(Resolution::PT1H) => "hourly values",
        Finest::Resolution(Resolution::P1D) => "daily values",
        Finest::Resolution(Resolution::P1M) => "monthly values",
        Finest::Resolution(Resolution::P1Y) => "yearly values",
    }
}

const fn party_kind(kind: PartyKind) -> &'static str {
    match kind {
        PartyKind::Controller => "controller",
        PartyKind::Processor => "processor",
        PartyKind::Recipient => "recipient",
        PartyKind::Authority => "public authority",
    }
}

const fn ground(ground: TransferGround) -> &'static str {
    match ground {
        TransferGround::Adequacy => "decision that the level of protection is adequate",
        TransferGround::Instrument => "instrument between public authorities",
        TransferGround::StandardClauses => "standard data protection clauses",
        TransferGround::BindingRules => "binding corporate rules",
        TransferGround::Derogation => "derogation for a specific situation",
    }
}

fn national_limits(country: &str) -> Option<&'static str> {
    match country {
        "DE" => Some(
            "Sections 34, 35 and 36 of the German Federal Data Protection Act (BDSG) limit access, erasure and \
             objection in certain cases.",
        ),
        "DK" => Some("Section 22 of the Danish Data Protection Act limits access in certain cases."),
        _ => None,
    }
}

fn quantity(count: u64, unit: Unit) -> String {
    let (one, many) = match unit {
        Unit::Hours => ("hour", "hours"),
        Unit::Days => ("day", "days"),
        Unit::Weeks => ("week", "weeks"),
        Unit::Months => ("month", "months"),
        Unit::Years => ("year", "years"),
    };
    if count == 1 { format!("one {one}") } else { format!("{count} {many}") }
}

const fn happened(from: KeepFrom) -> &'static str {
    match from {
        KeepFrom::OccupancyEnd => "the time of occupancy or supply ended",
        KeepFrom::Registration => "the data were registered",
        KeepFrom::Event(event) => match event {
            Event::ConsentGiven => "consent was given",
            Event::ConsentWithdrawn => "consent was withdrawn",
            Event::ObjectionUpheld => "an objection was upheld",
            Event::RestrictionSet => "processing was restricted",
            Event::RestrictionLifted => "the restriction was lifted",
            Event::HoldSet => "erasure was forbidden",
            Event::HoldLifted => "erasure was allowed again",
            Event::LockOpened => "the lock was opened",
            Event::LockClosed => "the lock was closed",
            Event::SuspicionRaised => "facts gave rise to a suspicion",
            Event::AccountDelivered => "the account was delivered",
            Event::TenancyEnd => "moving out was reported",
            Event::ContractEnd => "the contract ended",
            Event::CaseClosed => "the case was closed",
            Event::ProjectEnd => "the project ended",
            Event::FinalDecision => "the last decision became final",
            Event::MechanismEnd => "the mechanism ended",
            Event::PublicationEnd => "the duty to publish ended",
            Event::CheckDone => "the check was done",
            Event::Matched => "the data were matched without a hit",
            Event::TaskEnd => "the task ended",
            Event::PurposeEnd => "the purpose lapsed",
        },
    }
}

const fn happens(from: KeepFrom) -> &'static str {
    match from {
        KeepFrom::OccupancyEnd => "the time of occupancy or supply ends",
        KeepFrom::Registration => "the data are registered",
        KeepFrom::Event(event) => match event {
            Event::ConsentGiven => "consent is given",
            Event::ConsentWithdrawn => "consent is withdrawn",
            Event::ObjectionUpheld => "an objection is upheld",
            Event::RestrictionSet => "processing is restricted",
            Event::RestrictionLifted => "the restriction is lifted",
            Event::HoldSet => "erasure is forbidden",
            Event::HoldLifted => "erasure is allowed again",
            Event::LockOpened => "the lock is opened",
            Event::LockClosed => "the lock is closed",
            Event::SuspicionRaised => "facts give rise to a suspicion",
            Event::AccountDelivered => "the account is delivered",
            Event::TenancyEnd => "moving out is reported",
            Event::ContractEnd => "the contract ends",
            Event::CaseClosed => "the case is closed",
            Event::ProjectEnd => "the project ends",
            Event::FinalDecision => "the last decision becomes final",
            Event::MechanismEnd => "the mechanism ends",
            Event::PublicationEnd => "the duty to publish ends",
            Event::CheckDone => "the check is done",
            Event::Matched => "the data have been matched without a hit",
            Event::TaskEnd => "the task ends",
            Event::PurposeEnd => "the purpose lapses",
        },
    }
}

fn rule(length: Length<'_>, end_of_year: bool, from: KeepFrom) -> String {
    let since = if end_of_year {
        format!("from the end of the calendar year in which {}", happened(from))
    } else {
        format!("after {}", happened(from))
    };
    match (length, end_of_year) {
        (Length::Kept(span), _) => format!("{span} {since}; then they are erased"),
        (Length::AtMost(span), _) => format!("at most {span} {since}; by then they are erased"),
        (Length::AtOnce, false) => format!("erased at once when {}", happens(from)),
        (Length::AtOnce, true) => {
            format!("erased at the end of the calendar year in which {}", happened(from))
        }
    }
}

fn date(day: Date) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let month = usize::from(day.month().unsigned_abs()).checked_sub(1).and_then(|index| MONTHS.get(index));
    format!("{} {} {}", day.day(), month.unwrap_or(&""), day.year())
}

const fn right(right: Right) -> &'static str {
    match right {
        Right::Access => "Access",
        Right::Rectification => "Rectification",
        Right::Erasure => "Erasure",
        Right::Restriction => "Restriction",
        Right::Portability => "Data portability",
        Right::Objection => "Objection",
        Right::Withdrawal => "Withdrawal of consent",
    }
}

const fn right_text(right: Right) -> &'static str {
    match right {
        Right::Access => {
            "You can ask whether data about you are processed, and have a copy of them with all that this notice \
             says about them."
        }
        Right::Rectification => "You can have wrong data put right and incomplete data completed.",
        Right::Erasure => "You can have data about you erased.",
        Right::Restriction => {
            "You can have data kept but not used, for instance while it is being checked whether they are right."
        }
        Right::Portability => {
            "You can have the data you provided handed to you in a common format that machines can read, or passed \
             on to somebody else."
        }
        Right::Objection => {
            "You can object at any time to the processing, on grounds of your particular situation. The data are then \
             no longer used, unless there are compelling grounds that weigh more than yours, or legal claims need \
             them."
        }
        Right::Withdrawal => {
            "You can withdraw your consent at any time. What was done before remains lawful."
        }
    }
}

fn part(rests_on: Article6, condition: Option<&str>) -> String {
    let part = format!("as far as the processing rests on {}", basis(rests_on));
    condition.map_or_else(|| part.clone(), |condition| format!("{part}, {condition}"))
}

const fn condition(condition: Condition) -> &'static str {
    match condition {
        Condition::AfterWithdrawal => "once consent has been withdrawn",
        Condition::OnceNotNeeded => "once the data are no longer needed",
        Condition::OnceDutyEnds => {
            "only once the legal obligation no longer requires the data (Article 17(3)(b) GDPR)"
        }
        Condition::OnceTaskEnds => "only once the task no longer requires the data (Article 17(3)(b) GDPR)",
        Condition::AfterObjection => "once an objection has been upheld",
        Condition::UnlessPublicInterest => {
            "unless an important public interest requires that the data are used all the same (Article 18(2) GDPR)"
        }
        Condition::IfAutomated => "as far as the processing is automated",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_in_english() {
        assert_eq!(article("6(1)(a)"), "Article 6(1)(a) GDPR");
        assert_eq!(article("15"), "Article 15 GDPR");
    }
}
