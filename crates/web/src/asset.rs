//! What pages need besides themselves: one style, one script, one sign. They come with the program and never change under their
//! name: the name holds a hash of the content, so that a browser may keep them for ever.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

/// A file of the program.
pub(crate) struct Asset {
    name: &'static str,
    end: &'static str,
    kind: &'static str,
    content: &'static str,
    hash: LazyLock<String>,
}

/// The style of every page.
pub(crate) static STYLE: Asset = Asset {
    name: "tidstro",
    end: "css",
    kind: "text/css; charset=utf-8",
    content: include_str!("../assets/tidstro.css"),
    hash: LazyLock::new(|| hash(include_str!("../assets/tidstro.css"))),
};
/// The script: hover and keys. Every page works without it.
pub(crate) static SCRIPT: Asset = Asset {
    name: "tidstro",
    end: "js",
    kind: "text/javascript; charset=utf-8",
    content: include_str!("../assets/tidstro.js"),
    hash: LazyLock::new(|| hash(include_str!("../assets/tidstro.js"))),
};
/// The sign in the browser's tab.
pub(crate) static SIGN: Asset = Asset {
    name: "sign",
    end: "svg",
    kind: "image/svg+xml",
    content: include_str!("../assets/sign.svg"),
    hash: LazyLock::new(|| hash(include_str!("../assets/sign.svg"))),
};

impl Asset {
    /// Where it is found.
    pub(crate) fn path(&self) -> String {
        format!("/assets/{}", self.file())
    }

    fn file(&self) -> String {
        format!("{}-{}.{}", self.name, *self.hash, self.end)
    }
}

/// The first 64 bits of a content's hash.
fn hash(content: &str) -> String {
    Sha256::digest(content).iter().take(8).fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// `GET /assets/{file}`.
pub(crate) async fn answer(Path(file): Path<String>) -> Response {
    let Some(asset) = [&STYLE, &SCRIPT, &SIGN].into_iter().find(|asset| asset.file() == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    (headers, asset.content).into_response()
}
