//! `/desk/access/tokens`: tokens by which other programs ask, each for some purposes of one job.

use axum::response::{IntoResponse as _, Redirect};
use jiff::ToSpan as _;
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_flows::identity::{
    IssuedToken, NewToken, TokenLine, TokenNo, issue_token, list_tokens, withdraw_token,
};
use tidstro_govern::Register;
use tidstro_model::{ActivityId, ActorId};

use super::{TOKENS, day_or, page, refused, secret};
use crate::answered::Problem;
use crate::portal::form::{Field, Press};
use crate::portal::{Page, given};
use crate::visit::{Posted, Visit};

/// `GET /desk/access/tokens`.
pub(crate) async fn list(visit: Visit) -> Page {
    let (words, by) = (visit.words(), visit.there()?.session().by());
    let lines = given(list_tokens(visit.web().workspace(), &by, visit.now).await?)?;
    let body = html! {
        p { (words.say("tokens-what")) }
        @if lines.is_empty() { p { (words.say("tokens-none")) } } @else { (table(&visit, &lines)) }
        h2 { (words.say("tokens-new")) }
        (issuing(&visit))
    };
    Ok(page(&visit, TOKENS, &body))
}

fn table(visit: &Visit, lines: &[TokenLine]) -> Markup {
    let words = visit.words();
    html! { div.wide tabindex="0" { table data-keys {
        thead { tr {
            th.number scope="col" { (words.say("tokens-number")) } th scope="col" { (words.say("tokens-label")) }
            th scope="col" { (words.say("tokens-actor")) } th scope="col" { (words.say("tokens-purposes")) }
            th scope="col" { (words.say("tokens-until")) } th scope="col" { (words.say("access-seen")) }
            th scope="col" { (words.say("access-acts")) }
        } }
        tbody { @for line in lines { tr {
            td.number { (line.token.as_u32()) }
            th scope="row" { (line.label) }
            td { code { (line.actor) } }
            td { @for scope in &line.scopes { div { code { (scope) } } } }
            td { (day_or(Some(line.ends), "access-never", visit)) }
            td { (day_or(line.seen, "access-never", visit)) }
            td { @if let Some(at) = line.withdrawn {
                span.tag { (words.say("tokens-withdrawn")) } " " (day_or(Some(at), "access-never", visit))
            } @else {
                (Press {
                    action: "/desk/access/tokens/withdraw",
                    fields: &[("token", &line.token.as_u32().to_string())],
                    label: words.say("tokens-withdraw"),
                    class: "quiet",
                }.draw(visit))
            } }
        } } }
    } } }
}

/// Jobs of the register and the purposes each may name, as pairs to choose from.
fn choices(register: &Register) -> Vec<(ActorId, ActivityId)> {
    let jobs = register.actors().map(|actor| &actor.id).filter(|actor| actor.as_str().starts_with("job:"));
    let purposes = |actor: &ActorId| {
        let roles = register.roles_of(actor);
        let theirs =
            register.activities().filter(|activity| activity.roles.iter().any(|role| roles.contains(&role)));
        theirs.map(|activity| activity.id.clone()).collect::<Vec<_>>()
    };
    jobs.flat_map(|actor| purposes(actor).into_iter().map(|purpose| (actor.clone(), purpose))).collect()
}

fn issuing(visit: &Visit) -> Markup {
    let words = visit.words();
    let label = Field {
        name: "label",
        label: words.say("tokens-label"),
        help: words.say("tokens-label-help"),
        kind: "text",
        autocomplete: "off",
        wrong: None,
    };
    html! {
        form.narrow method="post" action="/desk/access/tokens/issue" {
            (visit.token()) (label.draw())
            div.field {
                label for="grant" { (words.say("tokens-grant")) }
                select id="grant" name="grant" required {
                    @for (actor, purpose) in choices(visit.web().workspace().register()) {
                        @let value = format!("{actor} {purpose}");
                        option value=(value) { (actor) " · " (purpose) }
                    }
                }
            }
            div.field {
                label for="days" { (words.say("tokens-days")) }
                input id="days" name="days" type="number" min="1" max="365" value="90" required;
            }
            button { (words.say("tokens-issue")) }
        }
    }
}

/// What token is wanted.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    label: String,
    grant: String,
    days: i64,
}

/// `POST /desk/access/tokens/issue`.
pub(crate) async fn issue(visit: Visit, Posted(wanted): Posted<Wanted>) -> Page {
    let by = visit.proven(TOKENS)?.session().by();
    let (actor, purpose) = wanted.grant.split_once(' ').ok_or(Problem::BadForm)?;
    let actor = ActorId::parse(actor).map_err(|_| Problem::BadForm)?;
    let purpose = ActivityId::parse(purpose).map_err(|_| Problem::BadForm)?;
    // Within what a span of hours holds; how long a token may be good is for the store.
    let days = wanted.days.clamp(0, 1000);
    let ends = visit.now.checked_add((days * 24).hours()).map_err(|_| Problem::BadForm)?;
    let asked = NewToken { actor, label: wanted.label, scopes: vec![purpose], ends };
    let why = match given(issue_token(visit.web().workspace(), &by, asked, visit.now).await?)? {
        IssuedToken::Issued(_, token) => {
            return Ok(secret(&visit, TOKENS, ("tokens-issued", "tokens-issued-what"), &token, ends));
        }
        IssuedToken::UnknownActor | IssuedToken::NotItsPurpose(_) | IssuedToken::NoScope => "tokens-not-its",
        IssuedToken::WrongEnd => "tokens-wrong-end",
    };
    Ok(refused(&visit, TOKENS, why))
}

/// Which token.
#[derive(Deserialize)]
pub(crate) struct Chosen {
    token: u32,
}

/// `POST /desk/access/tokens/withdraw`.
pub(crate) async fn withdraw(visit: Visit, Posted(Chosen { token }): Posted<Chosen>) -> Page {
    let by = visit.proven(TOKENS)?.session().by();
    let was_good =
        given(withdraw_token(visit.web().workspace(), &by, TokenNo::new(token), visit.now).await?)?;
    if was_good { Ok(Redirect::to(TOKENS).into_response()) } else { Err(Problem::Conflict) }
}
