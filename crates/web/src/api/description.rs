//! The API as OpenAPI 3.1, made of the code that answers.
//!
//! What comes in: what stands beside each address. What goes out: one document, the same for everybody. A test holds it against the
//! table of routes.

use std::sync::LazyLock;

use axum::http::{HeaderValue, header};
use axum::response::IntoResponse as _;
use serde::Serialize;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, ObjectBuilder, OpenApi as Document, Ref, Required, ResponseBuilder, Type,
};
use utoipa::{Modify, OpenApi, ToSchema};

use super::{Answered, alarms, clocks, corrections, cycle, events, my_data, points, series, values};

/// Where it is found.
pub(crate) const PATH: &str = "/api/v1/openapi.json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tidstro",
        version = "1",
        description = "Metering data under law. Every answer was asked for at the gate, for a purpose of the register of processing \
            activities, and is in its log. Decimals are texts, instants are in UTC (RFC 3339), days are local days of the register's \
            zone, ranges are half open."
    ),
    paths(
        series::list,
        values::list,
        points::list,
        alarms::list,
        cycle::list,
        clocks::list,
        my_data::show,
        corrections::post,
        events::post,
        document
    ),
    components(schemas(ProblemDocument)),
    modifiers(&Common),
    tags(
        (name = "series", description = "Series, their points and their values."),
        (name = "operation", description = "What meters say of themselves, and how far operating days have come."),
        (name = "governance", description = "What the law asks for."),
        (name = "own", description = "What people may know of themselves."),
        (name = "description", description = "This document.")
    )
)]
struct Api;

/// Why there is no answer (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument {
    /// What programs tell it by.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference")]
    pub(crate) kind: String,
    /// What happened, in the language of the caller.
    pub(crate) title: String,
    /// The status once more.
    #[schema(minimum = 400, maximum = 599)]
    pub(crate) status: u16,
    /// What to do.
    pub(crate) detail: String,
    /// The rule of the register that refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<&'static str>,
    /// By what the operator finds it in the program's messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri-reference")]
    pub(crate) instance: Option<String>,
}

/// What all addresses have in common: who may ask, and what they are told when there is no answer.
struct Common;

/// Problems any address may answer with.
const PROBLEMS: [(&str, &str); 8] = [
    ("400", "The request cannot be read."),
    ("401", "No good token, and nobody is logged in."),
    ("403", "The register does not allow it, or the token does not name the purpose."),
    ("404", "Not there, or not in the caller's scope."),
    ("408", "It took too long."),
    ("422", "The request can be read and means nothing."),
    ("429", "Too many requests; `Retry-After` says when to go on."),
    ("500", "A fault of the program; the operator finds it by `instance`."),
];

/// Problems of requests that change something, besides.
const PROBLEMS_OF_CHANGES: [(&str, &str); 3] = [
    ("409", "The request with this key is being done."),
    ("413", "The body is too large."),
    ("415", "The body is not JSON."),
];

impl Modify for Common {
    fn modify(&self, api: &mut Document) {
        let components = api.components.get_or_insert_default();
        let bearer = Http::builder().scheme(HttpAuthScheme::Bearer).description(Some("Token of a program."));
        components.add_security_scheme("token", SecurityScheme::Http(bearer.build()));
        let cookie = ApiKeyValue::with_description("session", "Session of somebody who is logged in.");
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        for (path, item) in &mut api.paths.paths {
            let is_open = path == PATH;
            for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
                add_problems(operation, &PROBLEMS);
                if !is_open {
                    operation.security = Some(vec![needs("token"), needs("session")]);
                }
            }
            if let Some(read) = &mut item.get {
                add_tags(read);
            }
            if let Some(change) = &mut item.post {
                add_problems(change, &PROBLEMS_OF_CHANGES);
                add_key(change);
            }
        }
    }
}

fn needs(name: &str) -> utoipa::openapi::security::SecurityRequirement {
    utoipa::openapi::security::SecurityRequirement::new::<_, [&str; 0], &str>(name, [])
}

fn add_problems(operation: &mut Operation, problems: &[(&str, &str)]) {
    let content = || ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    for (status, what) in problems {
        let problem =
            ResponseBuilder::new().description(*what).content("application/problem+json", content());
        operation.responses.responses.insert((*status).to_owned(), problem.build().into());
    }
}

/// Reading again costs nothing where nothing changed.
fn add_tags(read: &mut Operation) {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let asks = ParameterBuilder::new()
        .name("If-None-Match")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("`ETag` of an answer the caller has."))
        .schema(Some(text()));
    read.parameters.get_or_insert_default().push(asks.build().into());
    let unchanged = ResponseBuilder::new().description("The caller has it already.").build();
    read.responses.responses.insert("304".to_owned(), unchanged.into());
    let tag =
        HeaderBuilder::new().schema(Some(text())).description(Some("What tells this answer from others."));
    if let Some(utoipa::openapi::RefOr::T(answer)) = read.responses.responses.get_mut("200") {
        answer.headers.insert("ETag".to_owned(), tag.build().into());
    }
}

/// A change is done once, however often it is sent.
fn add_key(change: &mut Operation) {
    let key = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(
            "What the request is known by for 24 hours: sent again with the same key and body, it is answered as the first time.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[!-~]{1,64}$"))));
    change.parameters.get_or_insert_default().push(key.build().into());
}

/// The document.
pub(crate) static DOCUMENT: LazyLock<String> =
    LazyLock::new(|| Api::openapi().to_pretty_json().unwrap_or_default());

/// This document.
#[utoipa::path(get, operation_id = "describe", path = "/api/v1/openapi.json", tag = "description",
    responses((status = 200, description = "OpenAPI 3.1.", body = Object, content_type = "application/json")))]
pub(crate) async fn document() -> Answered {
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(([kind], DOCUMENT.as_str()).into_response())
}
