//! Names of countries.
//!
//! What comes in: a country, a language. What goes out: its name, for the members of the European Economic Area,
//! the countries with an adequacy decision and a few where processors often are; for every other its code, which
//! is a name too (ISO 3166-1). Never: a wrong name for a right code.

use super::Language;
use crate::Country;

/// The name of a country, or its two letters.
pub(super) fn name(country: Country, language: Language) -> String {
    let known = NAMES.iter().find(|(code, _)| *code == country.code());
    let name = known.map(|(_, [da, de, en])| match language {
        Language::Danish => *da,
        Language::German => *de,
        Language::English => *en,
    });
    name.map_or_else(|| country.to_string(), str::to_owned)
}

/// Danish, German, English; in the order of the codes.
const NAMES: &[(&str, [&str; 3])] = &[
    ("AD", ["Andorra", "Andorra", "Andorra"]),
    ("AR", ["Argentina", "Argentinien", "Argentina"]),
    ("AT", ["Østrig", "Österreich", "Austria"]),
    ("AU", ["Australien", "Australien", "Australia"]),
    ("BE", ["Belgien", "Belgien", "Belgium"]),
    ("BG", ["Bulgarien", "Bulgarien", "Bulgaria"]),
    ("BR", ["Brasilien", "Brasilien", "Brazil"]),
    ("CA", ["Canada", "Kanada", "Canada"]),
    ("CH", ["Schweiz", "Schweiz", "Switzerland"]),
    ("CN", ["Kina", "China", "China"]),
    ("CY", ["Cypern", "Zypern", "Cyprus"]),
    ("CZ", ["Tjekkiet", "Tschechien", "Czechia"]),
    ("DE", ["Tyskland", "Deutschland", "Germany"]),
    ("DK", ["Danmark", "Dänemark", "Denmark"]),
    ("EE", ["Estland", "Estland", "Estonia"]),
    ("ES", ["Spanien", "Spanien", "Spain"]),
    ("FI", ["Finland", "Finnland", "Finland"]),
    ("FO", ["Færøerne", "Färöer", "Faroe Islands"]),
    ("FR", ["Frankrig", "Frankreich", "France"]),
    ("GB", ["Storbritannien", "Vereinigtes Königreich", "United Kingdom"]),
    ("GG", ["Guernsey", "Guernsey", "Guernsey"]),
    ("GL", ["Grønland", "Grönland", "Greenland"]),
    ("GR", ["Grækenland", "Griechenland", "Greece"]),
    ("HR", ["Kroatien", "Kroatien", "Croatia"]),
    ("HU", ["Ungarn", "Ungarn", "Hungary"]),
    ("IE", ["Irland", "Irland", "Ireland"]),
    ("IL", ["Israel", "Israel", "Israel"]),
    ("IM", ["Isle of Man", "Insel Man", "Isle of Man"]),
    ("IN", ["Indien", "Indien", "India"]),
    ("IS", ["Island", "Island", "Iceland"]),
    ("IT", ["Italien", "Italien", "Italy"]),
    ("JE", ["Jersey", "Jersey", "Jersey"]),
    ("JP", ["Japan", "Japan", "Japan"]),
    ("KR", ["Sydkorea", "Südkorea", "South Korea"]),
    ("LI", ["Liechtenstein", "Liechtenstein", "Liechtenstein"]),
    ("LT", ["Litauen", "Litauen", "Lithuania"]),
    ("LU", ["Luxembourg", "Luxemburg", "Luxembourg"]),
    ("LV", ["Letland", "Lettland", "Latvia"]),
    ("MT", ["Malta", "Malta", "Malta"]),
    ("NL", ["Nederlandene", "Niederlande", "Netherlands"]),
    ("NO", ["Norge", "Norwegen", "Norway"]),
    ("NZ", ["New Zealand", "Neuseeland", "New Zealand"]),
    ("PL", ["Polen", "Polen", "Poland"]),
    ("PT", ["Portugal", "Portugal", "Portugal"]),
    ("RO", ["Rumænien", "Rumänien", "Romania"]),
    ("RS", ["Serbien", "Serbien", "Serbia"]),
    ("SE", ["Sverige", "Schweden", "Sweden"]),
    ("SI", ["Slovenien", "Slowenien", "Slovenia"]),
    ("SK", ["Slovakiet", "Slowakei", "Slovakia"]),
    ("TR", ["Tyrkiet", "Türkei", "Türkiye"]),
    ("UA", ["Ukraine", "Ukraine", "Ukraine"]),
    ("US", ["USA", "Vereinigte Staaten", "United States"]),
    ("UY", ["Uruguay", "Uruguay", "Uruguay"]),
    ("ZA", ["Sydafrika", "Südafrika", "South Africa"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_belongs_to_a_country_and_every_member_has_one() {
        for (code, _) in NAMES {
            assert!(Country::parse(code).is_some(), "{code}");
        }
        assert!(NAMES.is_sorted_by(|(one, _), (other, _)| one < other));
        let members =
            NAMES.iter().filter(|(code, _)| Country::parse(code).is_some_and(|country| country.is_eea()));
        assert_eq!(members.count(), 30);
    }

    #[test]
    fn a_country_without_a_name_is_its_code() {
        assert_eq!(name(Country::parse("DE").unwrap(), Language::Danish), "Tyskland");
        assert_eq!(name(Country::parse("TV").unwrap(), Language::German), "TV");
    }
}
