//! The method that the estimated parts of a value share.

use tidstro_model::{Mark, Method, Quality};

/// How the estimated parts of a value were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Methods {
    /// There are none.
    None,
    /// All by this one.
    One(Method),
    /// By several, or outside.
    Mixed,
}

impl Methods {
    /// With one more part.
    pub(super) const fn with(self, mark: Mark) -> Self {
        if !matches!(mark.quality(), Quality::Estimated) {
            return self;
        }
        match (self, mark.method()) {
            (Self::None, Some(method)) => Self::One(method),
            (Self::One(known), Some(method)) if known as u8 == method as u8 => self,
            _ => Self::Mixed,
        }
    }

    /// The one they share.
    pub(super) const fn shared(self) -> Option<Method> {
        if let Self::One(method) = self { Some(method) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_told_where_all_estimates_share_it() {
        let check = |marks: &[Mark], expected| {
            let methods = marks.iter().fold(Methods::None, |methods, mark| methods.with(*mark));
            assert_eq!(methods.shared(), expected, "{marks:?}");
        };
        let measured = Mark::new(Quality::Measured);
        let (linear, profile) = (Mark::estimated(Method::Linear), Mark::estimated(Method::Profile));
        check(&[], None);
        check(&[measured], None);
        check(&[measured, linear, linear.corrected()], Some(Method::Linear));
        check(&[linear, profile], None);
        check(&[linear, Mark::new(Quality::Estimated)], None);
        check(&[Mark::new(Quality::Estimated), linear], None);
    }
}
