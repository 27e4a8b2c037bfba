//! The way to a server is protected: its name is proved, or nothing is sent.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use tidstro_cluster::{Cluster, SUPERUSER, Setup, Tls};

use crate::db::{Connection, Link, Server};

/// An authority of our own, in a folder.
struct Authority {
    folder: tempfile::TempDir,
}

impl Authority {
    fn new() -> Self {
        let authority = Self { folder: tempfile::tempdir().unwrap() };
        authority.issue("authority", &["-subj", "/CN=authority of a test"]);
        authority
    }

    /// A certificate and its key, both PEM.
    fn server(&self, name: &str) -> Tls {
        let (authority, key) = (self.path("authority.crt"), self.path("authority.key"));
        let name = format!("subjectAltName=DNS:{name}");
        let signed = ["-CA", authority.to_str().unwrap(), "-CAkey", key.to_str().unwrap()];
        let says = ["-subj", "/CN=server", "-addext", &name, "-addext", "basicConstraints=critical,CA:FALSE"];
        self.issue("server", &[signed.as_slice(), &says].concat());
        let read = |name| std::fs::read_to_string(self.path(name)).unwrap();
        Tls { certificate: read("server.crt"), key: read("server.key") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn certificate(&self) -> PathBuf {
        self.path("authority.crt")
    }

    fn issue(&self, name: &str, arguments: &[&str]) {
        let mut openssl = Command::new("openssl");
        openssl.current_dir(self.folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        openssl.args(["req", "-x509", "-nodes", "-days", "2", "-newkey", "ec"]);
        openssl.args(["-pkeyopt", "ec_paramgen_curve:prime256v1"]).args(arguments);
        openssl.args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.crt")]);
        assert!(openssl.status().expect("install openssl").success());
    }
}

fn server(tls: Option<Tls>) -> Cluster {
    Cluster::start(&Setup { tcp: true, tls, ..Setup::default() }).unwrap()
}

/// Whether a connection came about, and whether the server says that it is protected; or what went wrong.
fn connected(cluster: &Cluster, settings: &str) -> Result<bool, String> {
    let url = format!("{}?{settings}", cluster.tcp_url("localhost", SUPERUSER, "postgres"));
    let server = Server::parse(&url).unwrap().unwrap();
    let link = Link::open(Arc::new(server), "public").map_err(|fault| fault.to_string())?;
    let sql = "-- is_protected\nSELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    Ok(Connection::Postgres(link).query_row(sql, [], |row| row.get(0)).unwrap())
}

fn verified_by(authority: &Path) -> String {
    format!("sslmode=verify-full&sslrootcert={}", authority.display())
}

#[test]
fn a_server_that_proves_its_name_is_spoken_to() {
    let authority = Authority::new();
    let cluster = server(Some(authority.server("localhost")));
    assert_eq!(connected(&cluster, &verified_by(&authority.certificate())), Ok(true));
    assert_eq!(connected(&cluster, "sslmode=disable"), Ok(false));
}

#[test]
fn another_name_or_authority_is_refused() {
    let authority = Authority::new();
    let cluster = server(Some(authority.server("database.example")));
    let refusal = connected(&cluster, &verified_by(&authority.certificate())).unwrap_err();
    assert!(refusal.contains("not valid for name \"localhost\""), "{refusal}");

    let cluster = server(Some(authority.server("localhost")));
    let refusal = connected(&cluster, &verified_by(&Authority::new().certificate())).unwrap_err();
    assert!(refusal.contains("invalid peer certificate"), "{refusal}");
    // By the authorities of this system, if it names any.
    assert!(connected(&cluster, "sslmode=verify-full").is_err());
}

#[test]
fn a_server_without_protection_is_refused_where_it_is_asked_for() {
    let authority = Authority::new();
    let cluster = server(None);
    for mode in [verified_by(&authority.certificate()), "sslmode=require".to_owned()] {
        let refusal = connected(&cluster, &mode).unwrap_err();
        assert!(refusal.contains("server does not support TLS"), "{refusal}");
    }
}
