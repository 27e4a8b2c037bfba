//! The files a town's gateways and head-end deliver.

use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use tidstro_world::Town;

use crate::fault::CommandFault;

/// Where the files are.
pub(super) struct TownFiles {
    pub(super) folder: PathBuf,
    /// Gateways' uploads, then the head-end's interval data and pushes.
    pub(super) inputs: Vec<PathBuf>,
    pub(super) keys: PathBuf,
    /// How cold months were: name and text.
    pub(super) weather: (String, Vec<u8>),
    /// Keys of the electricity meters that push under protection.
    pub(super) push_keys: PathBuf,
}

/// Writes them below the data folder, where they may be looked at.
pub(super) fn write(data: &Path, town: &Town) -> Result<TownFiles, CommandFault> {
    let folder = data.join("town");
    let keys = folder.join("keys.csv");
    std::fs::write(&keys, town.keys_csv())
        .map_err(|source| CommandFault::File { path: keys.clone(), source })?;
    let mut inputs = Vec::new();
    for (name, days) in town.gateway_files() {
        inputs.push(write_days(folder.join(name), days)?);
    }
    inputs.push(write_days(folder.join("head-end-543.csv"), town.interval_days())?);
    let (name, market) = town.market_file();
    inputs.push(write_days(folder.join(name), market)?);
    let (name, pushes) = town.push_file();
    inputs.push(write_days(folder.join(name), std::iter::once(pushes))?);
    let push_keys =
        write_days(folder.join("push-keys.csv"), std::iter::once(town.push_keys_csv().into_bytes()))?;
    inputs.push(write_days(folder.join("pushes-543.jsonl"), town.push_days())?);
    let weather = ("degree_days.csv".to_owned(), town.degree_days_csv().into_bytes());
    write_days(folder.join(&weather.0), std::iter::once(weather.1.clone()))?;
    Ok(TownFiles { folder, inputs, keys, weather, push_keys })
}

fn write_days(path: PathBuf, days: impl Iterator<Item = Vec<u8>>) -> Result<PathBuf, CommandFault> {
    let unwritable = |source| CommandFault::File { path: path.clone(), source };
    let mut file = BufWriter::new(std::fs::File::create(&path).map_err(unwritable)?);
    for day in days {
        file.write_all(&day).map_err(unwritable)?;
    }
    file.flush().map_err(unwritable)?;
    Ok(path)
}
