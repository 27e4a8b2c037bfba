//! `/api/v1/corrections`: what people say values are, each at its own moment.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tidstro_flows::{CorrectAsk, ValueGiven, ValueOutcome, ValueTaken, correct};
use tidstro_model::{Decimal, Quality, SeriesNo};
use utoipa::ToSchema;

use super::Answered;
use super::asked::{instant, text};
use super::body::{Sent, whole};
use super::caller::{Caller, Does};
use super::slip::{Slip, cut};
use crate::answered::Problem;
use crate::portal::given;
use crate::visit::Visit;

/// The most values of a request.
const MOST: usize = 1000;

/// Values that are to be corrected.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Corrections)]
pub(crate) struct CorrectionsBody {
    /// What for: an activity of the register that corrects. Without it, the first that suits.
    #[schema(pattern = "^[a-z][a-z0-9:.-]{0,63}$")]
    purpose: Option<String>,
    /// Which category of data; without it, consumption.
    #[schema(pattern = "^[a-z][a-z0-9:.-]{0,63}$")]
    category: Option<String>,
    /// Whether only to tell what would happen.
    #[serde(default)]
    dry_run: bool,
    /// The values.
    #[schema(min_items = 1, max_items = 1000)]
    values: Vec<CorrectionBody>,
}

/// What one value is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Correction)]
pub(crate) struct CorrectionBody {
    /// The metering point, by its own identifier or GSRN.
    #[schema(min_length = 1, max_length = 100, pattern = "^[ -~]+$")]
    point: String,
    /// Which of its series; needed where it has several.
    #[serde(default, deserialize_with = "whole")]
    series: Option<u32>,
    /// Start of the interval, or instant of the reading.
    #[schema(format = DateTime)]
    at: String,
    /// What it is, in kWh or MJ of energy, else in the unit of the series. Left out where it is `missing`.
    #[schema(pattern = "^-?[0-9]{1,12}(\\.[0-9]{1,6})?$")]
    value: Option<String>,
    /// `measured`, `estimated`, `calculated`, or `missing` to cancel the value.
    #[schema(pattern = "^(measured|estimated|calculated|missing)$")]
    quality: String,
    /// Why. It is kept beside the value; name nobody in it.
    #[schema(min_length = 1, max_length = 100, pattern = "^[ -~]+$")]
    reason: String,
}

/// What became of all values.
#[derive(Serialize, ToSchema)]
#[schema(as = Corrected)]
pub(crate) struct Corrected {
    /// Values that have a new version; in a dry run, that would have one.
    changed: usize,
    /// Values that were that already.
    as_it_was: usize,
    /// Values that cannot be.
    refused: usize,
    /// What became of each, in the order of the request.
    outcomes: Vec<Outcome>,
}

/// What became of one value.
#[derive(Serialize, ToSchema)]
#[schema(as = CorrectionOutcome)]
pub(crate) struct Outcome {
    /// Its place in the request, from 1.
    line: u64,
    /// `changed`, `as-it-was`, `refused`.
    outcome: &'static str,
    /// Why it cannot be, and what to do.
    why: Option<String>,
}

/// Corrects values: each that can be gets a new version, the others are told of. Sent again under the same `Idempotency-Key`, it is
/// answered as the first time.
#[utoipa::path(post, operation_id = "correct", path = "/api/v1/corrections", tag = "series", request_body = CorrectionsBody,
    responses((status = 200, description = "What became of each value.", body = Corrected)))]
pub(crate) async fn post(visit: Visit, sent: Sent<CorrectionsBody>) -> Answered {
    sent.once(&visit, async |body| Ok((StatusCode::OK, done(&visit, body).await?))).await
}

async fn done(visit: &Visit, body: CorrectionsBody) -> Result<Corrected, Problem> {
    let caller = Caller::of(visit)?;
    if body.values.is_empty() || body.values.len() > MOST {
        return Err(Slip::TooManyRows { given: body.values.len(), most: MOST }.into());
    }
    let named = (body.purpose.as_deref(), body.category.as_deref());
    let purpose = caller.purpose(Does::Correct, named)?;
    let values = (1..).zip(body.values).map(|(line, value)| value.read(line));
    let ask = CorrectAsk {
        actor: caller.actor().clone(),
        purpose: purpose.activity,
        category: purpose.category,
        values: values.collect::<Result<_, _>>()?,
        is_dry: body.dry_run,
    };
    let taken = given(correct(visit.web().workspace(), ask, visit.now).await?)?;
    Ok(Corrected::of(taken))
}

impl CorrectionBody {
    /// The value as the use takes it, or what is wrong with it and on which line.
    fn read(self, line: u64) -> Result<ValueGiven, Slip> {
        let wrong = |said: String| Slip::Row { line, said };
        let quality = Quality::from_word(&self.quality).ok_or_else(|| {
            let given = cut(&self.quality);
            wrong(format!(
                "`quality` is `{given}`; expected `measured`, `estimated`, `calculated` or `missing`"
            ))
        })?;
        let value = match (self.value.as_deref(), quality) {
            (None, Quality::Missing) => None,
            (Some(_), Quality::Missing) => {
                return Err(wrong("a value that is `missing` has none; leave `value` out".to_owned()));
            }
            (None, _) => {
                return Err(wrong("`value` is not there; give it, or the quality `missing`".to_owned()));
            }
            (Some(given), quality) => {
                let value =
                    Decimal::parse(given.as_bytes()).map_err(|fault| wrong(format!("`value`: {fault}")))?;
                Some((value, quality))
            }
        };
        let at = instant("at", &self.at).map_err(|slip| wrong(slip.to_string()))?;
        let point = text("point", Some(self.point)).map_err(|slip| wrong(slip.to_string()))?;
        let reason = text("reason", Some(self.reason)).map_err(|slip| wrong(slip.to_string()))?;
        Ok(ValueGiven {
            line,
            point: point.unwrap_or_default(),
            series: self.series.map(SeriesNo::new),
            at,
            value,
            reason: reason.unwrap_or_default(),
        })
    }
}

impl Corrected {
    fn of(taken: Vec<ValueTaken>) -> Self {
        let count =
            |word: &str, outcomes: &[Outcome]| outcomes.iter().filter(|one| one.outcome == word).count();
        let outcomes: Vec<Outcome> = taken.into_iter().map(Outcome::of).collect();
        Self {
            changed: count("changed", &outcomes),
            as_it_was: count("as-it-was", &outcomes),
            refused: count("refused", &outcomes),
            outcomes,
        }
    }
}

impl Outcome {
    fn of(taken: ValueTaken) -> Self {
        let (outcome, why) = match taken.outcome {
            ValueOutcome::Changed => ("changed", None),
            ValueOutcome::AsItWas => ("as-it-was", None),
            ValueOutcome::Refused(why) => ("refused", Some(why)),
        };
        Self { line: taken.line, outcome, why }
    }
}
