//! Names written in the register: parties, roles, actors, activities, categories, kinds of subjects.

use std::fmt;

use crate::SubjectNo;

/// Why a text is not a name the register may use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a name; write 1 to 64 of a-z, 0-9, `-`, `.`, `:` and begin with a letter")]
pub struct NameFault {
    /// The text as given, cut to 80 characters.
    pub text: String,
}

fn checked_name(text: &str) -> Result<Box<str>, NameFault> {
    let fault = || NameFault { text: text.chars().take(80).collect() };
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b':');
    let begins_right = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    if !begins_right || text.len() > 64 || !text.bytes().all(allowed) {
        return Err(fault());
    }
    Ok(text.into())
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Box<str>);

        impl $name {
            /// Reads a name.
            ///
            /// # Errors
            /// [`NameFault`] if the text is empty, longer than 64 characters, or has other characters.
            pub fn parse(text: &str) -> Result<Self, NameFault> {
                checked_name(text).map(Self)
            }

            /// The name as written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// A processing activity of the register. An activity *is* a purpose (GDPR art. 5(1)(b)).
    ActivityId
);
name!(
    /// A category of personal data, such as `consumption` or `identity`.
    CategoryId
);
name!(
    /// Who acts: a person on the staff (`staff:anna`), a job (`job:ingest`), or a resident
    /// (`resident:17`, where 17 is the subject number).
    ActorId
);

name!(
    /// A party of the register: controller, processor, recipient or authority.
    PartyId
);
name!(
    /// A role that actors have and activities admit.
    RoleId
);
name!(
    /// A kind of data subjects (GDPR art. 30(1)(c)), such as `resident` or `electricity-customer`.
    SubjectKind
);

name!(
    /// A kind of dossier, such as `newsletter` or `ticket`: what a subject's records belong to that no
    /// metering point has measured.
    DossierKind
);
name!(
    /// An obligation of the register: who must do what, by when.
    ObligationId
);
name!(
    /// A control of the register: what is measured or attested, and how often.
    ControlId
);
name!(
    /// A privacy notice of the register, where it has several.
    NoticeId
);
name!(
    /// A kind of thing that happens in a case and starts, proves or ends an obligation, such as
    /// `breach.aware.processor`.
    TriggerId
);
name!(
    /// A case: all events with one case id.
    CaseId
);

impl ActorId {
    /// The actor that is the data subject itself.
    #[must_use]
    pub fn resident(subject: SubjectNo) -> Self {
        Self(format!("resident:{subject}").into())
    }

    /// The subject this actor is, if the actor is a resident.
    #[must_use]
    pub fn subject(&self) -> Option<SubjectNo> {
        self.0.strip_prefix("resident:")?.parse().ok().map(SubjectNo::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residents_are_their_subject() {
        let actor = ActorId::resident(SubjectNo::new(17));
        assert_eq!(actor.as_str(), "resident:17");
        assert_eq!(ActorId::parse("resident:17").unwrap().subject(), Some(SubjectNo::new(17)));
        assert_eq!(ActorId::parse("staff:anna").unwrap().subject(), None);
    }

    #[test]
    fn names_are_plain() {
        for text in ["", "Anna", "a b", "-a", "a\n", &"a".repeat(65)] {
            assert!(CategoryId::parse(text).is_err(), "{text:?}");
        }
    }
}
