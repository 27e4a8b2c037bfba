//! Every field of the nouns, by name. One that a noun gets does not compile here until somebody has thought
//! of how it is compared, and added a row to the tests beside this file.

use tidstro_govern::{
    Activity, Actor, Basis, Category, CategoryRule, Control, Hours, Keep, KeepRule, NoticePart, Obligation,
    ObligationClock, OpenRows, Party, Role, Transfer,
};

use super::{base, parse};

#[test]
#[rustfmt::skip]
fn every_field_is_known() {
    let register = parse(&base());
    let mut seen = 0;
    for Activity {
        id: _, text: _, controller: _, instruction: _, basis, subjects: _, areas: _, dossiers: _, data, uses: _,
        excludes: _, operations: _, roles: _, own_only: _, factors: _, hours, valid: _, recipients: _, source: _,
        mandatory: _, necessity: _, begins: _, despite_restriction: _, keep, notice: _, serves: _, lines: _,
    } in register.activities() {
        for Basis { gdpr: _, cite: _ } in basis {}
        for CategoryRule { category: _, finest: _, line: _ } in data {}
        if let Some(Hours { from: _, to: _, calendar: _ }) = hours {}
        let Keep { rules, lock_after: _ } = keep;
        for KeepRule { from: _, end_of_year: _, keep_for: _, then: _ } in rules {}
        seen += 1;
    }
    for Party {
        id: _, name: _, kind: _, country: _, address: _, registration_number: _, phone: _, email: _,
        protection_officer: _, transfer, line: _,
    } in register.parties() {
        if let Some(Transfer { ground: _, cite: _ }) = transfer {}
    }
    for Category { id: _, subjects: _, text: _, columns: _, finest: _, fields: _, special: _, line: _ } in register.categories() {}
    for Obligation { id: _, text: _, when: _, who: _, clock, proof: _, recorded_by: _, moved_by: _, cite: _, serves: _, line: _ } in register.obligations() {
        if let Some(ObligationClock { direction: _, clock: _, calendar: _, not_before: _, extension: _, pause: _ }) = clock {}
    }
    for Control { id: _, text: _, proof: _, max_age: _, measure: _, cite: _, serves: _, line: _ } in register.controls() {}
    for NoticePart { id: _, title: _, date: _, line: _ } in register.notices() {}
    for Actor { id: _, roles: _, line: _ } in register.actors() {}
    for Role { id: _, text: _, line: _ } in register.roles() {}
    for OpenRows { part: _, rows: _ } in register.open_rows() {}
    assert_eq!(seen, register.activities().count());
}
