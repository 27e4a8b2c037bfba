//! How a server is set up.

use std::fs::{OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

use crate::{ClusterFault, folder::Folder};

/// What differs from a server that is reached over its socket only.
#[derive(Default)]
pub struct Setup {
    /// Listen at 127.0.0.1 and ::1 too, at a free port.
    pub tcp: bool,
    /// Offer TLS over TCP.
    pub tls: Option<Tls>,
    /// The lines of `pg_hba.conf`, first match decides; `None`: everybody from this machine, without a password.
    pub hba: Option<String>,
    /// Megabytes of one file of the write-ahead log, a power of two; 1, if nothing is said: tests make many servers.
    pub wal_file_mb: Option<u32>,
    /// Further settings of `postgresql.conf`.
    pub settings: Vec<(String, String)>,
}

/// What a server proves its name with, both PEM.
pub struct Tls {
    /// Its certificate, and those between it and the root.
    pub certificate: String,
    /// Its key.
    pub key: String,
}

/// For tests: a kill of the server loses nothing the system has taken, and the disk is not waited for.
const SETTINGS: [(&str, &str); 6] = [
    ("fsync", "off"),
    ("synchronous_commit", "on"),
    ("full_page_writes", "off"),
    ("shared_buffers", "32MB"),
    ("max_connections", "60"),
    ("timezone", "UTC"),
];

impl Setup {
    /// Writes the server's configuration below its folder, as its user.
    pub(crate) fn write(&self, folder: &Folder, port: u16) -> Result<(), ClusterFault> {
        let mut lines = String::new();
        for (name, value) in SETTINGS {
            setting(&mut lines, name, value);
        }
        setting(&mut lines, "port", &port.to_string());
        setting(&mut lines, "listen_addresses", if self.tcp { "127.0.0.1,::1" } else { "" });
        setting(&mut lines, "unix_socket_directories", &folder.path().display().to_string());
        if let Some(tls) = &self.tls {
            write_secret(folder, "server.crt", &tls.certificate)?;
            write_secret(folder, "server.key", &tls.key)?;
            setting(&mut lines, "ssl", "on");
        }
        for (name, value) in &self.settings {
            setting(&mut lines, name, value);
        }
        let made = |source| ClusterFault::Io { what: "the server's configuration", source };
        let configuration = folder.data().join("postgresql.conf");
        let mut file = OpenOptions::new().append(true).open(configuration).map_err(made)?;
        file.write_all(lines.as_bytes()).map_err(made)?;
        match &self.hba {
            Some(hba) => std::fs::write(folder.data().join("pg_hba.conf"), hba).map_err(made),
            None => Ok(()),
        }
    }
}

fn setting(lines: &mut String, name: &str, value: &str) {
    lines.push_str(&format!("{name} = '{}'\n", value.replace('\'', "''")));
}

/// A file that only the server's user reads, as the server demands of its key.
fn write_secret(folder: &Folder, name: &str, text: &str) -> Result<(), ClusterFault> {
    let made = |source| ClusterFault::Io { what: "the server's certificate", source };
    let path = folder.data().join(name);
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path).map_err(made)?;
    file.write_all(text.as_bytes()).map_err(made)?;
    file.set_permissions(Permissions::from_mode(0o600)).map_err(made)?;
    folder.hand_over(&path)
}
