//! Privacy notices as public pages, and which cookies there are. Notices are made from the register that decides, so that what is told
//! is what is done.

use axum::extract::Path;
use axum::response::{Html, IntoResponse as _};
use maud::html;
use tidstro_model::NoticeId;

use super::Page;
use crate::answered::Problem;
use crate::page::{Frame, Here};
use crate::visit::Visit;

/// `GET /privacy`: the notice, or the list of them where the register has several.
pub(crate) async fn list(visit: Visit) -> Page {
    let words = visit.words();
    let notices: Vec<_> = visit.web().workspace().register().notices().collect();
    if notices.is_empty() {
        return whole(&visit, None);
    }
    let body = html! {
        ul { @for part in notices {
            li { a href=(format!("/privacy/{}", part.id)) { (part.title.in_language(words.language())) } }
        } }
    };
    Ok(Frame { visit: &visit, title: words.say("way-privacy"), here: Here::Outside }.around(&body))
}

/// `GET /privacy/{notice}`.
pub(crate) async fn page(visit: Visit, Path(notice): Path<String>) -> Page {
    let notice = NoticeId::parse(&notice).map_err(|_| Problem::NotFound)?;
    whole(&visit, Some(&notice))
}

fn whole(visit: &Visit, id: Option<&NoticeId>) -> Page {
    let register = visit.web().workspace().register();
    let notice =
        tidstro_govern::notice(register, id, visit.words().language()).map_err(|_| Problem::NotFound)?;
    Ok(Html(notice.to_html()).into_response())
}

/// `GET /cookies`: the two there are.
pub(crate) async fn cookies(visit: Visit) -> Page {
    let words = visit.words();
    let body = html! {
        p { (words.say("cookies-what")) }
        div.wide tabindex="0" { table {
            thead { tr { th scope="col" { (words.say("cookies-name")) } th scope="col" { (words.say("cookies-purpose")) } th scope="col" { (words.say("cookies-until")) } } }
            tbody {
                tr { th scope="row" { code { "session" } } td { (words.say("cookies-session")) } td { (words.say("cookies-session-until")) } }
                tr { th scope="row" { code { "language" } } td { (words.say("cookies-language")) } td { (words.say("cookies-language-until")) } }
            }
        } }
        p { (words.say("cookies-no-others")) }
    };
    Ok(Frame { visit: &visit, title: words.say("way-cookies"), here: Here::Outside }.around(&body))
}
