//! `/desk/governance`: what the law asks for by when. The day to plan by stands large, the end by law small.

use maud::{Markup, html};
use tidstro_calendar::Zone;
use tidstro_flows::case_clocks;
use tidstro_govern::{ClockState, ClockView};

use super::super::Page;
use super::Room;
use crate::page::amount::until;
use crate::visit::Visit;
use crate::words::Words;

/// `GET /desk/governance`.
pub(crate) async fn page(visit: Visit) -> Page {
    let (words, workspace) = (visit.words(), visit.web().workspace());
    let clocks = case_clocks(workspace, None, visit.now).await?;
    let (running, over): (Vec<_>, Vec<_>) = clocks.iter().partition(|clock| is_running(clock.state));
    let body = html! {
        h2 { (words.say("clocks-running")) }
        @if running.is_empty() { p.note { (words.say("clocks-none")) } }
        ul.cards { @for clock in running { (card(clock, workspace.zone(), words)) } }
        @if !over.is_empty() {
            h2 { (words.say("clocks-over")) }
            ul { @for clock in over { li { (clock.obligation.text.in_language(words.language())) ": " (state(clock.state, words)) } } }
        }
    };
    Ok(Room::Clocks.page(&visit, &body))
}

const fn is_running(state: ClockState) -> bool {
    !matches!(state, ClockState::Done | ClockState::DoneLate)
}

fn card(clock: &ClockView<'_>, zone: &Zone, words: &Words) -> Markup {
    html! {
        li.card {
            h3 { (clock.obligation.text.in_language(words.language())) }
            @match &clock.counted {
                Some(counted) => {
                    p.big { (until(counted.deadline.plan_by, zone, words)) }
                    @if let Some(end) = counted.deadline.ends_at { p.faint { (words.say("clocks-ends")) " " (until(end, zone, words)) } }
                }
                None => { p.big { (words.say("clocks-at-once")) } }
            }
            p { (state(clock.state, words)) }
            p.faint { (words.say("clocks-case")) " " (clock.case) " · " (clock.obligation.cite) }
        }
    }
}

fn state(state: ClockState, words: &Words) -> Markup {
    let class = match state {
        ClockState::Overdue | ClockState::DoneLate => "tag bad",
        ClockState::Done => "tag good",
        ClockState::Running | ClockState::Due | ClockState::Paused => "tag",
    };
    html! { span class=(class) { (words.say(&format!("clock-{}", state.word()))) } }
}
