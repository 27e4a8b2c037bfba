//! Many inputs one after another under one set of permits: files of a folder, messages of a broker, requests.
//!
//! What comes in: bytes, and who sent them. What goes out: a report, once everything it counts is durable, so that
//! whoever waits for it may acknowledge. Cut short at any moment nothing is half there: the same input again adds
//! what is missing.

use std::io::Read;

use tidstro_model::ActorId;
use tidstro_telegram::KeyRing;
use tidstro_telegram::uplink::Form;

use super::batch::{lines_of_messages, lines_of_posts};
use super::lines::Lines;
use super::noted::{InputsOfDay, Noted, Noting};
use super::report::Reports;
use super::telegrams::Run;
use super::{Begin, Clock, IngestOptions, IngestReport, begin, intervals};
use crate::answer::given;
use crate::{Answer, FlowFault, Workspace};

/// A run that takes what comes, until nobody gives it any more.
pub struct Intake<'a> {
    workspace: &'a Workspace,
    actor: &'a ActorId,
    keys: &'a KeyRing,
    clock: Clock<'a>,
    run: Run<'a>,
    of_day: InputsOfDay,
}

/// Lines that came at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it came through: the gateway of lines that name none.
    pub channel: String,
    /// Lines of telegrams, one or several.
    pub lines: Vec<u8>,
}

impl<'a> Intake<'a> {
    /// Begins, and looks again at what an interrupted run left; the report says what came of that. `source` is the
    /// name of what will be listened to.
    ///
    /// # Errors
    /// [`FlowFault`] if the store fails.
    pub async fn begin(
        workspace: &'a Workspace,
        actor: &'a ActorId,
        keys: &'a KeyRing,
        source: &str,
        clock: Clock<'a>,
    ) -> Result<Answer<(Self, IngestReport)>, FlowFault> {
        let mut run = match Run::begin(workspace, actor, keys, clock).await? {
            Answer::Given(run) => run,
            Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
        };
        let mut report = IngestReport::of(source);
        run.recover(&run.origin(source, None).await?, &mut report).await?;
        let of_day = InputsOfDay::default();
        Ok(Answer::Given((Self { workspace, actor, keys, clock, run, of_day }, report)))
    }

    /// Reads exports that these forms describe, too: one whose header begins an input is how it is read.
    #[must_use]
    pub fn with_forms(mut self, forms: &'a [Form]) -> Self {
        self.run.forms = forms;
        self
    }

    /// Takes an input to its end, telegrams or interval data. A `gateway` given here is believed over what the lines
    /// say.
    ///
    /// # Errors
    /// [`FlowFault`] if the input cannot be read or the store fails; what was acknowledged is kept.
    pub async fn take(
        &mut self,
        input: &mut (dyn Read + Send),
        source: &str,
        gateway: Option<&str>,
        progress: &dyn Fn(u64),
    ) -> Result<Answer<IngestReport>, FlowFault> {
        let mut lines = Lines::new(input, source);
        match begin(&mut lines, self.run.forms)? {
            Begin::Intervals => {
                let options = IngestOptions { source, keys: self.keys, progress };
                let noting = (self.clock, Noting::Apart);
                return intervals::ingest(self.workspace, self.actor, lines, &options, noting).await;
            }
            Begin::WrongHeader(line) => {
                return intervals::refuse_header(self.workspace, self.actor, (source, line), self.clock)
                    .await;
            }
            Begin::Telegrams => {}
        }
        let noted = Noted::begin(self.workspace, source, (self.clock, Noting::Apart)).await?;
        let origin = self.run.origin(source, gateway).await?;
        let mut reports = Reports::one(source);
        given!(self.run.take(&mut lines, &origin, progress, &mut reports).await?);
        noted.end(&reports.whole).await?;
        Ok(Answer::Given(reports.whole))
    }

    /// Takes interval data that a gateway posted, with their header. What came from it on one local day is one input in the list
    /// of inputs.
    ///
    /// # Errors
    /// As [`Intake::take`].
    pub async fn take_posted_intervals(
        &mut self,
        mut body: &[u8],
        gateway: &str,
    ) -> Result<Answer<IngestReport>, FlowFault> {
        let mut lines = Lines::new(&mut body, gateway);
        begin(&mut lines, self.run.forms)?;
        let options = IngestOptions { source: gateway, keys: self.keys, progress: &|_| () };
        let noting = (self.clock, Noting::OfDay(&mut self.of_day));
        intervals::ingest(self.workspace, self.actor, lines, &options, noting).await
    }

    /// Takes messages with telegrams, all of them in few transactions. Line numbers count messages.
    ///
    /// # Errors
    /// [`FlowFault`] if the store fails; what was acknowledged is kept.
    pub async fn take_messages(
        &mut self,
        source: &str,
        messages: &[Message],
    ) -> Result<Answer<IngestReport>, FlowFault> {
        let origin = self.run.origin(source, None).await?;
        let mut reports = Reports::one(source);
        given!(self.run.take_lines(lines_of_messages(messages, origin), &origin, &mut reports).await?);
        Ok(Answer::Given(reports.whole))
    }

    /// Takes what gateways sent, each known by more than its word, all of it in few transactions. Gives the report of each,
    /// and what is counted for all of them together.
    ///
    /// # Errors
    /// [`FlowFault`] if the store fails; what was acknowledged is kept.
    pub(super) async fn take_posts(
        &mut self,
        source: &str,
        posts: &[Message],
    ) -> Result<Answer<(Vec<IngestReport>, IngestReport)>, FlowFault> {
        let origin = self.run.origin(source, None).await?;
        let mut reports = Reports::one(source);
        reports.each = posts.iter().map(|post| IngestReport::of(&post.channel)).collect();
        given!(self.run.take_lines(lines_of_posts(posts, origin), &origin, &mut reports).await?);
        Ok(Answer::Given((reports.each, reports.whole)))
    }

    /// The present moment.
    pub(super) fn now(&self) -> jiff::Timestamp {
        (self.clock)()
    }

    pub(super) const fn workspace(&self) -> &'a Workspace {
        self.workspace
    }
}
