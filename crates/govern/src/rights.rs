//! Which rights a subject has, by the bases a purpose rests on.
//!
//! What comes in: the legal bases of an activity. What goes out: for each right of GDPR chapter III, and the
//! withdrawal of consent, whether each basis gives it and on what condition. The table is the law's own: a
//! register cannot write a right, and a notice cannot promise one that is not there. Never: a right typed by
//! hand, a decision about one request (that needs its facts).

use crate::Article6;
use crate::register::Activity;
use crate::vocabulary::words;

words!(
    /// A right of the subject.
    Right {
        /// To know whether and which data are processed, and to have a copy (GDPR art. 15).
        Access = "access",
        /// To have wrong data put right (art. 16).
        Rectification = "rectification",
        /// To have data erased (art. 17).
        Erasure = "erasure",
        /// To have data kept and not used (art. 18).
        Restriction = "restriction",
        /// To take data along, in a form machines read (art. 20).
        Portability = "portability",
        /// To object to the processing (art. 21).
        Objection = "objection",
        /// To withdraw consent (art. 7(3)).
        Withdrawal = "withdrawal",
    }
);

impl Right {
    /// The article of the GDPR, as `15` or `7(3)`.
    #[must_use]
    pub const fn article(self) -> &'static str {
        match self {
            Self::Access => "15",
            Self::Rectification => "16",
            Self::Erasure => "17",
            Self::Restriction => "18",
            Self::Portability => "20",
            Self::Objection => "21",
            Self::Withdrawal => "7(3)",
        }
    }
}

words!(
    /// What must be the case before a right can be used.
    Condition {
        /// Consent has been withdrawn (art. 17(1)(b)).
        AfterWithdrawal = "after-withdrawal",
        /// The data are no longer needed for what they were collected for (art. 17(1)(a)).
        OnceNotNeeded = "once-not-needed",
        /// The legal obligation no longer asks for the data (art. 17(3)(b)).
        OnceDutyEnds = "once-duty-ends",
        /// The task in the public interest no longer asks for the data (art. 17(3)(b)).
        OnceTaskEnds = "once-task-ends",
        /// An objection has been upheld (art. 17(1)(c)).
        AfterObjection = "after-objection",
        /// No important public interest asks that the data are used all the same (art. 18(2)).
        UnlessPublicInterest = "unless-public-interest",
        /// The processing is carried out by automated means (art. 20(1)(b)).
        IfAutomated = "if-automated",
    }
);

/// Whether a basis gives a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entitlement {
    /// Not at all.
    No,
    /// On this condition.
    If(Condition),
    /// Always.
    Yes,
}

/// Whether data processed on this basis are subject to this right: the table of the GDPR, art. 7(3) and
/// 15 to 21. Total over both lists.
#[must_use]
pub const fn entitlement(basis: Article6, right: Right) -> Entitlement {
    match right {
        Right::Access | Right::Rectification => Entitlement::Yes,
        Right::Erasure => Entitlement::If(erasure(basis)),
        Right::Restriction => restriction(basis),
        Right::Portability => portability(basis),
        Right::Objection => objection(basis),
        Right::Withdrawal => withdrawal(basis),
    }
}

/// Art. 17(1) and (3)(b): erasure waits for what the basis still asks.
const fn erasure(basis: Article6) -> Condition {
    match basis {
        Article6::Consent => Condition::AfterWithdrawal,
        Article6::Contract | Article6::VitalInterests => Condition::OnceNotNeeded,
        Article6::LegalObligation => Condition::OnceDutyEnds,
        Article6::PublicTask => Condition::OnceTaskEnds,
        Article6::LegitimateInterests => Condition::AfterObjection,
    }
}

/// Art. 18(2): restricted data may still be used for reasons of important public interest.
const fn restriction(basis: Article6) -> Entitlement {
    match basis {
        Article6::PublicTask => Entitlement::If(Condition::UnlessPublicInterest),
        _ => Entitlement::Yes,
    }
}

/// Art. 20(1)(a) and (b), and (3) second sentence.
const fn portability(basis: Article6) -> Entitlement {
    match basis {
        Article6::Consent | Article6::Contract => Entitlement::If(Condition::IfAutomated),
        _ => Entitlement::No,
    }
}

/// Art. 21(1): only tasks and interests can be objected to.
const fn objection(basis: Article6) -> Entitlement {
    match basis {
        Article6::PublicTask | Article6::LegitimateInterests => Entitlement::Yes,
        _ => Entitlement::No,
    }
}

const fn withdrawal(basis: Article6) -> Entitlement {
    match basis {
        Article6::Consent => Entitlement::Yes,
        _ => Entitlement::No,
    }
}

/// What the bases of one activity say about one right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightOf {
    /// The right.
    pub right: Right,
    /// Each kind of basis the activity rests on, once, in the order of the letters, and what it says.
    pub by: Vec<(Article6, Entitlement)>,
}

impl RightOf {
    /// The bases that give the right, and on what condition. Empty where none does.
    pub fn given(&self) -> impl Iterator<Item = (Article6, Entitlement)> {
        self.by.iter().copied().filter(|(_, entitlement)| *entitlement != Entitlement::No)
    }

    /// Whether some basis gives the right.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.given().next().is_some()
    }

    /// Whether the right reaches only a part of the processing: one basis gives it and another does not,
    /// so it holds for what rests on the first.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.is_given() && self.by.iter().any(|(_, entitlement)| *entitlement == Entitlement::No)
    }
}

/// The rights of a subject against one activity: all of [`Right::ALL`], in that order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightsOf {
    /// One for each right.
    pub rights: Vec<RightOf>,
}

impl RightsOf {
    /// What is said about one right.
    #[must_use]
    pub fn of(&self, right: Right) -> Option<&RightOf> {
        self.rights.iter().find(|known| known.right == right)
    }

    /// The rights that some basis gives.
    pub fn given(&self) -> impl Iterator<Item = Right> {
        self.rights.iter().filter(|right| right.is_given()).map(|right| right.right)
    }
}

/// The rights of a subject against an activity, from its bases alone.
#[must_use]
pub fn rights(activity: &Activity) -> RightsOf {
    let bases: Vec<_> = activity.basis.iter().map(|basis| basis.gdpr).collect();
    rights_of(&bases)
}

fn rights_of(bases: &[Article6]) -> RightsOf {
    let kinds: Vec<_> = Article6::ALL.iter().copied().filter(|kind| bases.contains(kind)).collect();
    let by = |right| kinds.iter().map(|&kind| (kind, entitlement(kind, right))).collect();
    RightsOf { rights: Right::ALL.iter().map(|&right| RightOf { right, by: by(right) }).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line for each basis, in the order of [`Right::ALL`].
    fn row(basis: Article6) -> String {
        let cell = |right: &Right| match entitlement(basis, *right) {
            Entitlement::No => "no",
            Entitlement::If(condition) => condition.word(),
            Entitlement::Yes => "yes",
        };
        Right::ALL.iter().map(cell).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_table_is_the_law_s() {
        for (basis, wanted) in [
            (Article6::Consent, "yes yes after-withdrawal yes if-automated no yes"),
            (Article6::Contract, "yes yes once-not-needed yes if-automated no no"),
            (Article6::LegalObligation, "yes yes once-duty-ends yes no no no"),
            (Article6::VitalInterests, "yes yes once-not-needed yes no no no"),
            (Article6::PublicTask, "yes yes once-task-ends unless-public-interest no yes no"),
            (Article6::LegitimateInterests, "yes yes after-objection yes no yes no"),
        ] {
            assert_eq!(row(basis), wanted, "{basis}");
        }
    }

    #[test]
    fn a_registry_kept_by_duty_and_task_gives_no_portability_and_half_an_objection() {
        let rights = rights_of(&[Article6::PublicTask, Article6::LegalObligation, Article6::PublicTask]);
        assert!(!rights.of(Right::Portability).unwrap().is_given());
        let objection = rights.of(Right::Objection).unwrap();
        assert!(objection.is_given() && objection.is_partial());
        let given: Vec<_> = objection.given().collect();
        assert_eq!(given, [(Article6::PublicTask, Entitlement::Yes)]);
    }

    #[test]
    fn consent_beside_a_contract_can_be_withdrawn_for_its_part() {
        let rights = rights_of(&[Article6::Consent, Article6::Contract]);
        assert!(rights.of(Right::Withdrawal).unwrap().is_partial());
        let portability = rights.of(Right::Portability).unwrap();
        assert!(portability.is_given() && !portability.is_partial());
        let given: Vec<_> = rights.given().collect();
        assert!(!given.contains(&Right::Objection) && given.len() == 6);
    }

    #[test]
    fn words_read_back() {
        for &right in Right::ALL {
            assert_eq!(Right::from_word(right.word()), Some(right));
        }
        for &condition in Condition::ALL {
            assert_eq!(Condition::from_word(condition.word()), Some(condition));
        }
    }
}
