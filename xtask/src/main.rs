//! Developer tasks: `cargo xtask conform|bench …`.

mod bench;
mod conform;

use std::process::ExitCode;

const USAGE: &str = "\
usage:
  cargo xtask conform NAME PATH [--verbose] [--assume-decrypted]   run one corpus through the public interfaces
  cargo xtask bench [--json]                                       print the benchmark table";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        Some((task, rest)) if task == "conform" => conform::run(rest),
        Some((task, rest)) if task == "bench" => bench::run(rest),
        _ => misuse(USAGE),
    }
}

/// Says how to call it; exit code 2 is bad use.
fn misuse(words: &str) -> ExitCode {
    eprintln!("{words}");
    ExitCode::from(2)
}
