//! Developer tasks: `cargo xtask test|conform|bench|browse|crash …`.

mod bench;
mod browse;
mod cargo;
mod conform;
mod crash;
mod python;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
usage:
  cargo xtask test                                                 every check, in order, to the first failure
  cargo xtask conform NAME PATH [--verbose] [--assume-decrypted]   run one corpus through the public interfaces
  cargo xtask bench [--json] [NAME…]                               print the benchmark table
  cargo xtask browse [--pictures FOLDER]                           walk the portal in a browser, and look at each page
  cargo xtask crash [--kills N] [--seed N]                         kill the program, and look for what it acknowledged";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        Some((task, [])) if task == "test" => test::run(),
        Some((task, rest)) if task == "conform" => conform::run(rest),
        Some((task, rest)) if task == "bench" => bench::run(rest),
        Some((task, rest)) if task == "browse" => browse::run(rest),
        Some((task, rest)) if task == "crash" => crash::run(rest),
        _ => misuse(USAGE),
    }
}

/// Says how to call it; exit code 2 is bad use.
fn misuse(words: &str) -> ExitCode {
    eprintln!("{words}");
    ExitCode::from(2)
}
