//! People in the log: commitments, never numbers or names.

use std::collections::BTreeSet;

use jiff::Timestamp;
use tidstro_govern::log::hex;
use tidstro_govern::{Event, EventKind, Register};
use tidstro_model::ActorId;
use zeroize::Zeroizing;

use super::super::{
    LoginEvent, LoginKind, append, dossier_commitment, record_login, stand_in, subject_commitment,
};
use super::{Desk, NOON, actor};
use crate::seal::KeyKind;
use tidstro_model::{DossierNo, KeyNo, SubjectNo};

const REGISTER: &str = include_str!("../../../../../registers/town.toml");

#[test]
fn a_commitment_is_the_subjects_own_until_its_key_is_destroyed() {
    let mut desk = Desk::new();
    let (first, second) = (desk.person(), desk.person());
    let before = subject_commitment(&mut desk.writing, first).unwrap();
    assert_eq!(subject_commitment(&mut desk.writing, first).unwrap(), before);
    assert_ne!(subject_commitment(&mut desk.writing, second).unwrap(), before);

    let key = desk.count(&format!("SELECT key_no FROM subject WHERE subject_no = {first}"));
    desk.append(vec![Event { subjects: vec![before], ..super::granted(NOON, 1) }], NOON);
    desk.writing.vault.destroy(&[KeyNo::new(u32::try_from(key).unwrap())]).unwrap();
    let after = subject_commitment(&mut desk.writing, first).unwrap();
    assert_ne!(after, before, "nobody can make the old one again");
    assert!(desk.verify().is_ok(), "and the log still verifies");
}

/// An answer about nobody looks like an answer about somebody.
#[test]
fn what_does_not_exist_has_a_stand_in() {
    let mut desk = Desk::new();
    let stand_ins = BTreeSet::from([
        subject_commitment(&mut desk.writing, SubjectNo::new(77)).unwrap(),
        subject_commitment(&mut desk.writing, SubjectNo::new(78)).unwrap(),
        dossier_commitment(&mut desk.writing, DossierNo::new(77)).unwrap(),
        stand_in(&desk.writing, "point", 77),
    ]);
    assert_eq!(stand_ins.len(), 4);
    assert_eq!(stand_in(&desk.writing, "point", 77), stand_in(&desk.writing, "point", 77));
}

#[test]
fn a_dossier_without_a_person_has_a_key_of_its_own() {
    let mut desk = Desk::new();
    let key = desk.writing.vault.create(&[KeyKind::Dossier]).unwrap()[0];
    let sql = format!("INSERT INTO dossier VALUES (7, NULL, 'ticket', 0, {key})");
    desk.writing.db.execute(&sql, []).unwrap();
    let before = dossier_commitment(&mut desk.writing, DossierNo::new(7)).unwrap();
    assert_ne!(before, stand_in(&desk.writing, "dossier", 7));
    desk.writing.vault.destroy(&[key]).unwrap();
    assert_eq!(
        dossier_commitment(&mut desk.writing, DossierNo::new(7)).unwrap(),
        stand_in(&desk.writing, "dossier", 7)
    );
}

#[test]
fn a_resident_acts_under_a_part_of_its_commitment() {
    let mut desk = Desk::new();
    let subject = desk.person();
    let resident = ActorId::resident(subject);
    desk.write(|writing| {
        append(writing, Event::new(NOON, EventKind::Refused, resident.clone(), String::new()))
    });
    let commitment = subject_commitment(&mut desk.writing, subject).unwrap();
    let text = desk.log_text();
    assert!(text.contains(&format!("resident:{} ", hex(&commitment[..16]))), "{text}");
    assert!(!text.contains(&format!("{resident} ")), "{text}");
}

fn login(desk: &mut Desk, kind: LoginKind, typed: &str, by: Option<&str>) {
    let register = Register::parse(REGISTER, "town.toml").unwrap();
    let typed = Zeroizing::new(typed.to_owned());
    let event = LoginEvent {
        at: Timestamp::from_millisecond(1_774_000_000_123).unwrap(),
        kind,
        typed,
        by: by.map(actor),
    };
    assert!(!format!("{event:?}").contains(event.typed.as_str()));
    desk.write(|writing| record_login(writing, &register, &event));
}

#[test]
fn logins_name_only_who_is_known() {
    let mut desk = Desk::new();
    let known = desk.person();
    let resident = format!("resident:{known}");
    for typed in
        ["staff:anna", "staff:nobody", "correct horse battery staple", "hunter2", &resident, "resident:991"]
    {
        login(&mut desk, LoginKind::Failed, typed, None);
    }
    let text = desk.log_text();
    assert!(text.contains("login-failed staff:anna") && text.contains("user staff:anna"), "{text}");
    for unknown in ["nobody", "horse", "hunter2", ":991", &format!("{resident} ")] {
        assert!(!text.contains(unknown), "{unknown} in\n{text}");
    }
    assert_eq!(text.matches("job:login").count(), 4, "{text}");
    assert_eq!(desk.count("SELECT count(*) FROM event_subject"), 4);
}

#[test]
fn attempts_with_one_unknown_name_can_be_counted() {
    let mut desk = Desk::new();
    for typed in ["hunter2", "hunter2", "hunter3"] {
        login(&mut desk, LoginKind::Failed, typed, None);
    }
    assert_eq!(desk.count("SELECT count(DISTINCT commitment) FROM event_subject"), 2);
}

#[test]
fn lockouts_have_a_beginning_and_an_end() {
    let mut desk = Desk::new();
    login(&mut desk, LoginKind::LockedOut, "staff:karen", None);
    login(&mut desk, LoginKind::Unlocked, "staff:karen", Some("staff:dpo"));
    let text = desk.log_text();
    assert!(text.contains("locked-out staff:karen"), "{text}");
    assert!(text.contains("unlocked staff:dpo") && text.contains("user staff:karen"), "{text}");
    assert!(desk.verify().is_ok());
}
