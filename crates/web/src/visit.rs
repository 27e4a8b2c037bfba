//! Who asks, and how: language, session, whether a form is our own.
//!
//! What comes in: the head of a request. What goes out: a [`Visit`], made once for a request and handed to whoever needs it. Never: a
//! token in a page or a message; forms carry one derived from it.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, RawForm, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tidstro_flows::identity::{self, Browser, Machine, Origin, Session};
use tidstro_govern::Language;
use tidstro_model::ActorId;
use zeroize::Zeroizing;

use crate::Web;
use crate::answered::Problem;
use crate::api::caller::Caller;
use crate::door::{Desk, Door};
use crate::serve::Peer;
use crate::words::{Words, preferred};

/// The cookie with the language somebody chose. It says nothing else.
pub(crate) const LANGUAGE_COOKIE: &str = "language";

/// Where addresses of programs begin.
pub(crate) const API: &str = "/api/";

/// Who asks, and how.
#[derive(Clone)]
pub(crate) struct Visit {
    web: Web,
    language: Language,
    session: Option<Arc<There>>,
    shows_token: bool,
    program: Option<Arc<Machine>>,
    /// When.
    pub(crate) now: Timestamp,
    /// From what class of addresses.
    pub(crate) origin: Origin,
    /// With what, in coarse words.
    pub(crate) browser: Browser,
}

/// Somebody who has begun to log in, or has.
pub(crate) struct There {
    session: Session,
    token: Zeroizing<String>,
    desks: Vec<Desk>,
}

impl There {
    /// Who it is.
    pub(crate) const fn actor(&self) -> &ActorId {
        self.session.actor()
    }

    /// The session, for the uses of accounts.
    pub(crate) const fn session(&self) -> &Session {
        &self.session
    }

    /// The secret of the session.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Whether it is somebody with consumption of their own.
    pub(crate) fn is_resident(&self) -> bool {
        self.session.is_resident()
    }

    /// Whether a desk is theirs.
    pub(crate) fn may_enter(&self, desk: Desk) -> bool {
        self.session.may_work() && self.desks.contains(&desk)
    }

    /// What the frame calls them: staff by the name of their account, residents not at all.
    pub(crate) fn called(&self) -> Option<&str> {
        let name = self.session.actor().as_str().split(':').next_back();
        name.filter(|_| !self.session.is_resident())
    }
}

impl Visit {
    /// Reads the head of a request, once.
    pub(crate) async fn of(web: &Web, parts: &mut Parts) -> Self {
        if let Some(visit) = parts.extensions.get::<Self>() {
            return visit.clone();
        }
        let now = web.now();
        let shown = shown_token(parts);
        let token = cookie(&parts.headers, session_cookie(web.is_encrypted()))
            .map(|token| Zeroizing::new(token.to_owned()));
        // Who shows a token is nobody else besides, whatever cookies come along.
        let session = match token.filter(|_| shown.is_none()) {
            Some(token) => there(web, token, now).await,
            None => None,
        };
        let program = match &shown {
            Some(token) => identity::machine_of(web.workspace(), token, now).await.ok().flatten(),
            None => None,
        };
        let visit = Self {
            web: web.clone(),
            language: language(&parts.headers),
            session: session.map(Arc::new),
            shows_token: shown.is_some(),
            program: program.map(Arc::new),
            now,
            origin: Origin::of(address(web, parts)),
            browser: Browser::of(text(&parts.headers, header::USER_AGENT)),
        };
        parts.extensions.insert(visit.clone());
        visit
    }

    pub(crate) const fn web(&self) -> &Web {
        &self.web
    }

    pub(crate) fn words(&self) -> &Words {
        self.web.languages().of(self.language)
    }

    /// Who is there, if anybody is.
    pub(crate) fn session(&self) -> Option<&There> {
        self.session.as_deref()
    }

    /// Who is there, behind a door that let only somebody in.
    pub(crate) fn there(&self) -> Result<&There, Problem> {
        self.session().ok_or(Problem::LogIn)
    }

    /// Who is there, with a proof young enough for exports, keys and the account itself; otherwise they prove themselves again and come
    /// back to a page of ours.
    pub(crate) fn proven(&self, then: &str) -> Result<&There, Problem> {
        let there = self.there()?;
        if there.session.is_fresh(self.now) { Ok(there) } else { Err(Problem::Prove(then.to_owned())) }
    }

    /// The program that shows a good token.
    pub(crate) fn program(&self) -> Option<&Machine> {
        self.program.as_deref()
    }

    /// Whether a token is shown, good or not: no browser does that by itself, so no other site can make it.
    pub(crate) const fn shows_token(&self) -> bool {
        self.shows_token
    }

    /// The hidden field of a form: proof that the form is ours and of this session.
    pub(crate) fn token(&self) -> Markup {
        html! { @if let Some(there) = self.session() { input type="hidden" name="form" value=(there.session.csrf()); } }
    }

    /// Why this visitor may not come in at a door, if so.
    pub(crate) fn refused_at(&self, door: Door) -> Option<Problem> {
        if let Door::Api(does) = door {
            let may = Caller::of(self).map(|caller| caller.may(does));
            return may.map_or_else(Some, |may| (!may).then_some(Problem::NotYours));
        }
        let there = match (door, self.session()) {
            (Door::Public, _) => return None,
            (_, None) => return Some(Problem::LogIn),
            (_, Some(there)) => there,
        };
        let (may, otherwise) = match door {
            Door::Public | Door::Begun => (true, Problem::LogIn),
            Door::Account => (there.session.may_work(), Problem::LogIn),
            Door::Resident if there.session.may_work() => (there.is_resident(), Problem::NotYours),
            Door::Of(desk) if there.session.may_work() => (there.may_enter(desk), Problem::NotYours),
            Door::Resident | Door::Of(_) | Door::Api(_) => (false, Problem::LogIn),
        };
        (!may).then_some(otherwise)
    }
}

/// The session of a token. A store that does not answer lets nobody in; the page behind the door will tell of it.
async fn there(web: &Web, token: Zeroizing<String>, now: Timestamp) -> Option<There> {
    let session = identity::session_of(web.workspace(), &token, now).await.ok().flatten()?;
    let register = web.workspace().register();
    let desks = Desk::ALL.into_iter().filter(|desk| desk.admits(register, session.roles())).collect();
    Some(There { session, token, desks })
}

impl FromRequestParts<Web> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Infallible> {
        Ok(Self::of(web, parts).await)
    }
}

/// What a form of a page brought, its proof checked. A field that may come more than once is a list. Before anybody is known the browser's word for where it comes from is the proof
/// ([`from_here`]).
pub(crate) struct Posted<T>(pub(crate) T);

#[derive(Deserialize)]
struct Proof {
    #[serde(default)]
    form: Zeroizing<String>,
}

impl<T: DeserializeOwned> FromRequest<Web> for Posted<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::of(web, &mut parts).await;
        let request = Request::from_parts(parts, body);
        let RawForm(body) = RawForm::from_request(request, web).await.map_err(|_| Problem::BadForm)?;
        // Twice, because numbers and lists are not read through a flattened field.
        let Proof { form } = serde_html_form::from_bytes(&body).map_err(|_| Problem::BadForm)?;
        let is_ours = visit.session().is_none_or(|there| there.session.csrf_holds(&form));
        if !is_ours {
            return Err(Problem::BadForm);
        }
        serde_html_form::from_bytes(&body).map(Self).map_err(|_| Problem::BadForm)
    }
}

/// Lets nothing be changed from another site: the browser says where a request comes from (Fetch metadata), or at least the site.
pub(crate) async fn from_here(
    State(web): State<Web>,
    visit: Visit,
    request: Request,
    next: Next,
) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    // Of a program nobody knows there is nothing to protect: its door tells it to show a token.
    let is_strange_program = visit.session().is_none() && request.uri().path().starts_with(API);
    if is_read
        || visit.shows_token()
        || is_strange_program
        || comes_from_here(request.headers(), web.is_encrypted())
    {
        return next.run(request).await;
    }
    Problem::BadForm.into_response()
}

fn comes_from_here(headers: &HeaderMap, is_encrypted: bool) -> bool {
    match text(headers, "sec-fetch-site") {
        "same-origin" => return true,
        "" => {}
        _ => return false,
    }
    let scheme = if is_encrypted { "https" } else { "http" };
    let host = text(headers, header::HOST);
    !host.is_empty() && text(headers, header::ORIGIN) == format!("{scheme}://{host}")
}

/// The name of the cookie with the token. With the prefix a browser takes it only over HTTPS, for this host and all of it (RFC
/// 6265bis, 4.1.3.2).
pub(crate) const fn session_cookie(is_encrypted: bool) -> &'static str {
    if is_encrypted { "__Host-session" } else { "session" }
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// The token of a request to the API (RFC 6750, 2.1). Pages know no tokens.
fn shown_token(parts: &Parts) -> Option<Zeroizing<String>> {
    let (scheme, token) = text(&parts.headers, header::AUTHORIZATION).split_once(' ')?;
    let is_shown = parts.uri.path().starts_with(API) && scheme.eq_ignore_ascii_case("bearer");
    is_shown.then(|| Zeroizing::new(token.trim().to_owned()))
}

fn text(headers: &HeaderMap, name: impl header::AsHeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn language(headers: &HeaderMap) -> Language {
    let chosen = cookie(headers, LANGUAGE_COOKIE).and_then(Language::from_word);
    chosen.unwrap_or_else(|| preferred(text(headers, header::ACCEPT_LANGUAGE)))
}

/// Where a request comes from. A proxy adds whom it was asked by at the end; what stands before is what strangers write.
fn address(web: &Web, parts: &Parts) -> IpAddr {
    // A proxy may add a line of its own instead of a word to the line that is there: the last line counts, and its last word.
    let line =
        parts.headers.get_all("x-forwarded-for").iter().next_back().and_then(|line| line.to_str().ok());
    let forwarded = line.and_then(|line| line.rsplit(',').next()?.trim().parse().ok());
    match (web.is_behind_proxy(), forwarded) {
        (true, Some(address)) => address,
        _ => parts.extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip()),
    }
}
