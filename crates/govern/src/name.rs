//! Names that only the register uses: parties, roles, kinds of subjects.
//!
//! What comes in: text. What goes out: a name of the form the model's names have. Never: a name
//! that was not checked.

use std::fmt;

use tidstro_model::{ActivityId, NameFault};

/// Declares a name of the same form as [`ActivityId`], which holds the one rule for all of them.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Box<str>);

        impl $name {
            /// Reads a name: 1 to 64 of a-z, 0-9, `-`, `.`, `:`, beginning with a letter.
            ///
            /// # Errors
            /// [`NameFault`] for any other text.
            pub fn parse(text: &str) -> Result<Self, NameFault> {
                ActivityId::parse(text).map(|name| Self(name.as_str().into()))
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
