//! Retention: what of a subject's data no activity keeps any more, and the certificate of its erasure.
//!
//! What comes in: the register, an instant, what the store holds of one subject and what moved its
//! leases. What goes out: for everything held whether it is kept, by whom and until when, or over, since
//! when and by which rule, and whether it may be erased or something protects it. Never: a value, a
//! name, a clock; something kept that is also over.

mod certificate;
mod plan;
mod unowned;

pub use certificate::{Certificate, CertificateFault, ErasedCount, verify_certificate};
pub use plan::{
    Bucket, Fate, Held, Holding, MatterHoldings, PlanItem, Protection, RetentionPlan, SubjectHoldings,
};
