//! Guessing is slowed and stopped, for names there are and names there are not alike.

use tidstro_flows::identity::{LoggedIn, issue_letter, lock_account, session_of, unlock_account};

use crate::common::given;
use crate::place::{PASSWORD, Place, admitted};

/// What the door answers to one wrong password after the other, each as early as it may be: seconds of waiting, or a refusal.
async fn guesses(place: &mut Place, name: &str, count: u8, network: u8) -> Vec<String> {
    let mut answers = Vec::new();
    for _ in 0..count {
        let answer = place.log_in(name, "a wrong password", network).await;
        answers.push(match answer {
            LoggedIn::In(_) => "in".to_owned(),
            LoggedIn::Refused => "refused".to_owned(),
            LoggedIn::Slowed { until } => {
                let wait = place.now.duration_until(until);
                place.now = place.now.checked_add(wait).unwrap();
                format!("wait {}", wait.as_secs())
            }
        });
    }
    answers
}

#[tokio::test]
async fn a_name_nobody_has_is_answered_like_one_somebody_has() {
    let mut place = Place::new().await;
    place.staff("mikkel").await;
    let one = guesses(&mut place, "mikkel", 20, 2).await;
    let other = guesses(&mut place, "nobody", 20, 3).await;
    assert_eq!(one, other);
    assert_eq!(one[..7], ["refused", "refused", "refused", "wait 1", "refused", "wait 2", "refused"]);
}

#[tokio::test]
async fn after_eight_failures_nobody_gets_in_before_somebody_unlocks() {
    let mut place = Place::new().await;
    let (account, _) = place.staff("mikkel").await;
    guesses(&mut place, "mikkel", 7 + 4, 2).await;
    place.later(1000);
    admitted(place.log_in("mikkel", PASSWORD, 2).await);
    guesses(&mut place, "mikkel", 8 + 5, 2).await;
    place.later(7 * 24 * 3600);
    assert!(matches!(place.log_in("mikkel", PASSWORD, 4).await, LoggedIn::Refused), "a week later");
    let log = place.log().await;
    assert_eq!(log.matches("\"locked-out\"").count(), 1);

    assert!(given(unlock_account(&place.workspace, &Place::ivan(), account, place.now).await.unwrap()));
    admitted(place.log_in("mikkel", PASSWORD, 4).await);
    assert!(!given(unlock_account(&place.workspace, &Place::ivan(), account, place.now).await.unwrap()));
    assert_eq!(place.log().await.matches("\"unlocked\"").count(), 1);
}

#[tokio::test]
async fn many_names_from_one_network_are_slowed_and_others_are_not() {
    let place = Place::new().await;
    place.staff("mikkel").await;
    for guess in 0..30 {
        assert!(matches!(
            place.log_in(&format!("guess{guess}"), "a wrong password", 9).await,
            LoggedIn::Refused
        ));
    }
    assert!(matches!(place.log_in("mikkel", PASSWORD, 9).await, LoggedIn::Slowed { .. }));
    admitted(place.log_in("mikkel", PASSWORD, 10).await);
}

#[tokio::test]
async fn guesses_at_once_are_counted_like_guesses_in_a_row() {
    let place = Place::new().await;
    place.staff("mikkel").await;
    let guesses = (0..16).map(|_| place.log_in("mikkel", "a wrong password", 2));
    let mut looked_at = 0;
    for answer in futures(guesses).await {
        looked_at += u32::from(matches!(answer, LoggedIn::Refused));
    }
    assert_eq!(looked_at, 3, "the others wait");
}

/// Runs all of them side by side.
async fn futures<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pinned: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        let mut is_done = true;
        for (future, output) in &mut pinned {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(value) => *output = Some(value),
                    std::task::Poll::Pending => is_done = false,
                }
            }
        }
        if is_done { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    pinned.into_iter().map(|(_, output)| output.unwrap()).collect()
}

#[tokio::test]
async fn a_locked_account_is_out_at_once_and_a_code_of_staff_in_use_takes_two() {
    let place = Place::new().await;
    let (account, session) = place.staff("mikkel").await;
    assert!(given(lock_account(&place.workspace, &Place::ivan(), account, place.now).await.unwrap()));
    assert!(session_of(&place.workspace, &session.token, place.now).await.unwrap().is_none());
    assert!(matches!(place.log_in("mikkel", PASSWORD, 2).await, LoggedIn::Refused));
    let letter = issue_letter(&place.workspace, &Place::ivan(), account, place.now).await.unwrap();
    assert!(given(letter).is_none());
}
