//! An account ends whole: by somebody who closes it, by moving out, by leaving the register, by a retention run.

use jiff::ToSpan;
use tidstro_flows::identity::{
    ActivationOutcome, LoggedIn, close_account, expire_access, list_accounts, session_of,
};
use tidstro_flows::{RetentionOutcome, approve_retention, preview_retention, run_retention};

use crate::common::{actor, given, open};
use crate::place::{PASSWORD, Place, REGISTER};

async fn accounts(place: &Place) -> Vec<String> {
    let lines = given(list_accounts(&place.workspace, &Place::ivan(), place.now).await.unwrap());
    lines.into_iter().map(|line| line.actor.as_str().to_owned()).collect()
}

#[tokio::test]
async fn a_leaver_loses_everything_at_once() {
    let place = Place::new().await;
    let (account, session) = place.staff("mikkel").await;
    let (waiting, code) = place.created(&actor("staff:anna")).await;
    let closed =
        given(close_account(&place.workspace, &Place::ivan(), account, place.now).await.unwrap()).unwrap();
    assert_eq!(closed.sessions, 1);
    assert!(session_of(&place.workspace, &session.token, place.now).await.unwrap().is_none());
    assert!(matches!(place.log_in("mikkel", PASSWORD, 2).await, LoggedIn::Refused));
    assert!(
        given(close_account(&place.workspace, &Place::ivan(), account, place.now).await.unwrap()).is_none()
    );
    given(close_account(&place.workspace, &Place::ivan(), waiting, place.now).await.unwrap()).unwrap();
    assert!(matches!(place.activate(&code, None, Some(PASSWORD)).await, ActivationOutcome::Refused));
    assert!(accounts(&place).await.is_empty());
    // A new account of the same actor is another one.
    let (again, _) = place.staff("mikkel").await;
    assert!(accounts(&place).await == ["staff:mikkel"] && again.as_u32() > 0);
    assert!(place.log().await.contains("account of staff:mikkel: closed"));
}

#[tokio::test]
async fn a_resident_who_moved_out_long_ago_has_no_account() {
    let mut place = Place::new().await;
    let moved =
        place.town.flats.iter().find(|flat| flat.stays.len() > 1).expect("somebody of the town moves out");
    let (tenant, end) = (moved.stays[0].tenant, moved.stays[0].days.end());
    let reference = tidstro_world::Town::person_reference(tenant);
    let resident = tidstro_flows::resident_called(&place.workspace, &reference).await.unwrap().unwrap();
    place.created(&resident).await;
    let at = |day: jiff::civil::Date| day.in_tz("Europe/Copenhagen").unwrap().timestamp();
    place.now = at(end + 1.year() - 2.days());
    assert_eq!(expire_access(&place.workspace, place.now).await.unwrap(), 0);
    place.now = at(end + 1.year() + 2.days());
    assert_eq!(expire_access(&place.workspace, place.now).await.unwrap(), 1);
    assert!(accounts(&place).await.is_empty());
}

#[tokio::test]
async fn accounts_are_there_after_a_restart() {
    let place = Place::new().await;
    let (_, session) = place.staff("mikkel").await;
    let Place { folder, workspace, now, .. } = place;
    drop(workspace);
    let workspace = open(folder.path(), now).await;
    assert!(session_of(&workspace, &session.token, now).await.unwrap().is_some());
}

#[tokio::test]
async fn a_retention_run_leaves_accounts_that_are_open() {
    let mut place = Place::new().await;
    place.staff("mikkel").await;
    place.created(&place.resident().await).await;
    place.later(3 * 366 * 24 * 3600);
    let preview = preview_retention(&place.workspace, &actor("job:retention"), place.now).await.unwrap();
    let counts = given(preview).counts;
    let of_accounts: Vec<_> = counts.iter().filter(|count| count.category.as_str() == "account").collect();
    assert!(of_accounts.is_empty(), "{of_accounts:?}");
}

#[tokio::test]
async fn a_retention_run_erases_an_account_that_nothing_keeps() {
    // This register keeps accounts for two weeks only.
    let rule = "keep = [{ from = \"purpose-end\", at_once = true, then = \"erase\" }]";
    let strict = "keep = [{ from = \"registration\", for = [\"P14D\"], then = \"erase\" }]";
    assert!(REGISTER.contains(rule));
    let place = Place::under(&REGISTER.replacen(rule, strict, 1)).await;
    let (_, session) = place.staff("mikkel").await;
    place.created(&place.resident().await).await;
    let (workspace, now) = (&place.workspace, place.now);
    let later = now + (20 * 24).hours();
    let job = actor("job:retention");
    let preview = given(preview_retention(workspace, &job, later).await.unwrap());
    let parts =
        preview.counts.iter().filter(|count| count.category.as_str() == "account").map(|count| count.parts);
    assert_eq!(parts.sum::<u64>(), 2);
    let approved = approve_retention(workspace, &actor("staff:dpo"), preview.number, later).await.unwrap();
    assert_eq!(approved, RetentionOutcome::Approved);
    given(run_retention(workspace, &job, preview.number, later, |_, _| ()).await.unwrap());
    let lines = given(list_accounts(workspace, &Place::ivan(), later).await.unwrap());
    assert_eq!(lines, []);
    assert!(session_of(workspace, &session.token, now).await.unwrap().is_none());
}
