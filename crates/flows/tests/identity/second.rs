//! The second factor.

use tidstro_flows::identity::{
    LoggedIn, Need, Proof, TotpConfirmed, begin_totp, confirm_totp, log_in_totp, session_of, step_up,
};

use crate::place::{PASSWORD, Place, admitted, secret};

#[tokio::test]
async fn a_role_that_asks_for_two_factors_does_nothing_before_both_are_proved() {
    let mut place = Place::new().await;
    let (_, session) = place.staff("dpo").await;
    assert_eq!((session.session.need(), session.session.may_work()), (Some(Need::EnrolTotp), false));
    let wrong = confirm_totp(&place.workspace, &session.token, secret("000000"), place.now).await.unwrap();
    assert!(matches!(wrong, TotpConfirmed::Wrong), "nothing was offered");
    let (session, totp, recovery) = place.enrol(&session.token).await;
    assert!(session.session.may_work() && session.session.factors() == 2 && recovery.len() == 8);

    place.later(60);
    let waiting = admitted(place.log_in("dpo", PASSWORD, 2).await);
    assert_eq!((waiting.session.need(), waiting.session.factors()), (Some(Need::Totp), 0));
    assert!(
        begin_totp(&place.workspace, &waiting.token, place.now).await.unwrap().is_none(),
        "no other program"
    );
    let answer = log_in_totp(&place.workspace, &waiting.token, secret("000000"), place.now).await.unwrap();
    assert!(matches!(answer, LoggedIn::Refused));
    let code = totp.code_at(place.now);
    let both =
        admitted(log_in_totp(&place.workspace, &waiting.token, code.clone(), place.now).await.unwrap());
    assert!(both.session.may_work() && both.session.factors() == 2);
    assert!(
        session_of(&place.workspace, &waiting.token, place.now).await.unwrap().is_none(),
        "the token is a new one"
    );

    // The same code is not taken again, not even in another log-in.
    let next = admitted(place.log_in("dpo", PASSWORD, 2).await);
    let answer = log_in_totp(&place.workspace, &next.token, code, place.now).await.unwrap();
    assert!(matches!(answer, LoggedIn::Refused));
}

#[tokio::test]
async fn the_wait_for_the_second_factor_is_short() {
    let mut place = Place::new().await;
    let (_, session) = place.staff("dpo").await;
    place.enrol(&session.token).await;
    let waiting = admitted(place.log_in("dpo", PASSWORD, 2).await);
    place.later(600);
    assert!(session_of(&place.workspace, &waiting.token, place.now).await.unwrap().is_none());
}

#[tokio::test]
async fn a_recovery_code_is_good_once() {
    let mut place = Place::new().await;
    let (_, session) = place.staff("dpo").await;
    let (_, _, recovery) = place.enrol(&session.token).await;
    place.later(60);
    for (code, is_good) in [(&recovery[3], true), (&recovery[3], false), (&recovery[0], true)] {
        let waiting = admitted(place.log_in("dpo", PASSWORD, 2).await);
        let answer = log_in_totp(&place.workspace, &waiting.token, code.clone(), place.now).await.unwrap();
        assert_eq!(matches!(answer, LoggedIn::In(_)), is_good);
        place.later(60);
    }
}

#[tokio::test]
async fn codes_cannot_be_tried_out() {
    let mut place = Place::new().await;
    let (_, session) = place.staff("dpo").await;
    let (_, totp, _) = place.enrol(&session.token).await;
    let waiting = admitted(place.log_in("dpo", PASSWORD, 2).await);
    let mut refused = 0;
    while refused < 8 {
        match log_in_totp(&place.workspace, &waiting.token, secret("000000"), place.now).await.unwrap() {
            LoggedIn::Refused => refused += 1,
            LoggedIn::Slowed { until } => place.now = until,
            LoggedIn::In(_) => panic!("in"),
        }
    }
    place.later(60);
    let answer =
        log_in_totp(&place.workspace, &waiting.token, totp.code_at(place.now), place.now).await.unwrap();
    assert!(matches!(answer, LoggedIn::Refused), "the account is locked");
    assert!(matches!(place.log_in("dpo", PASSWORD, 3).await, LoggedIn::Refused));
}

#[tokio::test]
async fn a_proof_grows_old_and_is_made_fresh() {
    let mut place = Place::new().await;
    let (_, session) = place.staff("mikkel").await;
    assert!(session.session.is_fresh(place.now));
    place.later(15 * 60);
    let old = session_of(&place.workspace, &session.token, place.now).await.unwrap().unwrap();
    assert!(!old.is_fresh(place.now));
    let wrong = Proof::Password(secret("a wrong password"));
    assert!(matches!(
        step_up(&place.workspace, &session.token, wrong, place.now).await.unwrap(),
        LoggedIn::Refused
    ));
    let right = Proof::Password(secret(PASSWORD));
    let fresh = admitted(step_up(&place.workspace, &session.token, right, place.now).await.unwrap());
    assert!(fresh.session.is_fresh(place.now) && *fresh.token != *session.token);
    assert_eq!(fresh.session.ends(), session.session.ends(), "it lasts no longer");
}
