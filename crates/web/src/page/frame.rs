//! The frame around every page: title, who is there, where one may go, which language.
//!
//! What comes in: the body of a page. What goes out: a whole document that works without script. Never: a word that is not in
//! `languages/`, an address of somebody else, a person's data in a link.

use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use tidstro_govern::Language;

use crate::asset;
use crate::door::Desk;
use crate::visit::Visit;
use crate::words::Words;

/// Where in the portal a page belongs: what the navigation marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Here {
    /// A page before anybody is known, and notices.
    Outside,
    /// The resident's own consumption.
    Home,
    /// The resident's own data and rights.
    MyData,
    /// A desk of staff.
    At(Desk),
    /// The account of whoever is there.
    Account,
}

/// A page, but for its body.
pub(crate) struct Frame<'a> {
    /// Who asks, and how.
    pub(crate) visit: &'a Visit,
    /// The page's title, in the visitor's language.
    pub(crate) title: String,
    /// Where it belongs.
    pub(crate) here: Here,
}

impl Frame<'_> {
    /// The whole document as an answer.
    pub(crate) fn around(&self, body: &Markup) -> Response {
        Html(self.document(body).into_string()).into_response()
    }

    fn document(&self, body: &Markup) -> Markup {
        let words = self.visit.words();
        html! {
            (DOCTYPE)
            html lang=(words.language().word()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="same-origin";
                    title { (self.title) " · Tidstro" }
                    link rel="stylesheet" href=(asset::STYLE.path());
                    link rel="icon" type="image/svg+xml" href=(asset::SIGN.path());
                    script defer src=(asset::SCRIPT.path()) {}
                }
                body {
                    a.skip href="#main" { (words.say("frame-skip")) }
                    (self.header())
                    main #main tabindex="-1" { h1 { (self.title) } (body) }
                    (self.footer())
                }
            }
        }
    }

    fn header(&self) -> Markup {
        let words = self.visit.words();
        html! {
            header.top {
                a.brand href="/" { (sign()) span { "Tidstro" } }
                nav aria-label=(words.say("frame-navigation")) { ul { @for (here, link, name) in self.ways() {
                    li { a href=(link) aria-current=[(here == self.here).then_some("page")] { (words.say(name)) } }
                } } }
                @match self.visit.session() {
                    Some(session) => {
                        div.who {
                            a href="/account" aria-current=[(self.here == Here::Account).then_some("page")] { (session.called().map_or_else(|| words.say("account-title"), str::to_owned)) }
                            form method="post" action="/log-out" { (self.visit.token()) button.quiet { (words.say("frame-log-out")) } }
                        }
                    }
                    None => { a.button href="/log-in" { (words.say("frame-log-in")) } }
                }
            }
        }
    }

    /// The ways on: what whoever is there may enter.
    fn ways(&self) -> Vec<(Here, &'static str, &'static str)> {
        let Some(session) = self.visit.session() else { return Vec::new() };
        let mut ways = Vec::new();
        if session.is_resident() {
            ways.extend([(Here::Home, "/home", "way-home"), (Here::MyData, "/my-data", "way-my-data")]);
        }
        let desks = Desk::ALL.into_iter().filter(|desk| session.may_enter(*desk));
        ways.extend(desks.map(|desk| (Here::At(desk), desk.path(), desk.name())));
        ways
    }

    fn footer(&self) -> Markup {
        let words = self.visit.words();
        html! {
            footer {
                nav aria-label=(words.say("frame-about")) { ul {
                    li { a href="/privacy" { (words.say("way-privacy")) } }
                    li { a href="/cookies" { (words.say("way-cookies")) } }
                } }
                form.languages method="post" action="/language" {
                    (self.visit.token())
                    fieldset {
                        legend { (words.say("frame-language")) }
                        @for language in [Language::Danish, Language::German, Language::English] {
                            button.quiet name="language" value=(language.word()) lang=(language.word())
                                aria-pressed=(if language == words.language() { "true" } else { "false" }) { (own_name(language)) }
                        }
                    }
                }
            }
        }
    }
}

/// The rooms of a desk, to go from one to another: the address of each and the name of its name in `languages/`.
pub(crate) fn rooms(words: &Words, desk: Desk, rooms: &[(&str, &str)], here: &str) -> Markup {
    html! {
        nav aria-label=(words.say(desk.name())) { ul.tabs { @for (path, name) in rooms {
            li { a href=(path) aria-current=[(*path == here).then_some("page")] { (words.say(name)) } }
        } } }
    }
}

/// What a language calls itself.
const fn own_name(language: Language) -> &'static str {
    match language {
        Language::Danish => "Dansk",
        Language::German => "Deutsch",
        Language::English => "English",
    }
}

/// The sign: a day on a ruler of time, with its mark.
fn sign() -> Markup {
    html! {
        svg.sign viewBox="0 0 32 32" aria-hidden="true" {
            path d="M3 24h26M5 24v-4M11 24v-4M21 24v-4M27 24v-4" {}
            path.mark d="M16 24V8" {}
            circle.mark cx="16" cy="7" r="3" {}
        }
    }
}
