//! One decision, one permit.

fn twice(permit: &tidstro_store::Permit) -> (tidstro_store::Permit, tidstro_store::Permit) {
    (permit.clone(), permit.clone())
}

fn main() {}
