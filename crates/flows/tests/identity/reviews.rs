//! Who has which role is looked at, and two people get a third one back in.

use tidstro_flows::identity::{
    ActivationOutcome, By, LoggedIn, Recovery, RecoveryApproval, ReviewDecision, approve_recovery,
    ask_recovery, begin_review, decide_review, newest_review, session_of,
};
use tidstro_model::RoleId;

use crate::common::{actor, given};
use crate::place::{PASSWORD, Place, admitted};

#[tokio::test]
async fn a_review_lists_every_role_and_a_removed_one_shuts_the_account() {
    let place = Place::new().await;
    let (_, session) = place.staff("mikkel").await;
    assert!(given(newest_review(&place.workspace, &Place::ivan(), place.now).await.unwrap()).is_none());
    let number = given(begin_review(&place.workspace, &Place::ivan(), place.now).await.unwrap());
    let review = given(newest_review(&place.workspace, &Place::ivan(), place.now).await.unwrap()).unwrap();
    let line = review.lines.iter().find(|line| line.actor == actor("staff:mikkel")).unwrap();
    assert_eq!(
        (line.role.as_str(), line.since, line.seen),
        ("meter-data-clerk", Some(place.now), Some(place.now))
    );
    assert_eq!((review.number, review.open()), (number, review.lines.len()));

    let role = |name: &str| RoleId::parse(name).unwrap();
    let decide = async |by: By, who: &str, name: &str, decision| {
        let line = (number, actor(who), role(name));
        given(decide_review(&place.workspace, &by, line, decision, place.now).await.unwrap())
    };
    assert!(
        !decide(Place::ivan(), "staff:ivan", "access-administrator", ReviewDecision::Confirmed).await,
        "own role"
    );
    assert!(decide(Place::lise(), "staff:ivan", "access-administrator", ReviewDecision::Confirmed).await);
    assert!(
        !decide(Place::ivan(), "staff:mikkel", "bookkeeper", ReviewDecision::Removed).await,
        "no such role"
    );
    assert!(decide(Place::ivan(), "staff:mikkel", "meter-data-clerk", ReviewDecision::Removed).await);
    assert!(session_of(&place.workspace, &session.token, place.now).await.unwrap().is_none());
    assert!(
        matches!(place.log_in("mikkel", PASSWORD, 2).await, LoggedIn::Refused),
        "until the register follows"
    );
    assert!(decide(Place::ivan(), "staff:mikkel", "meter-data-clerk", ReviewDecision::Confirmed).await);
    admitted(place.log_in("mikkel", PASSWORD, 3).await);
    let review = given(newest_review(&place.workspace, &Place::ivan(), place.now).await.unwrap()).unwrap();
    assert_eq!(review.open(), review.lines.len() - 2);
    assert!(place.log().await.contains("role meter-data-clerk removed"));
}

#[tokio::test]
async fn two_others_get_somebody_back_in() {
    let mut place = Place::new().await;
    let (account, old) = place.staff("dpo").await;
    place.enrol(&old.token).await;
    let ask = async |by: By| given(ask_recovery(&place.workspace, &by, account, place.now).await.unwrap());
    let approve = async |by: By, number| {
        given(approve_recovery(&place.workspace, &by, number, place.now).await.unwrap())
    };
    let Recovery::Asked(number) = ask(Place::ivan()).await else { panic!() };
    assert!(matches!(approve(Place::ivan(), number).await, RecoveryApproval::NotAnother));
    let RecoveryApproval::Approved(letter) = approve(Place::lise(), number).await else { panic!() };
    assert!(matches!(approve(Place::lise(), number).await, RecoveryApproval::Unknown), "once");
    let ActivationOutcome::In(session) =
        place.activate(&letter.code, None, Some("tre små grise vandrer")).await
    else {
        panic!()
    };
    assert_eq!(session.session.factors(), 1, "the lost program proves nothing any more");
    assert!(matches!(place.log_in("dpo", PASSWORD, 2).await, LoggedIn::Refused));

    let Recovery::Asked(number) = ask(Place::ivan()).await else { panic!() };
    place.later(24 * 3600);
    let late = approve_recovery(&place.workspace, &Place::lise(), number, place.now).await.unwrap();
    assert!(matches!(given(late), RecoveryApproval::Unknown), "a day is over");
}

#[tokio::test]
async fn nobody_asks_for_themselves_or_for_a_resident() {
    let place = Place::new().await;
    let (own, _) = place.staff("ivan").await;
    let (resident, _) = place.created(&place.resident().await).await;
    for (account, expected) in [(own, Recovery::Own), (resident, Recovery::OfResident)] {
        let answer = ask_recovery(&place.workspace, &Place::ivan(), account, place.now).await.unwrap();
        assert_eq!(given(answer), expected);
    }
}
