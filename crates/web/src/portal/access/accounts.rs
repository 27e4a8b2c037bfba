//! `/desk/access`: who has an account, and what is done about it.

use axum::extract::Query;
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_flows::identity::{
    AccountLine, AccountState, Created, Letter, Recovery, RecoveryApproval, RecoveryNo, approve_recovery,
    ask_recovery, close_account, create_account, issue_letter, list_accounts, lock_account, unlock_account,
};
use tidstro_flows::resident_called;
use tidstro_model::{AccountNo, ActorId};

use super::{ACCOUNTS, day_or, page, refused, secret};
use crate::answered::Problem;
use crate::portal::form::{Field, Press};
use crate::portal::{Page, given};
use crate::visit::{Posted, Visit};

/// Accounts of residents on a page.
const ON_A_PAGE: usize = 100;
const ACT: &str = "/desk/access/act";

/// After which account of a resident the page begins.
#[derive(Deserialize)]
pub(crate) struct From {
    #[serde(default)]
    after: u32,
}

/// `GET /desk/access`.
pub(crate) async fn list(visit: Visit, Query(From { after }): Query<From>) -> Page {
    let (words, by) = (visit.words(), visit.there()?.session().by());
    let lines = given(list_accounts(visit.web().workspace(), &by, visit.now).await?)?;
    let (residents, staff): (Vec<&AccountLine>, Vec<&AccountLine>) =
        lines.iter().partition(|line| line.actor.subject().is_some());
    let mut shown = residents.iter().copied().filter(|line| line.account.as_u32() > after);
    let on_page: Vec<&AccountLine> = shown.by_ref().take(ON_A_PAGE).collect();
    let next = shown.next().and(on_page.last()).map(|line| line.account.as_u32());
    let body = html! {
        (adding(&visit))
        h2 { (words.say("access-staff")) }
        (table(&visit, &staff))
        h2 { (words.say("access-residents")) " (" (residents.len()) ")" }
        (table(&visit, &on_page))
        @if let Some(next) = next { p { a href={ (ACCOUNTS) "?after=" (next) } { (words.say("access-next")) } } }
    };
    Ok(page(&visit, ACCOUNTS, &body))
}

fn adding(visit: &Visit) -> Markup {
    let words = visit.words();
    let field = |name, label: &str, help: &str| Field {
        name,
        label: words.say(label),
        help: words.say(help),
        kind: "text",
        autocomplete: "off",
        wrong: None,
    };
    html! {
        div.cards {
            section.card {
                h2 { (words.say("access-add")) }
                form method="post" action="/desk/access/add" {
                    (visit.token()) (field("whose", "access-whose", "access-whose-help").draw())
                    button { (words.say("access-add-do")) }
                }
            }
            section.card {
                h2 { (words.say("access-approve")) }
                form method="post" action="/desk/access/approve" {
                    (visit.token()) (field("number", "access-recovery", "access-recovery-help").draw())
                    button.second { (words.say("access-approve-do")) }
                }
            }
        }
    }
}

fn table(visit: &Visit, lines: &[&AccountLine]) -> Markup {
    let words = visit.words();
    if lines.is_empty() {
        return html! { p { (words.say("access-none")) } };
    }
    html! { div.wide tabindex="0" { table data-keys {
        thead { tr {
            th scope="col" { (words.say("access-whose")) } th scope="col" { (words.say("access-state")) }
            th scope="col" { (words.say("access-second")) } th scope="col" { (words.say("account-since")) }
            th scope="col" { (words.say("access-seen")) } th.number scope="col" { (words.say("access-sessions")) }
            th scope="col" { (words.say("access-acts")) }
        } }
        tbody { @for line in lines { tr {
            th scope="row" { code { (line.actor) } }
            td { (state(visit, line.state)) }
            td { (words.say(if line.has_totp { "access-yes" } else { "access-no" })) }
            td { (day_or(Some(line.opened), "access-never", visit)) }
            td { (day_or(line.seen, "access-never", visit)) }
            td.number { (line.sessions) }
            td { (acts(visit, line)) }
        } } }
    } } }
}

fn state(visit: &Visit, state: AccountState) -> Markup {
    let words = visit.words();
    match state {
        AccountState::New => html! { span.tag { (words.say("access-new")) } },
        AccountState::Open => html! { span.tag.good { (words.say("access-open")) } },
        AccountState::Locked => html! { span.tag.bad { (words.say("access-locked")) } },
    }
}

/// What may be done with an account: each a button.
fn acts(visit: &Visit, line: &AccountLine) -> Markup {
    let number = line.account.as_u32().to_string();
    let is_used_by_staff = line.actor.subject().is_none() && line.state != AccountState::New;
    let code = if is_used_by_staff { ("recover", "access-recover") } else { ("letter", "access-letter") };
    let lock = match line.state {
        AccountState::Locked => ("unlock", "access-unlock"),
        AccountState::New | AccountState::Open => ("lock", "access-lock"),
    };
    html! { div.actions { @for (act, label) in [code, lock, ("close", "access-close")] {
        (press(visit, (&number, act), label, "quiet"))
    } } }
}

fn press(visit: &Visit, (account, act): (&str, &str), label: &str, class: &str) -> Markup {
    let fields = [("account", account), ("act", act)];
    Press { action: ACT, fields: &fields, label: visit.words().say(label), class }.draw(visit)
}

/// Whose account is to be made.
#[derive(Deserialize)]
pub(crate) struct Whose {
    whose: String,
}

/// `POST /desk/access/add`: makes an account and shows the code for its holder.
pub(crate) async fn add(visit: Visit, Posted(Whose { whose }): Posted<Whose>) -> Page {
    let by = visit.proven(ACCOUNTS)?.session().by();
    let workspace = visit.web().workspace();
    let staff = ActorId::parse(&format!("staff:{}", whose.trim())).ok();
    let is_staff = staff.as_ref().is_some_and(|actor| !workspace.register().roles_of(actor).is_empty());
    let actor = if is_staff { staff } else { resident_called(workspace, whose.trim()).await? };
    let Some(actor) = actor else { return Ok(refused(&visit, ACCOUNTS, "access-unknown")) };
    Ok(match given(create_account(workspace, &by, actor, visit.now).await?)? {
        Created::Created(_, letter) => shown(&visit, &letter),
        Created::Exists(_) => refused(&visit, ACCOUNTS, "access-exists"),
        Created::UnknownActor => refused(&visit, ACCOUNTS, "access-unknown"),
    })
}

fn shown(visit: &Visit, letter: &Letter) -> Response {
    secret(visit, ACCOUNTS, ("access-code", "access-code-what"), &letter.code, letter.until)
}

/// What is to be done with which account.
#[derive(Deserialize)]
pub(crate) struct Act {
    account: u32,
    act: String,
}

/// `POST /desk/access/act`.
pub(crate) async fn act(visit: Visit, Posted(Act { account, act }): Posted<Act>) -> Page {
    let by = visit.proven(ACCOUNTS)?.session().by();
    let (workspace, number) = (visit.web().workspace(), AccountNo::new(account));
    let was_done = match act.as_str() {
        "letter" => {
            let letter = given(issue_letter(workspace, &by, number, visit.now).await?)?;
            return letter.map(|letter| shown(&visit, &letter)).ok_or(Problem::NotFound);
        }
        "recover" => return recover(&visit, number).await,
        "close" => return Ok(ask_to_close(&visit, account)),
        "lock" => given(lock_account(workspace, &by, number, visit.now).await?)?,
        "unlock" => given(unlock_account(workspace, &by, number, visit.now).await?)?,
        "close-now" => given(close_account(workspace, &by, number, visit.now).await?)?.is_some(),
        _ => return Err(Problem::BadForm),
    };
    if was_done { Ok(Redirect::to(ACCOUNTS).into_response()) } else { Err(Problem::Conflict) }
}

fn ask_to_close(visit: &Visit, account: u32) -> Response {
    let words = visit.words();
    let body = html! {
        p.note.mark { (words.say("access-close-what")) }
        div.actions {
            (press(visit, (&account.to_string(), "close-now"), "access-close-do", "danger"))
            a.button href=(ACCOUNTS) { (words.say("access-back")) }
        }
    };
    page(visit, ACCOUNTS, &body)
}

async fn recover(visit: &Visit, number: AccountNo) -> Page {
    let (workspace, by) = (visit.web().workspace(), visit.there()?.session().by());
    Ok(match given(ask_recovery(workspace, &by, number, visit.now).await?)? {
        Recovery::Asked(asked) => {
            let words = visit.words();
            let body = html! {
                p { (words.say("access-asked")) }
                p { code.key { (asked.as_u32()) } }
                p { a.button href=(ACCOUNTS) { (words.say("access-back")) } }
            };
            page(visit, ACCOUNTS, &body)
        }
        Recovery::UnknownAccount => return Err(Problem::NotFound),
        Recovery::Own => refused(visit, ACCOUNTS, "access-own"),
        Recovery::OfResident => refused(visit, ACCOUNTS, "access-of-resident"),
    })
}

/// Which recovery is approved.
#[derive(Deserialize)]
pub(crate) struct Asked {
    number: String,
}

/// `POST /desk/access/approve`: the second pair of eyes.
pub(crate) async fn approve(visit: Visit, Posted(Asked { number }): Posted<Asked>) -> Page {
    let by = visit.proven(ACCOUNTS)?.session().by();
    let number = number.trim().parse().map(RecoveryNo::new);
    let Ok(number) = number else { return Ok(refused(&visit, ACCOUNTS, "access-not-asked")) };
    let approval = approve_recovery(visit.web().workspace(), &by, number, visit.now).await?;
    Ok(match given(approval)? {
        RecoveryApproval::Approved(letter) => shown(&visit, &letter),
        RecoveryApproval::Unknown => refused(&visit, ACCOUNTS, "access-not-asked"),
        RecoveryApproval::NotAnother => refused(&visit, ACCOUNTS, "access-not-another"),
    })
}
