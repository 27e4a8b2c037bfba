//! German.
//!
//! What comes in: codes, names, numbers. What goes out: German, with the terms of the German text of the
//! GDPR, addressing the reader formally. Never: a word of another language, but names and what the register
//! cites.

use jiff::civil::Date;
use tidstro_model::Resolution;

use super::words::{
    Labels, Length, RightsWords, Sentences, Terms, TimeWords, Titles, Unit, Words, is_paragraph,
    parts_of_article,
};
use crate::rights::{Condition, Right};
use crate::{Article6, Finest, KeepFrom, LeaseEventKind as Event, Operation, PartyKind, TransferGround};

/// German.
pub(super) static GERMAN: Words =
    Words { titles: TITLES, labels: LABELS, sentences: SENTENCES, terms: TERMS, time: TIME, rights: RIGHTS };

const TITLES: Titles = Titles {
    notice: "Datenschutzhinweise",
    record_of_controller: "Verzeichnis von Verarbeitungstätigkeiten des Verantwortlichen",
    record_of_processor: "Verzeichnis von Verarbeitungstätigkeiten des Auftragsverarbeiters",
    contents: "Inhalt",
    controller: "Verantwortlicher",
    processor: "Auftragsverarbeiter",
    purposes: "Zwecke",
    rights: "Ihre Rechte",
    objection: "Ihr Widerspruchsrecht",
    complaint: "Ihr Beschwerderecht",
    sub_processors: "Weitere Auftragsverarbeiter",
    transfers: "Übermittlung in Drittländer",
    measures: "Technische und organisatorische Maßnahmen",
    version: "Fassung",
};

const LABELS: Labels = Labels {
    address: "Anschrift",
    registration_number: "Registernummer",
    country: "Land",
    phone: "Telefon",
    email: "E-Mail",
    protection_officer: "Datenschutzbeauftragte Person",
    instruction: "Weisung des Verantwortlichen",
    basis: "Rechtsgrundlage",
    necessity: "Warum weniger nicht genügt",
    subjects: "Betroffene Personen",
    data: "Personenbezogene Daten",
    category: "Kategorie",
    detail: "Höchste Genauigkeit",
    fields: "Einzelangaben",
    excludes: "Wird nie erhoben",
    operations: "Was mit den Daten geschieht",
    roles: "Wer Zugriff hat",
    recipients: "Empfänger",
    name: "Name",
    kind: "Als",
    transfer: "Wohin",
    source: "Herkunft der Daten",
    mandatory: "Pflicht zur Bereitstellung",
    begins: "Beginn",
    in_force: "In Kraft",
    retention: "Speicherdauer",
    lock: "Sperre",
    while_restricted: "Bei eingeschränkter Verarbeitung",
    rights: "Ihre Rechte zu diesem Zweck",
    measure: "Maßnahme",
    shown_by: "Nachgewiesen durch",
    source_of_law: "Gefordert durch",
    register: "Register",
    edition: "Ausgabe",
    date: "Stand",
    version: "Fassung",
    hash: "SHA-256 des Registers",
};

const SENTENCES: Sentences = Sentences {
    notice_intro: "Diese Hinweise sagen Ihnen nach den Artikeln 13 und 14 der Datenschutz-Grundverordnung (DSGVO), \
        welche personenbezogenen Daten verarbeitet werden, wozu, wie lange, und welche Rechte Sie haben. Sie entstehen \
        aus dem Register, das auch über jede einzelne Nutzung der Daten entscheidet.",
    record_of_controller_intro: "Verzeichnis nach Artikel 30 Absatz 1 der Datenschutz-Grundverordnung (DSGVO).",
    record_of_processor_intro: "Verzeichnis nach Artikel 30 Absatz 2 der Datenschutz-Grundverordnung (DSGVO).",
    version_intro: "Die Fassung ist der Hashwert des Registers, aus dem dieser Text entsteht. Ein anderes Register hat \
        eine andere Fassung.",
    processed_by: |name| format!("{name} verarbeitet die Daten im Auftrag des Verantwortlichen."),
    no_recipient: "keine außenstehenden Stellen",
    the_subject: "die betroffene Person selbst",
    from_the_subject: "bei der betroffenen Person erhoben",
    from_purposes: |purposes| format!("aus Zwecken, die sie erheben: {purposes}"),
    is_mandatory: "ja; ohne die Daten lässt sich der Zweck nicht erfüllen",
    is_voluntary: "nein",
    begins_when: |event| format!("erst wenn {event}"),
    goes_on: |why| format!("die Daten werden für diesen Zweck weiterhin genutzt: {why}"),
    is_special: "besondere Kategorie nach Artikel 9 DSGVO",
    keeps_nothing: "dieser Zweck bewahrt nichts auf; er löscht nur",
    no_transfer: "Es werden keine Daten in Drittländer übermittelt. Alle Empfänger befinden sich im Europäischen \
        Wirtschaftsraum.",
    no_sub_processor: "Keine.",
    no_measure: "Das Register nennt keine.",
    complaint: "Sie können sich bei einer Aufsichtsbehörde beschweren, insbesondere dort, wo Sie wohnen, wo Sie arbeiten \
        oder wo Sie den Verstoß vermuten (Artikel 77 DSGVO).",
    competent_is: |name| format!("Zuständig ist: {name}."),
    proved_by_probe: "vom Programm gemessen",
    proved_by_attestation: |role| format!("bestätigt durch: {role}"),
    proved_by_document: "ein Dokument des Programms",
};

const TERMS: Terms = Terms {
    basis,
    article,
    operation,
    finest,
    party_kind,
    inside_eea: "innerhalb des Europäischen Wirtschaftsraums",
    ground,
    national_limits,
};

const TIME: TimeWords = TimeWords {
    span: |count, unit| quantity(count, unit, ["einen", "eine", "ein"], false),
    after: |count, unit| quantity(count, unit, ["einem", "einer", "einem"], true),
    then: ", dann ",
    and_then: " und danach ",
    happens,
    rule,
    longest: "es gilt die längste dieser Fristen; eine Frist, deren Ereignis nicht eingetreten ist, zählt nicht mit:",
    locked: |after| {
        format!("nach {after}; von da an werden die Daten nur aufbewahrt und allein auf Anordnung geöffnet")
    },
    date,
    from: |day| format!("ab dem {day}"),
    until: |day| format!("bis einschließlich {day}"),
};

const RIGHTS: RightsWords = RightsWords {
    intro: "Um ein Recht auszuüben, wenden Sie sich formlos an den Verantwortlichen. Sie erhalten innerhalb eines Monats \
        eine Antwort. Bei vielen oder schwierigen Anträgen kann es bis zu zwei Monate länger dauern; dann erfahren Sie \
        den Grund (Artikel 12 Absatz 3 DSGVO). Welche Rechte Sie haben, folgt aus der Rechtsgrundlage des jeweiligen \
        Zwecks.",
    name: right,
    text: right_text,
    condition,
    part,
    purpose: |number| format!("Zweck {number}"),
    purposes: |numbers| format!("Zwecke {numbers}"),
    every_purpose: "Alle Zwecke dieser Hinweise",
    given: "ja",
    not_given: "nein, denn die Rechtsgrundlage gibt dieses Recht nicht",
    no_purpose: "Kein Zweck dieser Hinweise hat eine Rechtsgrundlage, die dieses Recht gibt.",
};

const fn basis(basis: Article6) -> &'static str {
    match basis {
        Article6::Consent => "Einwilligung",
        Article6::Contract => "Vertrag mit der betroffenen Person",
        Article6::LegalObligation => "rechtliche Verpflichtung",
        Article6::VitalInterests => "lebenswichtige Interessen",
        Article6::PublicTask => "Aufgabe im öffentlichen Interesse oder in Ausübung öffentlicher Gewalt",
        Article6::LegitimateInterests => "berechtigte Interessen",
    }
}

fn article(article: &str) -> String {
    let mut text = String::from("Artikel ");
    for (index, part) in parts_of_article(article).enumerate() {
        let part = match (index, is_paragraph(part)) {
            (0, _) => part.to_owned(),
            (_, true) => format!(" Absatz {part}"),
            (_, false) => format!(" Buchstabe {part}"),
        };
        text.push_str(&part);
    }
    text + " DSGVO"
}

const fn operation(operation: Operation) -> &'static str {
    match operation {
        Operation::Collect => "Erhebung",
        Operation::Store => "Speicherung",
        Operation::Read => "Einsicht",
        Operation::Compute => "Berechnung",
        Operation::Export => "Weitergabe an Empfänger",
        Operation::Print => "Ausdruck",
        Operation::Correct => "Berichtigung",
        Operation::Restrict => "Einschränkung",
        Operation::Erase => "Löschung",
        Operation::Infer => "Ableitung",
    }
}

const fn finest(finest: Finest) -> &'static str {
    match finest {
        Finest::Full => "vollständig",
        Finest::Resolution(Resolution::Raw) => "jede einzelne Ablesung",
        Finest::Resolution(Resolution::PT15M) => "Viertelstundenwerte",
        Finest::Resolution(Resolution::PT1H) => "Stundenwerte",
        Finest::Resolution(Resolution::P1D) => "Tageswerte",
        Finest::Resolution(Resolution::P1M) => "Monatswerte",
        Finest::Resolution(Resolution::P1Y) => "Jahreswerte",
    }
}

const fn party_kind(kind: PartyKind) -> &'static str {
    match kind {
        PartyKind::Controller => "Verantwortlicher",
        PartyKind::Processor => "Auftragsverarbeiter",
        PartyKind::Recipient => "Empfänger",
        PartyKind::Authority => "Behörde",
    }
}

const fn ground(ground: TransferGround) -> &'static str {
    match ground {
        TransferGround::Adequacy => "Beschluss über ein angemessenes Schutzniveau",
        TransferGround::Instrument => "Dokument zwischen Behörden",
        TransferGround::StandardClauses => "Standarddatenschutzklauseln",
        TransferGround::BindingRules => "verbindliche interne Datenschutzvorschriften",
        TransferGround::Derogation => "Ausnahme für einen bestimmten Fall",
    }
}

fn national_limits(country: &str) -> Option<&'static str> {
    match country {
        "DE" => Some(
            "Die §§ 34, 35 und 36 des Bundesdatenschutzgesetzes (BDSG) schränken Auskunft, Löschung und Widerspruch in \
             bestimmten Fällen ein.",
        ),
        "DK" => Some(
            "§ 22 des dänischen Datenschutzgesetzes schränkt das Auskunftsrecht in bestimmten Fällen ein.",
        ),
        _ => None,
    }
}

/// The articles are those of Monat and Tag (masculine), Woche and Stunde (feminine), Jahr (neuter).
fn quantity(count: u64, unit: Unit, [he, she, it]: [&str; 3], dative: bool) -> String {
    let (article, one, many, many_dative) = match unit {
        Unit::Hours => (she, "Stunde", "Stunden", "Stunden"),
        Unit::Days => (he, "Tag", "Tage", "Tagen"),
        Unit::Weeks => (she, "Woche", "Wochen", "Wochen"),
        Unit::Months => (he, "Monat", "Monate", "Monaten"),
        Unit::Years => (it, "Jahr", "Jahre", "Jahren"),
    };
    match (count, dative) {
        (1, _) => format!("{article} {one}"),
        (_, true) => format!("{count} {many_dative}"),
        (_, false) => format!("{count} {many}"),
    }
}

const fn happened(from: KeepFrom) -> &'static str {
    match from {
        KeepFrom::OccupancyEnd => "der Wohn- oder Lieferzeitraum geendet hat",
        KeepFrom::Registration => "die Daten erfasst wurden",
        KeepFrom::Event(event) => match event {
            Event::ConsentGiven => "die Einwilligung erteilt wurde",
            Event::ConsentWithdrawn => "die Einwilligung widerrufen wurde",
            Event::ObjectionUpheld => "einem Widerspruch stattgegeben wurde",
            Event::RestrictionSet => "die Verarbeitung eingeschränkt wurde",
            Event::RestrictionLifted => "die Einschränkung aufgehoben wurde",
            Event::HoldSet => "die Löschung untersagt wurde",
            Event::HoldLifted => "die Löschung wieder zugelassen wurde",
            Event::LockOpened => "die Sperre geöffnet wurde",
            Event::LockClosed => "die Sperre geschlossen wurde",
            Event::SuspicionRaised => "tatsächliche Anhaltspunkte einen Verdacht begründet haben",
            Event::AccountDelivered => "die Abrechnung zugegangen ist",
            Event::TenancyEnd => "der Auszug gemeldet wurde",
            Event::ContractEnd => "der Vertrag geendet hat",
            Event::CaseClosed => "der Vorgang abgeschlossen wurde",
            Event::ProjectEnd => "das Projekt abgeschlossen wurde",
            Event::FinalDecision => "die letzte Entscheidung rechtskräftig geworden ist",
            Event::MechanismEnd => "der Mechanismus ausgelaufen ist",
            Event::PublicationEnd => "die Pflicht zur Veröffentlichung geendet hat",
            Event::CheckDone => "die Prüfung erfolgt ist",
            Event::Matched => "der Abgleich ohne Treffer geblieben ist",
            Event::TaskEnd => "die Aufgabe geendet hat",
            Event::PurposeEnd => "der Zweck entfallen ist",
        },
    }
}

const fn happens(from: KeepFrom) -> &'static str {
    match from {
        KeepFrom::OccupancyEnd => "der Wohn- oder Lieferzeitraum endet",
        KeepFrom::Registration => "die Daten erfasst sind",
        KeepFrom::Event(event) => match event {
            Event::ConsentGiven => "die Einwilligung erteilt ist",
            Event::ConsentWithdrawn => "die Einwilligung widerrufen wird",
            Event::ObjectionUpheld => "einem Widerspruch stattgegeben wird",
            Event::RestrictionSet => "die Verarbeitung eingeschränkt wird",
            Event::RestrictionLifted => "die Einschränkung aufgehoben wird",
            Event::HoldSet => "die Löschung untersagt wird",
            Event::HoldLifted => "die Löschung wieder zugelassen wird",
            Event::LockOpened => "die Sperre geöffnet wird",
            Event::LockClosed => "die Sperre geschlossen wird",
            Event::SuspicionRaised => "tatsächliche Anhaltspunkte einen Verdacht begründen",
            Event::AccountDelivered => "die Abrechnung zugegangen ist",
            Event::TenancyEnd => "der Auszug gemeldet wird",
            Event::ContractEnd => "der Vertrag endet",
            Event::CaseClosed => "der Vorgang abgeschlossen ist",
            Event::ProjectEnd => "das Projekt abgeschlossen ist",
            Event::FinalDecision => "die letzte Entscheidung rechtskräftig ist",
            Event::MechanismEnd => "der Mechanismus ausläuft",
            Event::PublicationEnd => "die Pflicht zur Veröffentlichung endet",
            Event::CheckDone => "die Prüfung erfolgt ist",
            Event::Matched => "der Abgleich ohne Treffer geblieben ist",
            Event::TaskEnd => "die Aufgabe endet",
            Event::PurposeEnd => "der Zweck entfällt",
        },
    }
}

fn rule(length: Length<'_>, end_of_year: bool, from: KeepFrom) -> String {
    let since = if end_of_year {
        format!(" ab dem Ende des Kalenderjahres, in dem {}", happened(from))
    } else {
        format!(", nachdem {}", happened(from))
    };
    match (length, end_of_year) {
        (Length::Kept(span), _) => format!("{span}{since}; danach werden sie gelöscht"),
        (Length::AtMost(span), _) => format!("höchstens {span}{since}; spätestens dann werden sie gelöscht"),
        (Length::AtOnce, false) => format!("sie werden sofort gelöscht, sobald {}", happens(from)),
        (Length::AtOnce, true) => {
            format!("sie werden am Ende des Kalenderjahres gelöscht, in dem {}", happened(from))
        }
    }
}

fn date(day: Date) -> String {
    const MONTHS: [&str; 12] = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ];
    let month = usize::from(day.month().unsigned_abs()).checked_sub(1).and_then(|index| MONTHS.get(index));
    format!("{}. {} {}", day.day(), month.unwrap_or(&""), day.year())
}

const fn right(right: Right) -> &'static str {
    match right {
        Right::Access => "Auskunft",
        Right::Rectification => "Berichtigung",
        Right::Erasure => "Löschung",
        Right::Restriction => "Einschränkung der Verarbeitung",
        Right::Portability => "Datenübertragbarkeit",
        Right::Objection => "Widerspruch",
        Right::Withdrawal => "Widerruf der Einwilligung",
    }
}

const fn right_text(right: Right) -> &'static str {
    match right {
        Right::Access => {
            "Sie können fragen, ob Daten über Sie verarbeitet werden, und eine Kopie davon erhalten, mit allem, was diese \
             Hinweise darüber sagen."
        }
        Right::Rectification => {
            "Sie können unrichtige Daten berichtigen und unvollständige Daten vervollständigen lassen."
        }
        Right::Erasure => "Sie können Daten über sich löschen lassen.",
        Right::Restriction => {
            "Sie können verlangen, dass Daten aufbewahrt, aber nicht genutzt werden, etwa solange geprüft wird, ob sie \
             richtig sind."
        }
        Right::Portability => {
            "Sie können die Daten, die Sie selbst bereitgestellt haben, in einem gängigen, maschinenlesbaren Format erhalten \
             oder an jemand anderen weitergeben lassen."
        }
        Right::Objection => {
            "Sie können der Verarbeitung jederzeit aus Gründen widersprechen, die sich aus Ihrer besonderen Situation \
             ergeben. Die Daten werden dann nicht mehr genutzt, es sei denn, zwingende Gründe wiegen schwerer als Ihre, \
             oder die Daten werden für Rechtsansprüche gebraucht."
        }
        Right::Withdrawal => {
            "Sie können Ihre Einwilligung jederzeit widerrufen. Was bis dahin geschehen ist, bleibt rechtmäßig."
        }
    }
}

fn part(rests_on: Article6, condition: Option<&str>) -> String {
    let basis = match rests_on {
        Article6::Consent => "einer Einwilligung",
        Article6::Contract => "einem Vertrag mit der betroffenen Person",
        Article6::LegalObligation => "einer rechtlichen Verpflichtung",
        Article6::VitalInterests => "lebenswichtigen Interessen",
        Article6::PublicTask => {
            "einer Aufgabe im öffentlichen Interesse oder in Ausübung öffentlicher Gewalt"
        }
        Article6::LegitimateInterests => "berechtigten Interessen",
    };
    let part = format!("soweit die Verarbeitung auf {basis} beruht");
    condition.map_or_else(|| part.clone(), |condition| format!("{part}, {condition}"))
}

const fn condition(condition: Condition) -> &'static str {
    match condition {
        Condition::AfterWithdrawal => "sobald die Einwilligung widerrufen ist",
        Condition::OnceNotNeeded => "sobald die Daten nicht mehr gebraucht werden",
        Condition::OnceDutyEnds => {
            "erst wenn die rechtliche Verpflichtung die Daten nicht mehr erfordert (Artikel 17 Absatz 3 Buchstabe b \
             DSGVO)"
        }
        Condition::OnceTaskEnds => {
            "erst wenn die Aufgabe die Daten nicht mehr erfordert (Artikel 17 Absatz 3 Buchstabe b DSGVO)"
        }
        Condition::AfterObjection => "sobald einem Widerspruch stattgegeben wurde",
        Condition::UnlessPublicInterest => {
            "es sei denn, ein wichtiges öffentliches Interesse erfordert, dass die Daten dennoch genutzt werden \
             (Artikel 18 Absatz 2 DSGVO)"
        }
        Condition::IfAutomated => "soweit die Verarbeitung automatisiert erfolgt",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_in_german() {
        assert_eq!(article("6(1)(a)"), "Artikel 6 Absatz 1 Buchstabe a DSGVO");
        assert_eq!(article("15"), "Artikel 15 DSGVO");
    }

    #[test]
    fn one_takes_the_gender_of_its_unit_and_the_case_of_its_place() {
        let TimeWords { span, after, .. } = TIME;
        assert_eq!(span(1, Unit::Months), "einen Monat");
        assert_eq!(after(1, Unit::Weeks), "einer Woche");
        assert_eq!(after(3, Unit::Months), "3 Monaten");
        assert_eq!(span(5, Unit::Years), "5 Jahre");
    }
}
