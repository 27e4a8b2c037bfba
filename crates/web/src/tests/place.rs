//! A portal in a folder of its own, with people in its town who log in.

use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use tidstro_flows::identity::{By, Created, create_account};
use tidstro_flows::{
    Answer, IngestOptions, Opening, RetentionOutcome, Workspace, ingest, parse_keys, preview_retention,
    register_master_data, resident_called, run_retention,
};
use tidstro_govern::RegisterFile;
use tidstro_identity::Totp;
use tidstro_model::ActorId;
use tidstro_telegram::KeyRing;
use tidstro_world::{Town, TownPlan};
use tower::ServiceExt as _;

use crate::routes::router;
use crate::{Access, Rate, Settings, Web};

const REGISTER: &str = include_str!("../../../../registers/town.toml");
/// What everybody here chooses.
pub(super) const PASSWORD: &str = "rødgrød med fløde på";
/// What a browser says of a form of our own.
pub(super) const FROM_HERE: &[(&str, &str)] = &[("sec-fetch-site", "same-origin")];

/// A portal, and what it told of accesses.
pub(super) struct Place {
    web: Web,
    router: axum::Router,
    pub(super) accesses: Arc<Mutex<Vec<Access>>>,
    pub(super) problems: Arc<Mutex<Vec<String>>>,
    _folder: tempfile::TempDir,
}

thread_local! {
    /// How far this test has moved its clock.
    static MINUTES: std::cell::Cell<i64> = const { std::cell::Cell::new(0) };
}

/// The clock of the portal in this test.
pub(super) fn now() -> Timestamp {
    let began: Timestamp = "2026-03-20T20:00:00Z".parse().unwrap();
    began + jiff::SignedDuration::from_mins(MINUTES.get())
}

/// Lets time pass.
pub(super) fn pass(minutes: i64) {
    MINUTES.set(MINUTES.get() + minutes);
}

impl Place {
    /// Without anybody in it.
    pub(super) async fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = [RegisterFile { name: "town.toml", text: REGISTER }];
        let opening = Opening { folder: folder.path(), register: Some(&files), master_key: None };
        let workspace = Workspace::open(&opening, now()).await.unwrap();
        let accesses = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&accesses);
        let problems = Arc::new(Mutex::new(Vec::new()));
        let problems_told = Arc::clone(&problems);
        let settings = Settings {
            clock: now,
            is_encrypted: false,
            is_behind_proxy: false,
            on_access: Box::new(move |access| told.lock().unwrap().push(access.clone())),
            on_fault: Box::new(|number, fault| panic!("fault {number}: {fault}")),
            api_rate: Rate::default(),
            on_problem: Box::new(move |problem| problems_told.lock().unwrap().push(problem.line())),
        };
        let web = Web::new(workspace, settings).unwrap();
        Self { router: router(&web), web, accesses, problems, _folder: folder }
    }

    /// What is behind the pages.
    pub(super) fn workspace(&self) -> &Workspace {
        self.web.workspace()
    }

    /// With the town's people and points.
    pub(super) async fn town() -> Self {
        let place = Self::empty().await;
        let town = Town::build(&TownPlan::default());
        let ingester = ActorId::parse("job:ingest").unwrap();
        given(
            register_master_data(place.web.workspace(), &ingester, town.master_data(), now()).await.unwrap(),
        );
        place
    }

    /// Eight years later: nothing is kept any more of who has moved out, and a job has looked at what goes.
    pub(super) async fn gone() -> Self {
        let place = Self::town().await;
        pass(8 * 366 * 24 * 60);
        let job = ActorId::parse("job:retention").unwrap();
        let preview = given(preview_retention(place.web.workspace(), &job, now()).await.unwrap());
        assert!(!preview.is_empty(), "{preview:?}");
        place
    }

    /// The job erases what a preview found.
    pub(super) async fn erase(&self, preview: u64) {
        let job = ActorId::parse("job:retention").unwrap();
        let run = run_retention(self.web.workspace(), &job, preview, now(), |_, _| ()).await.unwrap();
        assert!(matches!(given(run), RetentionOutcome::Erased { .. }));
    }

    pub(super) async fn answer(&self, request: Request<Body>) -> (Response, String) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 20).await.unwrap();
        (Response::from_parts(parts, Body::empty()), String::from_utf8(bytes.to_vec()).unwrap())
    }

    pub(super) async fn get(&self, path: &str) -> (Response, String) {
        self.answer(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// The same, as somebody who is logged in.
    pub(super) async fn get_as(&self, cookie: &str, path: &str) -> (Response, String) {
        self.answer(Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap()).await
    }

    /// With readings of the cold water of the first two flats.
    pub(super) async fn with_water() -> Self {
        let place = Self::town().await;
        let town = Town::build(&TownPlan::default());
        let frames = town.flats[..2]
            .iter()
            .flat_map(|flat| town.telegrams(&format!("{}/cold-water", flat.slug()), town.plan.first_day));
        let hex = |frame: Vec<u8>| frame.iter().map(|byte| format!("{byte:02X}")).collect::<String>() + "\n";
        let lines: String = frames.map(hex).collect();
        let keys = KeyRing::of(parse_keys(&town.keys_csv()).unwrap().meters);
        let options = IngestOptions { source: "test", keys: &keys, progress: &|_| () };
        let ingester = ActorId::parse("job:ingest").unwrap();
        let report = given(
            ingest(place.web.workspace(), &ingester, &mut lines.as_bytes(), &options, &now).await.unwrap(),
        );
        assert!(report.nothing_refused() && report.days_added > 0, "{report:?}");
        place
    }

    /// Takes in lines of telegrams or intervals.
    pub(super) async fn ingest(&self, lines: &str) {
        let keys = KeyRing::new();
        let options = IngestOptions { source: "test", keys: &keys, progress: &|_| () };
        let ingester = ActorId::parse("job:ingest").unwrap();
        let taken = ingest(self.web.workspace(), &ingester, &mut lines.as_bytes(), &options, &now).await;
        given(taken.unwrap());
    }

    /// The resident of the first flat.
    pub(super) async fn resident(&self) -> ActorId {
        self.resident_of(0).await
    }

    /// The resident of a flat.
    pub(super) async fn resident_of(&self, flat: usize) -> ActorId {
        let town = Town::build(&TownPlan::default());
        let reference = Town::person_reference(town.flats[flat].stays[0].tenant);
        resident_called(self.web.workspace(), &reference).await.unwrap().unwrap()
    }

    /// Makes an account and gives the code of its letter.
    pub(super) async fn letter(&self, actor: &ActorId) -> String {
        let by = By { actor: ActorId::parse("staff:ivan").unwrap(), factors: 2 };
        match given(create_account(self.web.workspace(), &by, actor.clone(), now()).await.unwrap()) {
            Created::Created(_, letter) => letter.code.to_string(),
            other => panic!("{other:?}"),
        }
    }

    /// The cookie of the data-protection officer, with both factors proved.
    pub(super) async fn officer(&self) -> String {
        self.with_two_factors("staff:dpo").await
    }

    /// The cookie of a member of the staff who must prove two factors, and has.
    pub(super) async fn with_two_factors(&self, actor: &str) -> String {
        let cookie = self.activated(&ActorId::parse(actor).unwrap()).await;
        let (_, page) = self.get_as(&cookie, "/account/second-factor").await;
        let secret = page.split("<code class=\"key\">").nth(1).unwrap().split('<').next().unwrap();
        let (code, proof) = (Totp::parse(secret).unwrap().code_at(now()), proof_of(&page));
        let fields = [("form", proof.as_str()), ("code", code.as_str())];
        let headers = [FROM_HERE[0], ("cookie", cookie.as_str())];
        let (response, page) = self.answer(form("/account/second-factor", &headers, &encoded(&fields))).await;
        assert_eq!(response.status(), StatusCode::OK, "{page}");
        cookie_of(&response)
    }

    /// Sends a form of a page of one's own, with its proof.
    pub(super) async fn post_as(
        &self,
        cookie: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> (Response, String) {
        let (_, page) = self.get_as(cookie, "/account").await;
        let proof = proof_of(&page);
        let fields = [&[("form", proof.as_str())], fields].concat();
        self.answer(form(path, &[FROM_HERE[0], ("cookie", cookie)], &encoded(&fields))).await
    }

    /// The cookie of somebody who activates their account in the browser.
    pub(super) async fn activated(&self, actor: &ActorId) -> String {
        let (code, name) =
            (self.letter(actor).await, format!("{}@example.org", actor.as_str().replace(':', ".")));
        let name = if actor.subject().is_some() { name } else { String::new() };
        let fields = [("code", code.as_str()), ("name", &name), ("password", PASSWORD)];
        let (response, page) = self.answer(form("/activate", FROM_HERE, &encoded(&fields))).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{page}");
        cookie_of(&response)
    }
}

pub(super) fn given<T>(answer: Answer<T>) -> T {
    match answer {
        Answer::Given(value) => value,
        Answer::Refused(refuse) => panic!("refused: {}", refuse.detail),
    }
}

/// The proof that a page's forms carry.
pub(super) fn proof_of(page: &str) -> String {
    page.split("name=\"form\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// The cookie an answer sets, as a browser sends it back.
pub(super) fn cookie_of(response: &Response) -> String {
    let set = response.headers()[header::SET_COOKIE].to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

/// Fields of a form as a browser sends them.
pub(super) fn encoded(fields: &[(&str, &str)]) -> String {
    let percent = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
    pairs.join("&")
}

pub(super) fn form(path: &str, headers: &[(&str, &str)], fields: &str) -> Request<Body> {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(Body::from(fields.to_owned())).unwrap()
}
