//! The portal under load: how long people wait, and what their sessions cost.
//!
//! A grid area with 100,000 customers, of whom some have a year of hours behind them; 2,000 are logged in. The portal runs in a process of
//! its own, as `tidstro serve` runs it, and is asked over loopback from here, on the same two cores. A request counts from when it was to
//! be sent, so that one that waits behind a slow one is as slow as somebody would find it.

mod client;
mod town;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use tidstro_web::{Rate, Settings, Web, serve};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use self::client::{Got, Load, Wanted};
use self::town::{Asked, POINTS};
use super::latency::percentile;
use super::peak::peak_of;
use super::workspace::{Bench, NOW, expect};
use super::{BenchFault, Figure, Figures, Inputs};

/// Set in the process that serves: the folder.
const CHILD: &str = "TIDSTRO_BENCH_PORTAL";
/// Requests a second, and for how long.
const RATE: u32 = 200;
const SECONDS: u32 = 20;
/// How often a page is asked for by one person alone.
const ALONE: u32 = 200;
/// The desk's list of what waits for a decision.
const QUEUE: &str = "/desk/meter-data/findings";

/// Every figure of the portal.
pub(super) fn figures(inputs: &Inputs) -> Figures {
    if let Ok(folder) = std::env::var(CHILD) {
        return serve_for_ever(Path::new(&folder));
    }
    let folder = tempfile::tempdir()?;
    let asked = town::fill(folder.path(), inputs.points.unwrap_or(POINTS))?;
    let begun = Instant::now();
    let serving = Serving::begin(folder.path())?;
    let runtime = client::runtime()?;
    expect_page(&runtime, serving.address, &Wanted { path: "/".into(), cookie: String::new() })?;
    let started = begun.elapsed().as_millis();
    let mut figures =
        vec![Figure::new("portal: from its start to the first answer", started, "ms").at_most(1_000)];
    figures.extend(under_load(&runtime, &serving, &asked)?);
    figures.extend(alone(&runtime, &serving, &asked)?);
    figures.extend(sessions(&runtime, &serving, &asked)?);
    Ok(figures)
}

/// First pages, two hundred a second.
fn under_load(runtime: &Runtime, serving: &Serving, asked: &Asked) -> Figures {
    let home = |cookie: &String| Wanted { path: "/home".into(), cookie: cookie.clone() };
    let load = Load { rate: RATE, seconds: SECONDS, wanted: asked.with_a_year.iter().map(home).collect() };
    let times = runtime.block_on(client::load(serving.address, &load))?;
    expect("the number of answers", u64::from(RATE * SECONDS), times.len() as u64)?;
    let name = |what: &str| format!("portal: a resident's first page at {RATE} requests a second, {what}");
    Ok(vec![
        Figure::new(&name("median"), percentile(times.clone(), 50), "µs"),
        Figure::new(&name("p99"), percentile(times, 99), "µs").at_most(50_000),
    ])
}

/// Pages one person asks for, one after the other.
fn alone(runtime: &Runtime, serving: &Serving, asked: &Asked) -> Figures {
    let resident = asked.with_a_year.first().cloned().unwrap_or_default();
    let home = Wanted { path: "/home".into(), cookie: resident.clone() };
    let home = expect_page(runtime, serving.address, &home)?.text;
    // The first meter, as somebody follows its link.
    let meter = home.split("href=\"/home/").nth(1).and_then(|rest| rest.split(['"', '?']).next());
    let pages = [
        ("year chart", format!("/home/{}?span=year", meter.unwrap_or_default()), resident, 100_000),
        ("a page of the queue with a finding for each point", QUEUE.to_owned(), asked.clerk.clone(), 200_000),
    ];
    let mut figures = Vec::new();
    for (name, path, cookie, most) in pages {
        let wanted = Wanted { path, cookie };
        let times = (0..ALONE).map(|_| Ok(expect_page(runtime, serving.address, &wanted)?.micros));
        let times = times.collect::<Result<Vec<_>, BenchFault>>()?;
        figures.push(Figure::new(&format!("portal: {name}, p99"), percentile(times, 99), "µs").at_most(most));
    }
    Ok(figures)
}

/// Every session asks once; then the most memory the process ever had.
fn sessions(runtime: &Runtime, serving: &Serving, asked: &Asked) -> Figures {
    for cookie in &asked.everybody {
        expect_page(runtime, serving.address, &Wanted { path: "/account".into(), cookie: cookie.clone() })?;
    }
    let name = format!("portal: memory with {} open sessions, after all of this", asked.everybody.len());
    let megabytes = u128::from(peak_of(serving.child.id())?) / 1_000;
    Ok(vec![Figure::new(&name, megabytes, "MB").at_most(300)])
}

/// A page, which must be one.
fn expect_page(runtime: &Runtime, address: SocketAddr, wanted: &Wanted) -> Result<Got, BenchFault> {
    let got = runtime.block_on(client::ask(address, wanted))?;
    expect("the status of a page", 200, u64::from(got.status))?;
    Ok(got)
}

/// A portal in a process of its own, which ends with this.
struct Serving {
    child: Child,
    address: SocketAddr,
}

impl Serving {
    fn begin(folder: &Path) -> Result<Self, BenchFault> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bench", "portal"]).env(CHILD, folder).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let address = line.trim().parse();
        let address =
            address.map_err(|_| BenchFault::Child { what: "the portal said no address".to_owned() });
        Ok(Self { child, address: address? })
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the process does that serves: tells its address, and answers until it is ended.
fn serve_for_ever(folder: &Path) -> Figures {
    let Bench { workspace, .. } = Bench::open(folder)?;
    let settings = Settings {
        clock: || NOW,
        is_encrypted: false,
        is_behind_proxy: false,
        on_access: Box::new(|_| ()),
        on_fault: Box::new(|number, fault| eprintln!("fault {number}: {fault}")),
        api_rate: Rate::default(),
        on_problem: Box::new(|_| ()),
    };
    let web = Web::new(workspace, settings).map_err(|fault| BenchFault::Child { what: fault.to_string() })?;
    client::runtime()?.block_on(async {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        println!("{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        serve(listener, web).await;
        Ok(Vec::new())
    })
}
