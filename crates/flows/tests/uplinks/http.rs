//! Lines that gateways post: durable before they are answered, and nobody else's.

use sha2::{Digest, Sha256};
use tidstro_flows::{Gateways, GatewaysFault, RequestNews, ingest_http};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::bench::Bench;

const TOKENS: [(&str, &str); 2] = [("roof", "token-of-the-roof"), ("cellar", "token-of-the-cellar")];

fn gateways() -> Result<Gateways, GatewaysFault> {
    let entry = |(name, token): (&str, &str)| {
        let hash: String = Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("[[gateway]]\nname = \"{name}\"\ntoken_sha256 = \"{hash}\"\n")
    };
    Gateways::parse(&TOKENS.map(entry).concat())
}

/// Sends a request as it is, and reads the answer to its end.
async fn send(to: std::net::SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(to).await.unwrap();
    // A server that has heard enough may close before all is sent.
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

fn post(path: &str, token: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {length}\r\n");
    format!("{head}Authorization: Bearer {token}\r\n\r\n{body}").into_bytes()
}

impl Bench {
    /// Sends each request to a listener, one after the other; the answers.
    async fn answers(&self, requests: &[Vec<u8>]) -> Vec<String> {
        let clock = || self.now();
        let mut intake = self.intake(&clock).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to = listener.local_addr().unwrap();
        let sending = async {
            let mut answers = Vec::new();
            for request in requests {
                answers.push(send(to, request).await);
            }
            answers
        };
        tokio::select! {
            answers = sending => answers,
            ended = ingest_http(&mut intake, listener, gateways().unwrap(), &|_| ()) => {
                panic!("the listener ended: {:?}", ended.err().map(|fault| fault.to_string()))
            }
        }
    }
}

#[track_caller]
fn says(answer: &str, status: &str, body: &str) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(answer.contains(body), "{answer}");
}

#[tokio::test]
async fn lines_are_durable_when_they_are_answered() {
    let bench = Bench::new().await;
    let lines = bench.lines();
    let (first, rest) = lines.split_at(2);
    let answers = bench
        .answers(&[
            post("/lines", TOKENS[0].1, &first.concat()),
            post("/lines", TOKENS[1].1, &first.concat()),
            post("/lines", TOKENS[0].1, &(rest.concat() + "not a telegram\n")),
            post("/lines", TOKENS[0].1, ""),
        ])
        .await;
    says(&answers[0], "200", "\"lines\":2,\"telegrams_new\":2,\"telegrams_again\":0");
    says(&answers[1], "200", "\"telegrams_new\":0,\"telegrams_again\":2");
    says(&answers[2], "200", "\"refused\":{\"not-hex\":1}");
    says(&answers[3], "200", "\"lines\":0");
    assert_eq!(bench.readings().await.len(), lines.len());
}

/// A gateway that posts its intervals as they are measured would fill the list of inputs.
#[tokio::test]
async fn posted_intervals_of_a_gateway_and_day_are_one_input() {
    let bench = Bench::new().await;
    let row = |hour: u8| {
        format!(
            "metering_point;start;resolution;quantity_kwh;quality\n\
             571313154390350994;2026-01-10T{hour:02}:00:00Z;PT1H;1.000;measured\n"
        )
    };
    let posts = [0, 1, 0, 0].map(|gateway| TOKENS[gateway].1);
    let posts: Vec<_> =
        posts.iter().zip(8..).map(|(token, hour)| post("/lines", token, &row(hour))).collect();
    for answer in bench.answers(&posts).await {
        says(&answer, "200", "\"refused\":{\"check-digit\":1}");
    }
    let inputs = tidstro_flows::inputs(&bench.workspace, 10).await.unwrap();
    let told: Vec<_> = inputs
        .iter()
        .map(|input| (input.name.as_str(), input.counts.lines, input.counts.refused["check-digit"].count))
        .collect();
    assert_eq!(told, [("cellar", 1, 1), ("roof", 3, 3)]);
    assert!(inputs.iter().all(|input| input.ended.is_some()));
}

#[tokio::test]
async fn whoever_has_no_token_is_told_nothing() {
    let bench = Bench::new().await;
    let body = bench.lines().concat();
    let basic = post("/lines", TOKENS[0].1, &body);
    let basic = String::from_utf8(basic).unwrap().replace("Bearer", "Basic").into_bytes();
    let none = format!(
        "POST /lines HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let requests = [
        post("/lines", "guessed", &body),
        post("/elsewhere", "guessed", &body),
        post("/lines", "", &body),
        basic,
        none.into_bytes(),
    ];
    for answer in bench.answers(&requests).await {
        says(&answer, "401", "no known token");
        assert!(!answer.contains("guessed") && answer.to_lowercase().contains("www-authenticate: bearer"));
    }
    assert!(bench.readings().await.is_empty());
}

#[tokio::test]
async fn what_is_no_upload_is_refused() {
    let bench = Bench::new().await;
    let token = TOKENS[0].1;
    let large = "A".repeat((4 << 20) + 1);
    let chunked = format!(
        "POST /lines HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAuthorization: bearer {token}\r\n\
         Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n",
        large.len()
    );
    let edited = |request: Vec<u8>, from: &str, to: &str| {
        String::from_utf8(request).unwrap().replacen(from, to, 1).into_bytes()
    };
    let plain = || post("/lines", token, "");
    let answers = bench
        .answers(&[
            post("/elsewhere", token, ""),
            edited(plain(), "POST", "GET"),
            edited(plain(), "Host", "Content-Encoding: gzip\r\nHost"),
            post("/lines", token, &large),
            chunked.into_bytes(),
            b"rubbish\r\n\r\n".to_vec(),
        ])
        .await;
    for (answer, status) in answers.iter().zip(["404", "405", "415", "413", "413", "400"]) {
        says(answer, status, "");
    }
}

#[tokio::test]
async fn half_a_body_keeps_nothing_and_holds_nobody_up() {
    let bench = Bench::new().await;
    let lines = bench.lines();
    let whole = post("/lines", TOKENS[0].1, &lines.concat());
    let clock = || bench.now();
    let mut intake = bench.intake(&clock).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = listener.local_addr().unwrap();
    let sending = async {
        let mut torn = TcpStream::connect(to).await.unwrap();
        torn.write_all(&whole[..whole.len() / 2]).await.unwrap();
        // While the first hangs, another is served.
        let answer = send(to, &post("/lines", TOKENS[1].1, &lines[0])).await;
        torn.shutdown().await.unwrap();
        let mut end = Vec::new();
        let _ = torn.read_to_end(&mut end).await;
        (answer, String::from_utf8(end).unwrap())
    };
    let (answer, end) = tokio::select! {
        answers = sending => answers,
        _ = ingest_http(&mut intake, listener, gateways().unwrap(), &|_| ()) => panic!("the listener ended"),
    };
    says(&answer, "200", "\"telegrams_new\":1");
    assert!(!end.starts_with("HTTP/1.1 200"), "{end}");
    assert_eq!(bench.readings().await.len(), 1);
}

#[tokio::test]
async fn posts_that_wait_become_durable_together_and_each_has_its_own_answer() {
    const POSTS: usize = 40;
    let bench = Bench::new().await;
    let lines = bench.lines();
    let clock = || bench.now();
    let mut intake = bench.intake(&clock).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = listener.local_addr().unwrap();
    let mut sending = tokio::task::JoinSet::new();
    for number in 0..POSTS {
        // Every other gateway hears the telegram of the one before, and all but the first ones something damaged.
        let line = lines[number / 2 % lines.len()].clone();
        let body = if number < 2 { line } else { line + "0Z\n" };
        let request = post("/lines", TOKENS[number % 2].1, &body);
        sending.spawn(async move { send(to, &request).await });
    }
    let (taken, seen) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let news = |news: RequestNews<'_>| {
        if let RequestNews::Taken(report) = news {
            taken.set(taken.get() + 1);
            seen.set(seen.get() + report.lines);
        }
    };
    let answers = tokio::select! {
        answers = sending.join_all() => answers,
        _ = ingest_http(&mut intake, listener, gateways().unwrap(), &news) => panic!("the listener ended"),
    };
    assert!(answers.iter().all(|answer| answer.starts_with("HTTP/1.1 200 ")));
    let damaged = answers.iter().filter(|answer| answer.contains("\"refused\":{\"not-hex\":1}")).count();
    assert_eq!((damaged, seen.get()), (POSTS - 2, 2 * POSTS as u64 - 2));
    let new = answers.iter().filter(|answer| answer.contains("\"telegrams_new\":1")).count();
    assert_eq!(new, lines.len().min(POSTS / 2));
    assert!(taken.get() < POSTS, "{} transactions", taken.get());
    assert_eq!(bench.readings().await.len(), new);
}
