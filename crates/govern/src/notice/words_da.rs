//! Danish.
//!
//! What comes in: codes, names, numbers. What goes out: Danish, with the terms of the Danish text of the
//! GDPR. Never: a word of another language, but names and what the register cites.

use jiff::civil::Date;
use tidstro_model::Resolution;

use super::words::{
    Labels, Length, RightsWords, Sentences, Terms, TimeWords, Titles, Unit, Words, is_paragraph,
    parts_of_article,
};
use crate::rights::{Condition, Right};
use crate::{Article6, Finest, KeepFrom, LeaseEventKind as Event, Operation, PartyKind, TransferGround};

/// Danish.
pub(super) static DANISH: Words =
    Words { titles: TITLES, labels: LABELS, sentences: SENTENCES, terms: TERMS, time: TIME, rights: RIGHTS };

const TITLES: Titles = Titles {
    notice: "Oplysninger om behandling af personoplysninger",
    record_of_controller: "Den dataansvarliges fortegnelse over behandlingsaktiviteter",
    record_of_processor: "Databehandlerens fortegnelse over behandlingsaktiviteter",
    contents: "Indhold",
    controller: "Dataansvarlig",
    processor: "Databehandler",
    purposes: "Formål",
    rights: "Dine rettigheder",
    objection: "Din ret til indsigelse",
    complaint: "Din ret til at klage",
    sub_processors: "Andre databehandlere",
    transfers: "Overførsel til tredjelande",
    measures: "Tekniske og organisatoriske foranstaltninger",
    version: "Version",
};

const LABELS: Labels = Labels {
    address: "Adresse",
    registration_number: "Registreringsnummer",
    country: "Land",
    phone: "Telefon",
    email: "E-mail",
    protection_officer: "Databeskyttelsesrådgiver",
    instruction: "Den dataansvarliges instruks",
    basis: "Retsgrundlag",
    necessity: "Hvorfor mindre ikke er nok",
    subjects: "De registrerede",
    data: "Personoplysninger",
    category: "Kategori",
    detail: "Højeste detaljeringsgrad",
    fields: "Enkeltheder",
    excludes: "Indsamles aldrig",
    operations: "Hvad der sker med oplysningerne",
    roles: "Hvem der har adgang",
    recipients: "Modtagere",
    name: "Navn",
    kind: "Som",
    transfer: "Hvortil",
    source: "Hvor oplysningerne kommer fra",
    mandatory: "Om oplysningerne skal gives",
    begins: "Begynder",
    in_force: "I kraft",
    retention: "Hvor længe oplysningerne opbevares",
    lock: "Spærring",
    while_restricted: "Mens behandlingen er begrænset",
    rights: "Dine rettigheder ved dette formål",
    measure: "Foranstaltning",
    shown_by: "Dokumenteret ved",
    source_of_law: "Krævet af",
    register: "Register",
    edition: "Udgave",
    date: "Dato",
    version: "Version",
    hash: "Registerets SHA-256",
};

const SENTENCES: Sentences = Sentences {
    notice_intro: "Her kan du læse, hvilke personoplysninger der behandles, til hvad, hvor længe, og hvilke \
        rettigheder du har. Det skal du have at vide efter databeskyttelsesforordningens artikel 13 og 14. Teksten er \
        lavet af det register, som også afgør hver enkelt brug af oplysningerne.",
    record_of_controller_intro: "Fortegnelse efter databeskyttelsesforordningens artikel 30, stk. 1.",
    record_of_processor_intro: "Fortegnelse efter databeskyttelsesforordningens artikel 30, stk. 2.",
    version_intro: "Versionen er hashværdien af det register, teksten er lavet af. Et andet register har en anden \
        version.",
    processed_by: |name| format!("{name} behandler oplysningerne på vegne af den dataansvarlige."),
    no_recipient: "ingen udenforstående",
    the_subject: "den registrerede selv",
    from_the_subject: "indsamles hos den registrerede",
    from_purposes: |purposes| format!("fra formål, der indsamler dem: {purposes}"),
    is_mandatory: "ja; uden oplysningerne kan formålet ikke opfyldes",
    is_voluntary: "nej",
    begins_when: |event| format!("først når {event}"),
    goes_on: |why| format!("oplysningerne bruges alligevel til dette formål: {why}"),
    is_special: "følsomme oplysninger efter databeskyttelsesforordningens artikel 9",
    keeps_nothing: "dette formål opbevarer ikke noget; det sletter kun",
    no_transfer: "Ingen oplysninger overføres til tredjelande. Alle modtagere er i Det Europæiske Økonomiske \
        Samarbejdsområde.",
    no_sub_processor: "Ingen.",
    no_measure: "Registeret nævner ingen.",
    complaint: "Du kan klage til en tilsynsmyndighed, især der, hvor du bor, hvor du arbejder, eller hvor du mener, \
        at reglerne er overtrådt (databeskyttelsesforordningens artikel 77).",
    competent_is: |name| format!("Den kompetente myndighed er {name}."),
    proved_by_probe: "måles af programmet",
    proved_by_attestation: |role| format!("bekræftes af: {role}"),
    proved_by_document: "et dokument, som programmet laver",
};

const TERMS: Terms = Terms {
    basis,
    article,
    operation,
    finest,
    party_kind,
    inside_eea: "inden for Det Europæiske Økonomiske Samarbejdsområde",
    ground,
    national_limits,
};

const TIME: TimeWords = TimeWords {
    span: quantity,
    after: quantity,
    then: ", derefter ",
    and_then: " og derefter ",
    happens,
    rule,
    longest: "den længste af disse perioder gælder; en periode, hvis begivenhed ikke er indtruffet, tæller ikke med:",
    locked: |after| {
        format!("efter {after}; fra da af opbevares oplysningerne kun og åbnes alene efter særlig beslutning")
    },
    date,
    from: |day| format!("fra {day}"),
    until: |day| format!("til og med {day}"),
};

const RIGHTS: RightsWords = RightsWords {
    intro: "Henvend dig til den dataansvarlige, hvis du vil bruge en rettighed; der er ingen krav til formen. Du får svar \
        inden for en måned. Det kan vare op til to måneder mere, hvis anmodningerne er mange eller indviklede, og så får \
        du at vide hvorfor (databeskyttelsesforordningens artikel 12, stk. 3). Hvilke rettigheder du har, følger af \
        retsgrundlaget for hvert formål.",
    name: right,
    text: right_text,
    condition,
    part,
    purpose: |number| format!("Formål {number}"),
    purposes: |numbers| format!("Formål {numbers}"),
    every_purpose: "Alle formål i denne tekst",
    given: "ja",
    not_given: "nej, for retsgrundlaget giver ikke denne ret",
    no_purpose: "Intet formål i denne tekst har et retsgrundlag, der giver denne rettighed.",
};

const fn basis(basis: Article6) -> &'static str {
    match basis {
        Article6::Consent => "samtykke",
        Article6::Contract => "en kontrakt med den registrerede",
        Article6::LegalObligation => "en retlig forpligtelse",
        Article6::VitalInterests => "vitale interesser",
        Article6::PublicTask => "en opgave i samfundets interesse eller under offentlig myndighedsudøvelse",
        Article6::LegitimateInterests => "legitime interesser",
    }
}

fn article(article: &str) -> String {
    let mut text = String::from("databeskyttelsesforordningens artikel ");
    for (index, part) in parts_of_article(article).enumerate() {
        let part = match (index, is_paragraph(part)) {
            (0, _) => part.to_owned(),
            (_, true) => format!(", stk. {part}"),
            (_, false) => format!(", litra {part}"),
        };
        text.push_str(&part);
    }
    text
}

const fn operation(operation: Operation) -> &'static str {
    match operation {
        Operation::Collect => "indsamling",
        Operation::Store => "opbevaring",
        Operation::Read => "læsning",
        Operation::Compute => "beregning",
        Operation::Export => "videregivelse til modtagere",
        Operation::Print => "udskrivning",
        Operation::Correct => "berigtigelse",
        Operation::Restrict => "begrænsning",
        Operation::Erase => "sletning",
        Operation::Infer => "udledning",
    }
}

const fn finest(finest: Finest) -> &'static str {
    match finest {
        Finest::Full => "i fuldt omfang",
        Finest::Resolution(Resolution::Raw) => "hver enkelt aflæsning",
        Finest::Resolution(Resolution::PT15M) => "kvarterværdier",
        Finest::Resolution(Resolution::PT1H) => "timeværdier",
        Finest::Resolution(Resolution::P1D) => "døgnværdier",
        Finest::Resolution(Resolution::P1M) => "månedsværdier",
        Finest::Resolution(Resolution::P1Y) => "årsværdier",
    }
}

const fn party_kind(kind: PartyKind) -> &'static str {
    match kind {
        PartyKind::Controller => "dataansvarlig",
        PartyKind::Processor => "databehandler",
        PartyKind::Recipient => "modtager",
        PartyKind::Authority => "offentlig myndighed",
    }
}

const fn ground(ground: TransferGround) -> &'static str {
    match ground {
        TransferGround::Adequacy => "afgørelse om et tilstrækkeligt beskyttelsesniveau",
        TransferGround::Instrument => "instrument mellem offentlige myndigheder",
        TransferGround::StandardClauses => "standardbestemmelser om databeskyttelse",
        TransferGround::BindingRules => "bindende virksomhedsregler",
        TransferGround::Derogation => "undtagelse i en særlig situation",
    }
}

fn national_limits(country: &str) -> Option<&'static str> {
    match country {
        "DE" => Some(
            "§§ 34, 35 og 36 i den tyske forbundslov om databeskyttelse (BDSG) begrænser indsigt, sletning og indsigelse i \
             visse tilfælde.",
        ),
        "DK" => Some("Databeskyttelseslovens § 22 begrænser retten til indsigt i visse tilfælde."),
        _ => None,
    }
}

fn quantity(count: u64, unit: Unit) -> String {
    let (one, many) = match unit {
        Unit::Hours => ("en time", "timer"),
        Unit::Days => ("en dag", "dage"),
        Unit::Weeks => ("en uge", "uger"),
        Unit::Months => ("en måned", "måneder"),
        Unit::Years => ("et år", "år"),
    };
    if count == 1 { one.to_owned() } else { format!("{count} {many}") }
}

const fn happened(from: KeepFrom) -> &'static str {
    match from {
        KeepFrom::OccupancyEnd => "beboelses- eller leveranceperioden sluttede",
        KeepFrom::Registration => "oplysningerne blev registreret",
        KeepFrom::Event(event) => match event {
            Event::ConsentGiven => "samtykket blev givet",
            Event::ConsentWithdrawn => "samtykket blev trukket tilbage",
            Event::ObjectionUpheld => "en indsigelse blev taget til følge",
            Event::RestrictionSet => "behandlingen blev begrænset",
            Event::RestrictionLifted => "begrænsningen blev ophævet",
            Event::HoldSet => "sletning blev udelukket",
            Event::HoldLifted => "sletning blev tilladt igen",
            Event::LockOpened => "spærringen blev åbnet",
            Event::LockClosed => "spærringen blev lukket",
            Event::SuspicionRaised => "der opstod en begrundet mistanke",
            Event::AccountDelivered => "forbrugsregnskabet blev modtaget",
            Event::TenancyEnd => "fraflytningen blev meldt",
            Event::ContractEnd => "kontrakten ophørte",
            Event::CaseClosed => "sagen blev afsluttet",
            Event::ProjectEnd => "projektet blev afsluttet",
            Event::FinalDecision => "den sidste afgørelse blev endelig",
            Event::MechanismEnd => "ordningen ophørte",
            Event::PublicationEnd => "pligten til at offentliggøre ophørte",
            Event::CheckDone => "kontrollen blev foretaget",
            Event::Matched => "oplysningerne blev sammenholdt uden fund",
            Event::TaskEnd => "opgaven ophørte",
            Event::PurposeEnd => "formålet bortfaldt",
        },
    }
}

const fn happens(from: KeepFrom) -> &'static str {
    match from {
        KeepFrom::OccupancyEnd => "beboelses- eller leveranceperioden slutter",
        KeepFrom::Registration => "oplysningerne er registreret",
        KeepFrom::Event(event) => match event {
            Event::ConsentGiven => "samtykket er givet",
            Event::ConsentWithdrawn => "samtykket trækkes tilbage",
            Event::ObjectionUpheld => "en indsigelse tages til følge",
            Event::RestrictionSet => "behandlingen begrænses",
            Event::RestrictionLifted => "begrænsningen ophæves",
            Event::HoldSet => "sletning udelukkes",
            Event::HoldLifted => "sletning tillades igen",
            Event::LockOpened => "spærringen åbnes",
            Event::LockClosed => "spærringen lukkes",
            Event::SuspicionRaised => "der er opstået en begrundet mistanke",
            Event::AccountDelivered => "forbrugsregnskabet er modtaget",
            Event::TenancyEnd => "fraflytningen meldes",
            Event::ContractEnd => "kontrakten ophører",
            Event::CaseClosed => "sagen er afsluttet",
            Event::ProjectEnd => "projektet er afsluttet",
            Event::FinalDecision => "den sidste afgørelse er endelig",
            Event::MechanismEnd => "ordningen ophører",
            Event::PublicationEnd => "pligten til at offentliggøre ophører",
            Event::CheckDone => "kontrollen er foretaget",
            Event::Matched => "oplysningerne er sammenholdt uden fund",
            Event::TaskEnd => "opgaven ophører",
            Event::PurposeEnd => "formålet bortfalder",
        },
    }
}

fn rule(length: Length<'_>, end_of_year: bool, from: KeepFrom) -> String {
    let since = if end_of_year {
        format!("fra udgangen af det kalenderår, hvor {}", happened(from))
    } else {
        format!("efter at {}", happened(from))
    };
    match (length, end_of_year) {
        (Length::Kept(span), _) => format!("{span} {since}; derefter slettes de"),
        (Length::AtMost(span), _) => format!("højst {span} {since}; senest da slettes de"),
        (Length::AtOnce, false) => format!("de slettes straks, når {}", happens(from)),
        (Length::AtOnce, true) => {
            format!("de slettes ved udgangen af det kalenderår, hvor {}", happened(from))
        }
    }
}

fn date(day: Date) -> String {
    const MONTHS: [&str; 12] = [
        "januar",
        "februar",
        "marts",
        "april",
        "maj",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "december",
    ];
    let month = usize::from(day.month().unsigned_abs()).checked_sub(1).and_then(|index| MONTHS.get(index));
    format!("{}. {} {}", day.day(), month.unwrap_or(&""), day.year())
}

const fn right(right: Right) -> &'static str {
    match right {
        Right::Access => "Indsigt",
        Right::Rectification => "Berigtigelse",
        Right::Erasure => "Sletning",
        Right::Restriction => "Begrænsning af behandlingen",
        Right::Portability => "Dataportabilitet",
        Right::Objection => "Indsigelse",
        Right::Withdrawal => "Tilbagetrækning af samtykke",
    }
}

const fn right_text(right: Right) -> &'static str {
    match right {
        Right::Access => {
            "Du kan spørge, om der behandles oplysninger om dig, og få en kopi af dem sammen med alt det, som denne tekst \
             fortæller om dem."
        }
        Right::Rectification => {
            "Du kan få rettet forkerte oplysninger og gjort ufuldstændige oplysninger fuldstændige."
        }
        Right::Erasure => "Du kan få slettet oplysninger om dig.",
        Right::Restriction => {
            "Du kan forlange, at oplysninger opbevares, men ikke bruges, for eksempel mens det undersøges, om de er \
             rigtige."
        }
        Right::Portability => {
            "Du kan få de oplysninger, du selv har givet, udleveret i et almindeligt format, som maskiner kan læse, eller få \
             dem sendt videre til en anden."
        }
        Right::Objection => {
            "Du kan til enhver tid gøre indsigelse mod behandlingen af grunde, der vedrører din særlige situation. Derefter \
             bruges oplysningerne ikke længere, medmindre der er tvingende grunde, som vejer tungere end dine, eller \
             oplysningerne er nødvendige for et retskrav."
        }
        Right::Withdrawal => {
            "Du kan til enhver tid trække dit samtykke tilbage. Det, der er sket indtil da, er stadig lovligt."
        }
    }
}

fn part(rests_on: Article6, condition: Option<&str>) -> String {
    let part = format!("for den del af behandlingen, der bygger på {}", basis(rests_on));
    condition.map_or_else(|| part.clone(), |condition| format!("{part}: {condition}"))
}

const fn condition(condition: Condition) -> &'static str {
    match condition {
        Condition::AfterWithdrawal => "når samtykket er trukket tilbage",
        Condition::OnceNotNeeded => "når der ikke længere er brug for oplysningerne",
        Condition::OnceDutyEnds => {
            "først når den retlige forpligtelse ikke længere kræver oplysningerne (databeskyttelsesforordningens artikel 17, \
             stk. 3, litra b)"
        }
        Condition::OnceTaskEnds => {
            "først når opgaven ikke længere kræver oplysningerne (databeskyttelsesforordningens artikel 17, stk. 3, litra b)"
        }
        Condition::AfterObjection => "når en indsigelse er taget til følge",
        Condition::UnlessPublicInterest => {
            "medmindre en vigtig samfundsinteresse kræver, at oplysningerne bruges alligevel \
             (databeskyttelsesforordningens artikel 18, stk. 2)"
        }
        Condition::IfAutomated => "i det omfang behandlingen er automatisk",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_in_danish() {
        assert_eq!(article("6(1)(a)"), "databeskyttelsesforordningens artikel 6, stk. 1, litra a");
        assert_eq!(article("15"), "databeskyttelsesforordningens artikel 15");
    }
}
