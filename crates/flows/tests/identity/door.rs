//! Accounts are made by those who look after access, activated by a code, and opened by a password.

use tidstro_flows::identity::{
    ActivationOutcome, By, Created, LoggedIn, PasswordChange, change_password, create_account, session_of,
};

use crate::common::{actor, given, refused_by};
use crate::place::{PASSWORD, Place, admitted, secret};

#[tokio::test]
async fn a_code_becomes_an_account_that_its_holder_logs_in_to() {
    let place = Place::new().await;
    let (_, session) = place.staff("mikkel").await;
    assert_eq!(session.session.actor(), &actor("staff:mikkel"));
    assert_eq!(session.session.roles()[0].as_str(), "meter-data-clerk");
    assert!(session.session.may_work() && session.session.factors() == 1);
    // The name is not told apart by its letters' size or the space around it.
    let again = admitted(place.log_in(" Mikkel ", PASSWORD, 2).await);
    assert_ne!(*again.token, *session.token);
    assert!(matches!(place.log_in("mikkel", "a wrong password", 2).await, LoggedIn::Refused));
    assert!(matches!(place.log_in("nobody", PASSWORD, 2).await, LoggedIn::Refused));
    assert!(session_of(&place.workspace, "no token", place.now).await.unwrap().is_none());
}

#[tokio::test]
async fn only_who_looks_after_access_makes_accounts_and_only_for_who_is_there() {
    let place = Place::new().await;
    let make = |by: By, whose: &'static str| {
        let workspace = &place.workspace;
        async move { create_account(workspace, &by, actor(whose), place.now).await.unwrap() }
    };
    let anna = By { actor: actor("staff:anna"), factors: 2 };
    assert_eq!(refused_by(make(anna, "staff:mikkel").await), "role-not-in-purpose");
    for whose in ["staff:nobody", "job:ingest", "resident:999999", "resident:017"] {
        assert!(matches!(given(make(Place::ivan(), whose).await), Created::UnknownActor), "{whose}");
    }
    let Created::Created(account, _) = given(make(Place::ivan(), "staff:mikkel").await) else { panic!() };
    assert!(
        matches!(given(make(Place::ivan(), "staff:mikkel").await), Created::Exists(known) if known == account)
    );
}

#[tokio::test]
async fn a_code_is_good_once_and_says_what_is_mistyped() {
    let mut place = Place::new().await;
    let (_, code) = place.created(&actor("staff:mikkel")).await;
    let mistyped = code.replacen(&code[..1], if &code[..1] == "0" { "1" } else { "0" }, 1);
    assert!(matches!(place.activate(&mistyped, None, Some(PASSWORD)).await, ActivationOutcome::Mistyped(_)));
    assert!(matches!(place.activate(&code, None, None).await, ActivationOutcome::PasswordMissing));
    assert!(matches!(
        place.activate(&code, None, Some("Mikkels hemmelighed er stor")).await,
        ActivationOutcome::PasswordRefused(_)
    ));
    assert!(matches!(place.activate(&code, None, Some(PASSWORD)).await, ActivationOutcome::In(_)));
    assert!(matches!(place.activate(&code, None, Some(PASSWORD)).await, ActivationOutcome::Refused));

    let (_, late) = place.created(&actor("staff:anna")).await;
    place.later(3 * 24 * 3600);
    assert!(matches!(place.activate(&late, None, Some(PASSWORD)).await, ActivationOutcome::Refused));
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_ends_other_sessions() {
    let place = Place::new().await;
    let (_, first) = place.staff("mikkel").await;
    let second = admitted(place.log_in("mikkel", PASSWORD, 2).await);
    let change = |old: &'static str, new: &'static str| {
        let words = (secret(old), secret(new));
        change_password(&place.workspace, &second.token, words, place.now)
    };
    let new = "tre små grise vandrer";
    assert!(matches!(change("not the old one", new).await.unwrap(), PasswordChange::Wrong));
    assert!(matches!(change(PASSWORD, "Sommer2026!!").await.unwrap(), PasswordChange::Refused(_)));
    let PasswordChange::Changed(third) = change(PASSWORD, new).await.unwrap() else { panic!() };
    for ended in [&first.token, &second.token] {
        assert!(session_of(&place.workspace, ended, place.now).await.unwrap().is_none());
    }
    assert!(session_of(&place.workspace, &third.token, place.now).await.unwrap().is_some());
    assert!(matches!(place.log_in("mikkel", PASSWORD, 3).await, LoggedIn::Refused));
    admitted(place.log_in("mikkel", new, 4).await);
}

#[tokio::test]
async fn a_password_grows_old_where_the_register_says_so() {
    let mut place = Place::new().await;
    place.staff("mikkel").await;
    place.later(366 * 24 * 3600);
    let session = admitted(place.log_in("mikkel", PASSWORD, 2).await).session;
    assert_eq!(session.need(), Some(tidstro_flows::identity::Need::NewPassword));
    assert!(!session.may_work());
}

#[tokio::test]
async fn the_log_says_what_happened_and_no_secret_or_name_of_a_resident() {
    let place = Place::new().await;
    let (_, code) = place.created(&actor("staff:mikkel")).await;
    let ActivationOutcome::In(session) = place.activate(&code, None, Some(PASSWORD)).await else { panic!() };
    place.log_in("mikkel", "a wrong password", 2).await;
    place.log_in("a wrong password", "mikkel", 2).await;
    let log = place.log().await;
    for said in
        ["account of staff:mikkel: made", "own account: activated", "own account: one factor", "login-failed"]
    {
        assert!(log.contains(said), "{said}");
    }
    for never in [PASSWORD, "a wrong password", &code, &session.token] {
        assert!(!log.contains(never), "{never}");
    }
}
