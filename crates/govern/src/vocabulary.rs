//! The closed vocabularies of the register: operations, legal bases, kinds of parties, countries.
//!
//! What comes in: words as the register writes them. What goes out: enums over which decisions are
//! total. Never: a word accepted that no decision understands.

use std::fmt;

use tidstro_model::Resolution;

/// Declares a closed list of words with `ALL`, `word`, `from_word` and `Display`.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word as it is written in registers, answers and events.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// Reads a word exactly as [`Self::word`] writes it.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.word() == word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}
pub(crate) use words;

words!(
    /// What is done with personal data (GDPR art. 4(2)), as far as decisions tell it apart.
    Operation {
        /// Take it in from a meter or a person.
        Collect = "collect",
        /// Keep it.
        Store = "store",
        /// Show it to a person or a job.
        Read = "read",
        /// Make something else of it: validate, sum, allocate.
        Compute = "compute",
        /// Hand it to somebody outside.
        Export = "export",
        /// Put it on paper.
        Print = "print",
        /// Register a new version of it.
        Correct = "correct",
        /// Lock it against use (GDPR art. 18).
        Restrict = "restrict",
        /// Destroy it.
        Erase = "erase",
        /// Derive special categories of data from it (GDPR art. 9). No register can allow this.
        Infer = "infer",
    }
);

words!(
    /// The ground on which data may go to a third country (GDPR chapter V).
    TransferGround {
        /// A decision of the Commission on an adequate level of protection (art. 45).
        Adequacy = "adequacy",
        /// An instrument between public authorities (art. 46(2)(a)).
        Instrument = "instrument",
        /// Standard data protection clauses (art. 46(2)(c)).
        StandardClauses = "standard-clauses",
        /// Binding corporate rules (art. 47).
        BindingRules = "binding-rules",
        /// A derogation for a specific situation (art. 49).
        Derogation = "derogation",
    }
);

words!(
    /// A legal basis: the letter of GDPR art. 6(1).
    Article6 {
        /// Consent.
        Consent = "6(1)(a)",
        /// Performance of a contract with the subject.
        Contract = "6(1)(b)",
        /// A legal obligation of the controller.
        LegalObligation = "6(1)(c)",
        /// Vital interests.
        VitalInterests = "6(1)(d)",
        /// A task in the public interest.
        PublicTask = "6(1)(e)",
        /// Legitimate interests.
        LegitimateInterests = "6(1)(f)",
    }
);

words!(
    /// What a party is (GDPR art. 4(7) to (9), (21)).
    PartyKind {
        /// Decides purposes and means.
        Controller = "controller",
        /// Processes for a controller, on instruction.
        Processor = "processor",
        /// Is given data.
        Recipient = "recipient",
        /// A supervisory or other public authority.
        Authority = "authority",
    }
);

/// One legal basis of an activity, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// The letter of GDPR art. 6(1).
    pub gdpr: Article6,
    /// The contract, act or task it rests on, as the notice will cite it.
    pub cite: String,
}

/// How finely an activity may see a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finest {
    /// The category has no resolution (a name, an address); it is seen whole.
    Full,
    /// Values no finer than this.
    Resolution(Resolution),
}

impl Finest {
    /// The word: `full` or the code of the resolution.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Resolution(resolution) => resolution.code(),
        }
    }

    /// Reads a word as [`Finest::word`] writes it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        if word == "full" { Some(Self::Full) } else { Resolution::from_code(word).map(Self::Resolution) }
    }

    /// Whether values of this resolution may be seen. A category seen whole allows every one.
    #[must_use]
    pub fn allows(self, asked: Resolution) -> bool {
        match self {
            Self::Full => true,
            Self::Resolution(finest) => asked >= finest,
        }
    }
}

impl fmt::Display for Finest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The officially assigned alpha-2 codes of ISO 3166-1, in order.
const ALPHA_2: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN \
    BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC \
    EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR \
    HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT \
    LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP \
    NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL \
    SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE \
    VG VI VN VU WF WS YE YT ZA ZM ZW";

/// The members of the European Economic Area: the Union's, Iceland, Liechtenstein, Norway (as of 2026).
const EEA: &str = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK";

/// A country by its ISO 3166-1 alpha-2 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Reads two capital letters that are an assigned code; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        ALPHA_2.split(' ').find(|code| *code == text)?;
        text.as_bytes().try_into().ok().map(Self)
    }

    /// Whether the country is in the European Economic Area, so that data may go there as at home
    /// (GDPR chapter V, EEA Agreement annex XI).
    #[must_use]
    pub fn is_eea(&self) -> bool {
        EEA.split(' ').any(|code| code == self.code())
    }

    /// The two letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_the_assigned_ones() {
        assert_eq!(ALPHA_2.split(' ').count(), 249);
        assert_eq!(Country::parse("DK").map(|c| c.to_string()).as_deref(), Some("DK"));
        for text in ["", " ", "dk", "UK", "XX", "DK DE", "D"] {
            assert_eq!(Country::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_economic_area_has_thirty_members() {
        assert_eq!(EEA.split(' ').filter(|code| Country::parse(code).is_some()).count(), 30);
        for (code, is_eea) in [("DK", true), ("NO", true), ("CH", false), ("GB", false), ("US", false)] {
            assert_eq!(Country::parse(code).unwrap().is_eea(), is_eea, "{code}");
        }
    }

    #[test]
    fn words_read_back() {
        for &operation in Operation::ALL {
            assert_eq!(Operation::from_word(operation.word()), Some(operation));
        }
        for &basis in Article6::ALL {
            assert_eq!(Article6::from_word(basis.word()), Some(basis));
        }
        assert_eq!(Article6::from_word("9(2)(a)"), None);
    }

    #[test]
    fn finest_allows_the_same_and_coarser() {
        let hourly = Finest::Resolution(Resolution::PT1H);
        assert!(hourly.allows(Resolution::PT1H) && hourly.allows(Resolution::P1Y));
        assert!(!hourly.allows(Resolution::PT15M) && !hourly.allows(Resolution::Raw));
        assert!(Finest::Full.allows(Resolution::Raw));
    }
}
