//! Other programs log in with tokens that can be found, counted and withdrawn.

use jiff::SignedDuration;
use tidstro_flows::identity::{IssuedToken, NewToken, issue_token, list_tokens, machine_of, withdraw_token};
use tidstro_model::ActivityId;

use crate::common::{actor, given};
use crate::place::Place;

fn wanted(place: &Place, who: &str, scopes: &[&str], days: i64) -> NewToken {
    NewToken {
        actor: actor(who),
        label: "head-end".to_owned(),
        scopes: scopes.iter().map(|scope| ActivityId::parse(scope).unwrap()).collect(),
        ends: place.now.checked_add(SignedDuration::from_hours(24 * days)).unwrap(),
    }
}

#[tokio::test]
async fn a_token_is_good_until_it_ends_or_is_withdrawn() {
    let mut place = Place::new().await;
    let issue = async |place: &Place, days| {
        let token = wanted(place, "job:ingest", &["reading", "grid-reading"], days);
        match given(issue_token(&place.workspace, &Place::ivan(), token, place.now).await.unwrap()) {
            IssuedToken::Issued(number, text) => (number, text),
            other => panic!("{other:?}"),
        }
    };
    let (number, text) = issue(&place, 30).await;
    let machine = machine_of(&place.workspace, &text, place.now).await.unwrap().unwrap();
    assert_eq!((machine.token, machine.actor.as_str(), machine.scopes.len()), (number, "job:ingest", 2));
    assert_eq!(machine.roles[0].as_str(), "meter-reader");
    let lines = given(list_tokens(&place.workspace, &Place::ivan(), place.now).await.unwrap());
    assert_eq!((lines[0].label.as_str(), lines[0].seen), ("head-end", Some(place.now)));

    assert!(given(withdraw_token(&place.workspace, &Place::lise(), number, place.now).await.unwrap()));
    assert!(machine_of(&place.workspace, &text, place.now).await.unwrap().is_none());
    assert!(!given(withdraw_token(&place.workspace, &Place::lise(), number, place.now).await.unwrap()));

    let (_, text) = issue(&place, 1).await;
    place.later(24 * 3600);
    assert!(machine_of(&place.workspace, &text, place.now).await.unwrap().is_none());
    assert!(!place.log().await.contains(&text[8..]));
}

#[tokio::test]
async fn a_token_may_no_more_than_its_actor_and_not_for_ever() {
    let place = Place::new().await;
    for (who, scopes, days, expected) in [
        ("job:nobody", &["reading"][..], 30, "UnknownActor"),
        ("staff:anna", &["billing"], 30, "UnknownActor"),
        ("job:ingest", &["reading", "billing"], 30, "NotItsPurpose"),
        ("job:ingest", &[], 30, "NoScope"),
        ("job:ingest", &["reading"], 367, "WrongEnd"),
        ("job:ingest", &["reading"], 0, "WrongEnd"),
    ] {
        let token = wanted(&place, who, scopes, days);
        let answer = given(issue_token(&place.workspace, &Place::ivan(), token, place.now).await.unwrap());
        assert!(format!("{answer:?}").starts_with(expected), "{who} {scopes:?} {days}: {answer:?}");
    }
    for text in ["", "tidstro_", "no token", &format!("tidstro_{}", "0".repeat(58))] {
        assert!(machine_of(&place.workspace, text, place.now).await.unwrap().is_none(), "{text}");
    }
}
