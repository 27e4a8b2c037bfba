//! Looking at a page: does it fit, is it one, what does axe find, and what does it look like.

use std::path::Path;

use fantoccini::Client;
use serde_json::{Value, json};

use super::BrowseFault;
use crate::python;

/// Widths of a phone and of a desk, in CSS pixels.
pub(super) const WIDTHS: [u32; 2] = [390, 1280];
/// The rules of WCAG 2.2 AA, as axe groups them.
const RULES: [&str; 5] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/// The text of axe-core.
pub(super) fn axe() -> Result<String, BrowseFault> {
    let path = python::axe().map_err(|said| BrowseFault::Start { what: "axe-core", said })?;
    Ok(std::fs::read_to_string(path)?)
}

/// What is wrong with the page that is shown; empty if nothing is.
pub(super) async fn wrong(
    client: &Client,
    language: &str,
    axe: Option<&str>,
) -> Result<Vec<String>, BrowseFault> {
    let source = client.source().await?;
    let mut wrong = Vec::new();
    if !source.contains(&format!("<html lang=\"{language}\"")) {
        wrong.push(format!("it is not in `{language}`"));
    }
    if !source.contains("<h1>") {
        wrong.push("it has no heading".to_owned());
    }
    if source.contains("role=\"alert\"") || source.contains("class=\"wrong\"") {
        wrong.push("it says that something is wrong".to_owned());
    }
    if let Some(axe) = axe {
        wrong.extend(not_answered(client).await?);
        wrong.extend(wider_than_the_screen(client).await?);
        wrong.extend(findings(client, axe).await?);
    }
    Ok(wrong)
}

/// A refusal or fault is a page too, and none of a walk.
async fn not_answered(client: &Client) -> Result<Option<String>, BrowseFault> {
    let asked = "return performance.getEntriesByType('navigation')[0].responseStatus";
    let status = client.execute(asked, Vec::new()).await?.as_u64().unwrap_or(0);
    Ok((status != 200).then(|| format!("it is answered with status {status}")))
}

async fn wider_than_the_screen(client: &Client) -> Result<Option<String>, BrowseFault> {
    let asked = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    let over = client.execute(asked, Vec::new()).await?.as_i64().unwrap_or(0);
    Ok((over > 0).then(|| format!("it is {over} px wider than the screen")))
}

/// Each rule of axe that is broken, and where.
async fn findings(client: &Client, axe: &str) -> Result<Vec<String>, BrowseFault> {
    client.execute(axe, Vec::new()).await?;
    let run = "const done = arguments[arguments.length - 1]; \
               axe.run(document, { runOnly: arguments[0] }).then((found) => done(found.violations.map((v) => \
               v.id + \": \" + v.nodes.map((n) => n.target.join(\" \")).join(\", \"))), (fault) => done([String(fault)]))";
    let found = client.execute_async(run, vec![json!(RULES)]).await?;
    let texts = found.as_array().into_iter().flatten().filter_map(Value::as_str);
    Ok(texts.map(|text| format!("axe: {text}")).collect())
}

/// A picture of the whole page in the width it has.
pub(super) async fn picture(client: &Client, file: &Path) -> Result<(), BrowseFault> {
    Ok(std::fs::write(file, client.screenshot().await?)?)
}
