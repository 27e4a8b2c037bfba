//! The command line of `counters`.

use clap::Subcommand;
use jiff::civil::Date;
use tidstro_flows::AnewReason;
use tidstro_model::{DeviceId, MeterId};

use super::day;

#[derive(Debug, Subcommand)]
pub(crate) enum CountersCommand {
    /// Let a meter's counters begin anew: its radio was exchanged, its battery was empty, or it was set up again
    ///
    /// What the meter sends from that day on counts. What was sent before does not, as far as its gateway, its own clock or
    /// kept bytes tell; nor does anything less protected than what the meter has sent. A key that follows another needs
    /// none of this.
    Forget {
        /// The meter, such as `KAM 12345678 v1B t07`
        #[arg(value_parser = meter)]
        meter: MeterId,
        /// The first local day on which its counters count anew
        #[arg(long, value_name = "DATE", value_parser = day)]
        from: Date,
        /// Why: `exchanged`, `battery-empty` or `set-up-again`
        #[arg(long, value_parser = reason)]
        reason: AnewReason,
        /// Who says so: an actor that keeps keys
        #[arg(long)]
        actor: String,
    },
}

fn meter(text: &str) -> Result<MeterId, String> {
    let told = DeviceId::parse(text).map_err(|fault| format!("`{text}` {fault}"))?;
    told.meter().ok_or_else(|| "counters of a DLMS meter follow its keys; bring its new ones".to_owned())
}

fn reason(text: &str) -> Result<AnewReason, String> {
    let words = AnewReason::ALL.map(AnewReason::word).join(", ");
    AnewReason::from_word(text).ok_or_else(|| format!("write one of {words}"))
}
