//! Invented people.
//!
//! Names are put together by chance from first names used in Denmark and surnames made up from landscape
//! words, so that nobody who exists is meant; addresses for e-mail end in `example.org` (RFC 2606), where no
//! mail arrives.

use crate::chance::{Chance, Topic};

const FIRST_NAMES: [&str; 48] = [
    "Maja", "Anders", "Fatima", "Søren", "Ida", "Mehmet", "Kirsten", "Jonas", "Amina", "Lars", "Freja",
    "Omar", "Birgit", "Emil", "Leyla", "Niels", "Astrid", "Tariq", "Else", "Mads", "Zofia", "Jens", "Nanna",
    "Piotr", "Asta", "Viktor", "Thi Mai", "Poul", "Signe", "Ahmed", "Inger", "Oskar", "Sana", "Bjørn", "Liv",
    "Kofi", "Gudrun", "Malthe", "Ayşe", "Erik", "Karla", "Rashid", "Ågot", "Villads", "Oksana", "Hans",
    "Yara", "Aksel",
];

const SURNAMES: [&str; 40] = [
    "Kornblad",
    "Strandvang",
    "Mosegren",
    "Lyngdal",
    "Birkeløv",
    "Havtorn",
    "Engsø",
    "Klitgren",
    "Stenbæk",
    "Rughave",
    "Fjordlund",
    "Tangholt",
    "Elmevig",
    "Kløverås",
    "Sivmark",
    "Bøgetop",
    "Dueled",
    "Askeskov",
    "Hyldevang",
    "Markdrøm",
    "Vindgab",
    "Sneppehøj",
    "Ternesand",
    "Pilebro",
    "Egeløft",
    "Mågevig",
    "Hasselrod",
    "Granli",
    "Rosenstig",
    "Lærkefelt",
    "Bækmose",
    "Tornhede",
    "Vibeengen",
    "Skovkant",
    "Agerlys",
    "Duneklit",
    "Hvidtjørn",
    "Brombærdal",
    "Syrenlund",
    "Ravnsø",
];

/// An invented person whose consumption is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// First name and surname.
    pub name: String,
    /// An address at `example.org`, different for each person.
    pub email: String,
}

impl Person {
    /// The person called `code` (`k7`, `g105`); the code makes the address unique.
    pub(crate) fn invent(seed: u64, number: u64, code: &str) -> Self {
        let mut chance = Chance::new(seed, Topic::Name, number, 0);
        let first = chance.one_of(&FIRST_NAMES, "Maja");
        let last = chance.one_of(&SURNAMES, "Kornblad");
        let name = format!("{first} {last}");
        let email = format!("{}.{code}@example.org", plain(&name));
        Self { name, email }
    }
}

/// The name in the letters a to z, words joined by dots.
fn plain(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for letter in name.to_lowercase().chars() {
        match letter {
            'æ' => out.push_str("ae"),
            'ø' => out.push_str("oe"),
            'å' => out.push_str("aa"),
            'ş' => out.push('s'),
            'a'..='z' => out.push(letter),
            _ => out.push('.'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_plain_letters() {
        assert_eq!(plain("Ågot Brombærdal"), "aagot.brombaerdal");
        assert_eq!(plain("Thi Mai Engsø"), "thi.mai.engsoe");
        let person = Person::invent(1, 7, "k7");
        assert!(person.email.is_ascii() && person.email.ends_with(".k7@example.org"), "{}", person.email);
    }
}
