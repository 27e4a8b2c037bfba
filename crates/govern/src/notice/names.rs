//! Words for the kinds of subjects and the fields that registers name.
//!
//! What comes in: a name as the register writes it, a language. What goes out: what a reader calls it. These names
//! are free, so the lists are not closed: a name that is in none of them is shown as written, with spaces for
//! its hyphens. Never: a name left out.

use super::Language;
use super::fields::FIELDS;

/// One name and its words: Danish, German, English.
pub(super) type Entry = (&'static str, [&'static str; 3]);

/// A kind of subjects, in the plural.
pub(super) fn subject(name: &str, language: Language) -> String {
    in_list(SUBJECTS, name, language)
}

/// A field of a category.
pub(super) fn field(name: &str, language: Language) -> String {
    in_list(FIELDS, name, language)
}

fn in_list(list: &[Entry], name: &str, language: Language) -> String {
    let known = list.iter().find(|(known, _)| *known == name).map(|(_, [da, de, en])| match language {
        Language::Danish => *da,
        Language::German => *de,
        Language::English => *en,
    });
    known.map_or_else(|| name.replace(['-', '_'], " "), str::to_owned)
}

const SUBJECTS: &[Entry] = &[
    ("account-holder", ["kontohavere", "Kontoinhaber", "account holders"]),
    ("applicant", ["ansøgere", "Antragsteller", "applicants"]),
    ("contact-person", ["kontaktpersoner", "Ansprechpersonen", "contact persons"]),
    ("contractor", ["kontraktparter", "Vertragsparteien", "contracting parties"]),
    ("electricity-customer", ["elkunder", "Stromkunden", "electricity customers"]),
    ("employee", ["ansatte", "Beschäftigte", "employees"]),
    ("enquirer", ["personer, der henvender sig", "anfragende Personen", "enquirers"]),
    (
        "federal-employee",
        [
            "ansatte i forbundsforvaltningen",
            "Beschäftigte der Bundesverwaltung",
            "employees of the federal administration",
        ],
    ),
    ("former-resident", ["tidligere beboere", "ehemalige Bewohner", "former residents"]),
    ("guest", ["gæster", "Gäste", "guests"]),
    ("landlord", ["udlejere", "Vermieter", "landlords"]),
    ("mail-sender", ["afsendere af e-mail", "Absender von E-Mails", "senders of e-mail"]),
    ("owner", ["ejere", "Eigentümer", "owners"]),
    ("representative", ["repræsentanter", "Vertreter", "representatives"]),
    ("resident", ["beboere", "Bewohner", "residents"]),
    ("subscriber", ["abonnenter", "Abonnenten", "subscribers"]),
    ("tenant", ["lejere", "Mieter", "tenants"]),
    ("user", ["brugere", "Nutzer", "users"]),
    ("verifier", ["verifikatorer", "Prüfer", "verifiers"]),
    ("visitor", ["besøgende på webstedet", "Besucher der Website", "visitors of the website"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_words_is_shown_as_written() {
        assert_eq!(subject("former-resident", Language::German), "ehemalige Bewohner");
        assert_eq!(subject("bee-keeper", Language::Danish), "bee keeper");
    }

    #[test]
    fn the_lists_are_in_order_and_say_each_name_once() {
        for list in [SUBJECTS, FIELDS] {
            assert!(list.is_sorted_by(|(one, _), (other, _)| one < other));
        }
    }
}
