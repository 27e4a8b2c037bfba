//! The built program, used as people use it: arguments and files in, exit code and words out.
//!
//! Everything it reads is made by `world` or written down in the test. Nothing here looks inside.

#[cfg(test)]
mod account;
#[cfg(test)]
mod alarms;
#[cfg(test)]
mod amounts;
#[cfg(test)]
mod bad_lines;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod collect;
#[cfg(test)]
mod common;
mod control;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod cycle;
#[cfg(test)]
mod demo;
mod doors;
#[cfg(test)]
mod export;
mod findings;
#[cfg(test)]
mod folder;
#[cfg(test)]
#[cfg(unix)]
mod full;
#[cfg(test)]
mod help;
#[cfg(test)]
mod interrupted;
#[cfg(test)]
mod interval_rows;
#[cfg(test)]
mod keys;
#[cfg(test)]
#[cfg(unix)]
mod live;
#[cfg(test)]
mod log;
mod master;
#[cfg(test)]
mod migrate;
#[cfg(test)]
#[expect(dead_code, reason = "these tests restart none")]
#[path = "../../../flows/tests/uplinks/mosquitto.rs"]
mod mosquitto;
#[cfg(test)]
mod notice;
#[cfg(test)]
mod pushes;
#[cfg(test)]
mod register;
#[cfg(test)]
mod resident;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod serve;
mod settle;
#[cfg(test)]
mod telegrams;
#[cfg(test)]
mod twice;
#[cfg(test)]
mod versions;
