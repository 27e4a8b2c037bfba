//! Passwords that anybody tries first.
//!
//! What comes in: a password, and the names of who chooses it. What goes out: whether somebody who guesses by rule would soon have
//! it. The rules take a password apart as the programs that guess do: common words and names, years, rows of the keyboard, signs
//! in order or over and over. Never: a list of passwords that other people chose.

/// Words that passwords are made of, in Danish, German, English, without signs that are commonly put in the place of letters.
const WORDS: &[&str] = &[
    "password",
    "passwort",
    "passord",
    "kodeord",
    "adgangskode",
    "kennwort",
    "losenord",
    "passphrase",
    "passcode",
    "pass",
    "kode",
    "code",
    "login",
    "logon",
    "admin",
    "administrator",
    "root",
    "user",
    "bruger",
    "benutzer",
    "guest",
    "gaest",
    "gast",
    "test",
    "demo",
    "secret",
    "hemmelig",
    "geheim",
    "welcome",
    "velkommen",
    "willkommen",
    "hello",
    "hej",
    "hallo",
    "default",
    "standard",
    "change",
    "changeme",
    "letmein",
    "open",
    "please",
    "tidstro",
    "maaler",
    "meter",
    "zaehler",
    "varme",
    "vand",
    "strom",
    "elnet",
    "energi",
    "energy",
    "summer",
    "sommer",
    "winter",
    "vinter",
    "spring",
    "foraar",
    "fruhling",
    "autumn",
    "herbst",
    "efteraar",
    "januar",
    "january",
    "februar",
    "february",
    "marts",
    "march",
    "maerz",
    "april",
    "maj",
    "mai",
    "may",
    "juni",
    "june",
    "juli",
    "july",
    "august",
    "september",
    "oktober",
    "october",
    "november",
    "december",
    "dezember",
    "monday",
    "mandag",
    "montag",
    "friday",
    "fredag",
    "freitag",
    "danmark",
    "denmark",
    "deutschland",
    "germany",
    "kobenhavn",
    "copenhagen",
    "aarhus",
    "odense",
    "berlin",
    "hamburg",
    "munchen",
    "london",
    "dragon",
    "monkey",
    "shadow",
    "master",
    "football",
    "fodbold",
    "fussball",
    "baseball",
    "princess",
    "prinsesse",
    "sunshine",
    "superman",
    "batman",
    "love",
    "iloveyou",
    "elsker",
    "liebe",
    "schatz",
    "skat",
    "jesus",
    "angel",
    "engel",
    "hund",
    "kat",
    "katze",
    "qwerty",
    "qwertz",
    "asdf",
    "asdfgh",
    "yxcvbnm",
    "zxcvbnm",
    "qazwsx",
    "abc",
    "abcd",
    "abcdef",
    "the",
    "my",
    "mit",
    "min",
    "mein",
    "ich",
    "jeg",
    "and",
    "og",
    "und",
    "is",
    "er",
    "ist",
];

/// Rows of keyboards and of the alphabet that people run a finger over.
const ROWS: &[&str] = &[
    "1234567890",
    "qwertyuiopå",
    "qwertzuiopü",
    "asdfghjklæø",
    "asdfghjklöä",
    "zxcvbnm",
    "yxcvbnm",
    "abcdefghijklmnopqrstuvwxyzæøå",
];

/// Fewer different signs than this are no password.
const SIGNS_LEAST: usize = 5;
/// So many signs, beside what is obvious, are enough to hide it.
const REST_LEAST: usize = 6;
/// Signs in order from here on count as one.
const RUN: usize = 3;

/// Whether a password is one that anybody tries first. `names` are those of the account and of the operator.
pub(crate) fn is_obvious(password: &str, names: &[&str]) -> bool {
    let plain = as_letters(password);
    different_signs(&plain) < SIGNS_LEAST || what_is_left(&plain, names) < REST_LEAST
}

/// Whether a password has a name of its account in it, as such or as it is commonly disguised.
pub(crate) fn has_name(password: &str, names: &[&str]) -> bool {
    let plain = as_letters(password);
    names.iter().map(|name| as_letters(name)).any(|name| name.chars().count() >= 4 && plain.contains(&name))
}

/// Small letters, with the signs that are put in their place turned back. Digits that are no disguise stay.
fn as_letters(text: &str) -> String {
    let turned = text.chars().flat_map(char::to_lowercase).map(|sign| match sign {
        '@' => 'a',
        '$' => 's',
        '!' | '|' => 'i',
        '€' => 'e',
        other => other,
    });
    let text: String = turned.collect();
    // A digit between letters is a letter in disguise; at an end, it is a number.
    let signs: Vec<char> = text.chars().collect();
    let is_letter =
        |at: Option<usize>| at.and_then(|at| signs.get(at)).is_some_and(|sign| sign.is_alphabetic());
    let undisguised = signs.iter().enumerate().map(|(at, sign)| {
        let is_inside = is_letter(at.checked_sub(1)) && is_letter(Some(at + 1));
        match sign {
            '0' if is_inside => 'o',
            '1' if is_inside => 'i',
            '3' if is_inside => 'e',
            '4' if is_inside => 'a',
            '5' if is_inside => 's',
            '7' if is_inside => 't',
            other => *other,
        }
    });
    undisguised.collect()
}

fn different_signs(text: &str) -> usize {
    let mut signs: Vec<char> = text.chars().collect();
    signs.sort_unstable();
    signs.dedup();
    signs.len()
}

/// How many signs are left when everything obvious is cut out. A part that comes again counts once.
fn what_is_left(plain: &str, names: &[&str]) -> usize {
    let names: Vec<String> =
        names.iter().map(|name| as_letters(name)).filter(|name| name.chars().count() >= 3).collect();
    let mut rest: Vec<char> = once(plain).chars().filter(|sign| sign.is_alphanumeric()).collect();
    let mut left = 0;
    while !rest.is_empty() {
        let cut = obvious_at(&rest, &names);
        if cut == 0 {
            left += 1;
        }
        rest.drain(..cut.max(1));
    }
    left
}

/// How many signs at the beginning are obvious: the longest word, name, run, row or year.
fn obvious_at(signs: &[char], names: &[String]) -> usize {
    let begins = |word: &str| {
        let length = word.chars().count();
        let is_it = signs.len() >= length && word.chars().zip(signs).all(|(a, b)| a == *b);
        if is_it { length } else { 0 }
    };
    let words = WORDS.iter().copied().chain(names.iter().map(String::as_str));
    let word = words.map(begins).max().unwrap_or(0);
    word.max(run(signs)).max(year(signs)).max(row(signs))
}

/// One sign over and over.
fn run(signs: &[char]) -> usize {
    let length = signs.iter().take_while(|sign| Some(*sign) == signs.first()).count();
    if length >= RUN { length } else { 0 }
}

/// Four digits that are a year, or two to eight that are nothing else than digits at the end.
fn year(signs: &[char]) -> usize {
    let digits = signs.iter().take_while(|sign| sign.is_ascii_digit()).count();
    let first: String = signs.iter().take(2).collect();
    let is_end = digits == signs.len();
    let begins_a_year = digits >= 4 && ["19", "20"].contains(&first.as_str());
    if is_end && digits <= 4 {
        digits
    } else if begins_a_year {
        4
    } else {
        0
    }
}

/// Signs of a row, forward or back.
fn row(signs: &[char]) -> usize {
    let along = |row: &str, is_back: bool| {
        let row: Vec<char> = if is_back { row.chars().rev().collect() } else { row.chars().collect() };
        let start = row.iter().position(|sign| Some(sign) == signs.first());
        start.map_or(0, |start| row.iter().skip(start).zip(signs).take_while(|(a, b)| a == b).count())
    };
    let longest = ROWS.iter().flat_map(|one| [along(one, false), along(one, true)]).max().unwrap_or(0);
    if longest >= RUN { longest } else { 0 }
}

/// A text that repeats itself, once.
fn once(text: &str) -> &str {
    let repeats = |length: &usize| {
        let part = text.get(..*length);
        part.is_some_and(|part| {
            text.len().is_multiple_of(*length) && part.repeat(text.len() / length) == text
        })
    };
    let shortest = (1..=text.len() / 2).find(repeats);
    shortest.and_then(|length| text.get(..length)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_anybody_tries_first() {
        for password in [
            "password1234",
            "Password2026!",
            "P@ssw0rd2026",
            "Kodeord12345",
            "Adgangskode1!",
            "Sommer2026!!",
            "velkommen2026",
            "qwertyuiop12",
            "1234567890123",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "abcdefghijkl",
            "asdfghjkl123",
            "LetMeIn123456",
            "AdminAdmin2026",
            "iloveyou1234",
            "kobenhavn2026",
            "zxcvbnm09876",
        ] {
            assert!(is_obvious(password, &[]), "{password}");
        }
    }

    #[test]
    fn what_is_not() {
        for password in [
            "correct horse battery staple",
            "blåbærgrød med fløde",
            "kZ8#vq2Lm!xT",
            "tre små grise vandrer",
            "sommerfugl i vinterland",
            "vand i kælderen igen",
            "8361-4570-2917-xk",
        ] {
            assert!(!is_obvious(password, &[]), "{password}");
        }
    }

    #[test]
    fn the_accounts_own_name_is_no_secret() {
        assert!(
            has_name("kære Mikkels hemmelighed", &["mikkel"]) && has_name("xx m1kkel og mere", &["mikkel"])
        );
        assert!(!has_name("bo ved søen bag skoven", &["bo"]), "too short to be told from other words");
        assert!(is_obvious("Mikkel2026!!", &["mikkel"]));
    }

    #[test]
    fn no_text_is_too_strange() {
        for text in ["", "é", "ééééééé", "\u{1F600}\u{1F600}\u{1F600}\u{1F600}", "İİİİİ"] {
            let _ = is_obvious(text, &["é"]);
        }
    }
}
