//! Residents: a letter, an address that proves to be theirs, and mails.

use tidstro_flows::identity::{
    ActivationOutcome, LoggedIn, MailAsk, MailAsked, NewSession, ask_address_check, ask_mail, log_in_by_code,
    log_in_by_link, prove_address, session_of,
};

use crate::place::{PASSWORD, Place, admitted, browser, origin, secret};

const ADDRESS: &str = "Beboer@post.example.dk";

async fn ask(place: &Place, address: &str) -> MailAsked {
    let asked = MailAsk { address: secret(address), origin: origin(5) };
    ask_mail(&place.workspace, asked, place.now).await.unwrap()
}

async fn activated(place: &Place, password: Option<&str>) -> NewSession {
    let (_, code) = place.created(&place.resident().await).await;
    match place.activate(&code, Some(ADDRESS), password).await {
        ActivationOutcome::In(session) => session,
        other => panic!("{other:?}"),
    }
}

async fn proved(place: &Place, session: &NewSession) {
    let mail = ask_address_check(&place.workspace, &session.token, place.now).await.unwrap().unwrap();
    assert_eq!(*mail.to, ADDRESS);
    assert!(!prove_address(&place.workspace, (&session.token, "0000 0000"), place.now).await.unwrap());
    assert!(prove_address(&place.workspace, (&session.token, &mail.code), place.now).await.unwrap());
    assert!(!prove_address(&place.workspace, (&session.token, &mail.code), place.now).await.unwrap(), "once");
}

#[tokio::test]
async fn a_resident_logs_in_with_a_letter_then_with_a_password() {
    let place = Place::new().await;
    let session = activated(&place, Some("grød i gryden")).await.session;
    assert!(session.is_resident() && session.may_work());
    assert_eq!(session.actor(), &place.resident().await);
    admitted(place.log_in("beboer@POST.example.dk", "grød i gryden", 2).await);
}

#[tokio::test]
async fn mail_goes_only_to_an_address_that_has_proved_to_be_its_holders() {
    let place = Place::new().await;
    let session = activated(&place, None).await;
    assert!(ask(&place, ADDRESS).await.send.is_none(), "it may be a stranger's");
    proved(&place, &session).await;
    let asked = ask(&place, " beboer@post.example.dk ").await;
    let unknown = ask(&place, "somebody@else.example.dk").await;
    assert_eq!((asked.pending.len(), unknown.send.is_none()), (unknown.pending.len(), true));
    assert_eq!(*asked.send.unwrap().to, "beboer@post.example.dk", "as it was typed");
}

#[tokio::test]
async fn a_link_is_good_once_and_for_minutes() {
    let mut place = Place::new().await;
    let session = activated(&place, None).await;
    proved(&place, &session).await;
    let mail = ask(&place, ADDRESS).await.send.unwrap();
    admitted(log_in_by_link(&place.workspace, &mail.link, &browser(), place.now).await.unwrap());
    let again = log_in_by_link(&place.workspace, &mail.link, &browser(), place.now).await.unwrap();
    assert!(matches!(again, LoggedIn::Refused));
    let mail = ask(&place, ADDRESS).await.send.unwrap();
    place.later(10 * 60);
    let late = log_in_by_link(&place.workspace, &mail.link, &browser(), place.now).await.unwrap();
    assert!(matches!(late, LoggedIn::Refused));
}

#[tokio::test]
async fn a_code_is_good_in_the_browser_that_asked_and_for_five_tries() {
    let place = Place::new().await;
    let session = activated(&place, None).await;
    proved(&place, &session).await;
    let (asked, other) = (ask(&place, ADDRESS).await, ask(&place, "somebody@else.example.dk").await);
    let code = asked.send.unwrap().code;
    let try_code = async |pending: &str, code: &str| {
        log_in_by_code(&place.workspace, (pending, code), &browser(), place.now).await.unwrap()
    };
    assert!(matches!(try_code(&other.pending, &code).await, LoggedIn::Refused), "another browser");
    admitted(try_code(&asked.pending, &code).await);
    assert!(matches!(try_code(&asked.pending, &code).await, LoggedIn::Refused), "used");

    let asked = ask(&place, ADDRESS).await;
    let code = asked.send.unwrap().code;
    let wrong = if code.starts_with('0') { "1000 0000" } else { "0000 0000" };
    for _ in 0..5 {
        assert!(matches!(try_code(&asked.pending, wrong).await, LoggedIn::Refused));
    }
    assert!(matches!(try_code(&asked.pending, &code).await, LoggedIn::Refused), "too many tries");
}

#[tokio::test]
async fn two_accounts_never_share_an_address_and_a_wrong_one_is_refused() {
    let place = Place::new().await;
    activated(&place, None).await;
    let reference = tidstro_world::Town::person_reference(place.town.flats[1].stays[0].tenant);
    let other = tidstro_flows::resident_called(&place.workspace, &reference).await.unwrap().unwrap();
    let (_, code) = place.created(&other).await;
    for name in ["beboer@post.example.dk", "no address", "a@b@c.dk"] {
        assert!(
            matches!(place.activate(&code, Some(name), None).await, ActivationOutcome::NameRefused),
            "{name}"
        );
    }
    assert!(matches!(place.activate(&code, Some("b@post.example.dk"), None).await, ActivationOutcome::In(_)));
}

#[tokio::test]
async fn nothing_of_a_resident_is_in_the_log_or_the_database_in_the_clear() {
    let place = Place::new().await;
    let session = activated(&place, Some(PASSWORD)).await;
    proved(&place, &session).await;
    let log = place.log().await;
    let resident = place.resident().await;
    for never in [ADDRESS, "beboer@post", &format!("\"{resident}\"")] {
        assert!(!log.to_lowercase().contains(&never.to_lowercase()), "{never}");
    }
    assert!(log.contains("own account: mail address proved") && log.contains("account of a resident: made"));
    let files =
        ["tidstro.sqlite", "tidstro.sqlite-wal"].map(|name| std::fs::read(place.folder.path().join(name)));
    for bytes in files.into_iter().flatten() {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!text.contains("post.example.dk") && !text.contains("$argon2"));
    }
    assert!(session_of(&place.workspace, &session.token, place.now).await.unwrap().is_some());
}
