//! Where a server is and how to reach it, from a URL.
//!
//! `postgres://user@host:port,host:port/database?sslmode=…`: several hosts for fail-over, of which the one that takes
//! writes is used. The password may stand in the URL, in `PGPASSWORD` or in a password file, and is never shown.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::{Client, Config, NoTls};

use super::tls;
use crate::db::DbFault;

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long nothing may come of a server before it is asked whether it is there, and between two questions. After three
/// without an answer the connection is lost: a machine that is gone says nothing itself.
const SILENCE: [Duration; 2] = [Duration::from_secs(30), Duration::from_secs(10)];
/// How long what was sent may stay without being taken.
const UNTAKEN_MAX: Duration = Duration::from_secs(60);
/// What every session is given: a statement that hangs must not hang for ever, nor must a lock, nor a transaction whose
/// program is gone. The longest statement is a batch of blocks, of which one takes less than a second. The server looks for a
/// program that is gone as the program looks for a server, so that it gives up the writers' lock.
const SESSION: &str = "SET statement_timeout = '10min'; SET lock_timeout = '30s'; \
     SET idle_in_transaction_session_timeout = '5min'; SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; \
     SET tcp_keepalives_count = 3; SET tcp_user_timeout = '60s'; SET client_connection_check_interval = '10s'; SET synchronous_commit = on; SET client_min_messages = warning; \
     SET TIME ZONE 'UTC'";

/// Statements that take on the role of the program in a schema, which may do there what the program does and no more
/// (`postgres/roles.sql`), whatever else the login may do. Nothing where the roles were not made, in a schema that is not
/// there yet or not shared out, and for a login that is no member: that one stays what it is.
pub(super) fn taking_on_role(schema: &str) -> String {
    let role = if schema == "keys" { "tidstro_keys" } else { "tidstro_app" };
    format!(
        "DO $$ BEGIN
             IF to_regrole('{role}') IS NOT NULL AND to_regnamespace('{schema}') IS NOT NULL THEN
                 IF pg_has_role(session_user, '{role}', 'MEMBER')
                    AND has_schema_privilege('{role}', '{schema}', 'USAGE') THEN
                     SET ROLE {role};
                 END IF;
             END IF;
         END $$"
    )
}

/// A server and how to speak to it.
pub(crate) struct Server {
    config: Config,
    security: Security,
    shown: String,
}

/// How the way to a server is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Security {
    /// TLS; the server proves its name by a certificate of these authorities, or of the system's.
    Verified { authorities: Option<PathBuf> },
    /// None.
    Plain,
}

impl Server {
    /// Whether a text is a URL of PostgreSQL.
    pub(crate) fn is_url(text: &str) -> bool {
        text.starts_with("postgres://") || text.starts_with("postgresql://")
    }

    /// Reads a URL; `None` if the text is none of PostgreSQL's.
    ///
    /// # Errors
    /// [`DbFault::Connection`] if it cannot be followed.
    pub(crate) fn parse(url: &str) -> Result<Option<Self>, DbFault> {
        if !Self::is_url(url) {
            return Ok(None);
        }
        let (address, settings) = url.split_once('?').unwrap_or((url, ""));
        let settings = Settings::parse(settings);
        let url = if settings.rest.is_empty() {
            address.to_owned()
        } else {
            format!("{address}?{}", settings.rest.join("&"))
        };
        // The driver's own message may quote the URL, and a password with it.
        let mut config: Config = url.parse().map_err(|_| {
            DbFault::Connection(
                "the URL of the database is not of the form `postgres://user@host/database`".to_owned(),
            )
        })?;
        let security = settings.security(&config)?;
        config.target_session_attrs(TargetSessionAttrs::ReadWrite).connect_timeout(CONNECT_TIMEOUT);
        let [idle, interval] = SILENCE;
        config.keepalives_idle(idle).keepalives_interval(interval).keepalives_retries(3);
        config.tcp_user_timeout(UNTAKEN_MAX);
        config.application_name("tidstro");
        // Otherwise the driver goes on in plain text where a server offers nothing else.
        config.ssl_mode(match security {
            Security::Verified { .. } => SslMode::Require,
            Security::Plain => SslMode::Disable,
        });
        let shown = shown(&config);
        if config.get_password().is_none()
            && let Some(password) = password(&config, settings.passfile)
        {
            config.password(password);
        }
        Ok(Some(Self { config, security, shown }))
    }

    /// The place without its password.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// Connects, and sets what every session has.
    pub(super) async fn connect(&self, schema: &str) -> Result<Client, DbFault> {
        let client = match &self.security {
            Security::Plain => {
                let (client, connection) =
                    self.config.connect(NoTls).await.map_err(|fault| self.unreachable(fault))?;
                tokio::spawn(connection);
                client
            }
            Security::Verified { authorities } => {
                let tls = tls::connector(authorities.as_deref())?;
                let (client, connection) =
                    self.config.connect(tls).await.map_err(|fault| self.unreachable(fault))?;
                tokio::spawn(connection);
                client
            }
        };
        let role = taking_on_role(schema);
        client.batch_execute(&format!("{SESSION}; SET search_path = {schema}, pg_temp; {role}")).await?;
        Ok(client)
    }

    fn unreachable(&self, fault: tokio_postgres::Error) -> DbFault {
        DbFault::Unreachable { place: self.shown.clone(), source: Box::new(fault) }
    }
}

/// The settings of a URL that are this program's to follow.
struct Settings<'a> {
    mode: Option<&'a str>,
    authorities: Option<PathBuf>,
    passfile: Option<PathBuf>,
    rest: Vec<&'a str>,
}

impl<'a> Settings<'a> {
    fn parse(text: &'a str) -> Self {
        let mut settings = Self { mode: None, authorities: None, passfile: None, rest: Vec::new() };
        for setting in text.split('&').filter(|setting| !setting.is_empty()) {
            match setting.split_once('=') {
                Some(("sslmode", mode)) => settings.mode = Some(mode),
                Some(("sslrootcert", path)) => settings.authorities = Some(PathBuf::from(path)),
                Some(("passfile", path)) => settings.passfile = Some(PathBuf::from(path)),
                _ => settings.rest.push(setting),
            }
        }
        settings
    }

    /// `require` proves the server's name, too: TLS with a server nobody knows protects from nobody who can answer.
    fn security(&self, config: &Config) -> Result<Security, DbFault> {
        let verified = Security::Verified { authorities: self.authorities.clone() };
        match self.mode {
            Some("disable") => Ok(Security::Plain),
            Some("require" | "verify-full") => Ok(verified),
            None if is_near(config) => Ok(Security::Plain),
            None => Ok(verified),
            Some(other) => Err(DbFault::Connection(format!(
                "`sslmode={other}` is not known here; write `verify-full`, `require` or `disable`"
            ))),
        }
    }
}

/// Whether every host is this machine.
fn is_near(config: &Config) -> bool {
    let near = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
    };
    config.get_hosts().iter().all(near)
}

/// Hosts with their ports, and database. Never: who logs in, or with which password.
fn shown(config: &Config) -> String {
    // One port is for all hosts, several are for one each.
    let port_of = |place: usize| match config.get_ports() {
        [port] => Some(*port),
        ports => ports.get(place).copied(),
    };
    let host = |(place, host): (usize, &Host)| {
        let name = match host {
            Host::Unix(path) => path.display().to_string(),
            Host::Tcp(name) if name.contains(':') => format!("[{name}]"),
            Host::Tcp(name) => name.clone(),
        };
        port_of(place).map_or(name.clone(), |port| format!("{name}:{port}"))
    };
    let hosts: Vec<String> = config.get_hosts().iter().enumerate().map(host).collect();
    format!("postgres://{}/{}", hosts.join(","), config.get_dbname().unwrap_or_default())
}

/// The password of the environment, or of a password file.
fn password(config: &Config, passfile: Option<PathBuf>) -> Option<String> {
    if let Some(password) = std::env::var_os("PGPASSWORD") {
        return password.into_string().ok();
    }
    let in_home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".pgpass"));
    let file = passfile.or_else(|| std::env::var_os("PGPASSFILE").map(PathBuf::from)).or_else(in_home)?;
    password_in(&std::fs::read_to_string(file).ok()?, config)
}

/// The first line `host:port:database:user:password` that fits; `*` fits everything (PostgreSQL, "The Password File").
fn password_in(text: &str, config: &Config) -> Option<String> {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.as_str(),
        _ => "localhost",
    };
    let port = config.get_ports().first().copied().unwrap_or(5_432).to_string();
    let user = config.get_user().unwrap_or_default();
    let wanted = [host, &port, config.get_dbname().unwrap_or(user), user];
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut fields = line.splitn(5, ':');
        let fits =
            wanted.iter().all(|wanted| fields.next().is_some_and(|field| field == "*" || field == *wanted));
        fields.next().filter(|_| fits).map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_see_hosts_and_ports_and_nothing_secret() {
        for (url, shown) in [
            ("postgres://ane:s3cret@db1/tidstro", "postgres://db1:5432/tidstro"),
            ("postgres://ane:s3cret@db1:6432/tidstro", "postgres://db1:6432/tidstro"),
            ("postgres://ane@db1:6432,db2:7000/tidstro", "postgres://db1:6432,db2:7000/tidstro"),
            ("postgres://ane@%2Frun%2Fpg/tidstro", "postgres:///run/pg:5432/tidstro"),
        ] {
            assert_eq!(Server::parse(url).unwrap().unwrap().shown(), shown);
        }
    }

    fn security(url: &str) -> Result<Security, String> {
        Server::parse(url).map(|server| server.unwrap().security).map_err(|fault| fault.to_string())
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_plain_text_unasked() {
        let verified = |authorities| Ok(Security::Verified { authorities });
        assert_eq!(security("postgres://a@localhost/b"), Ok(Security::Plain));
        assert_eq!(security("postgres://a@%2Fvar%2Frun/b"), Ok(Security::Plain));
        assert_eq!(security("postgres://a@127.0.0.1:1,db.example/b"), verified(None));
        assert_eq!(security("postgres://a@db.example/b?sslmode=disable"), Ok(Security::Plain));
        let own = Some(PathBuf::from("/ca.pem"));
        assert_eq!(security("postgres://a@db.example/b?sslmode=require&sslrootcert=/ca.pem"), verified(own));
        assert_eq!(
            security("postgres://a@db.example/b?sslmode=prefer").unwrap_err(),
            "`sslmode=prefer` is not known here; write `verify-full`, `require` or `disable`"
        );
    }

    #[test]
    fn a_place_is_shown_without_its_password() {
        let server = Server::parse("postgres://anna:geheim@db-1,db-2/meters").unwrap().unwrap();
        assert_eq!(server.shown(), "postgres://db-1:5432,db-2:5432/meters");
        let fault = Server::parse("postgres://anna:geheim@db:no-port/meters").err().unwrap().to_string();
        assert!(!fault.contains("geheim"), "{fault}");
        assert!(Server::parse("tidstro-data").unwrap().is_none());
    }

    #[test]
    fn the_first_line_of_a_password_file_that_fits_counts() {
        let config: Config = "postgres://anna@db:5433/meters".parse().unwrap();
        let text =
            "# host:port:database:user:password\ndb:5432:*:anna:one\n*:5433:meters:anna:t:wo\n*:*:*:*:three";
        assert_eq!(password_in(text, &config).as_deref(), Some("t:wo"));
        assert_eq!(password_in("other:*:*:*:x", &config), None);
    }
}
