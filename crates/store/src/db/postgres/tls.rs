//! TLS to a server: the name in the URL must be in its certificate.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::db::DbFault;

/// What connects by TLS and believes these authorities, or those of the system.
pub(super) fn connector(authorities: Option<&Path>) -> Result<MakeRustlsConnect, DbFault> {
    let roots = match authorities {
        Some(path) => in_file(path)?,
        None => of_system()?,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|fault| DbFault::Connection(format!("TLS cannot be used: {fault}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn in_file(path: &Path) -> Result<RootCertStore, DbFault> {
    let unusable = |why: String| {
        DbFault::Connection(format!(
            "`{}`: {why}; name a file of certificates in PEM with `sslrootcert`",
            path.display()
        ))
    };
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path).map_err(|fault| unusable(fault.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|fault| unusable(fault.to_string()))?;
        roots.add(certificate).map_err(|fault| unusable(fault.to_string()))?;
    }
    if roots.is_empty() { Err(unusable("there is no certificate in it".to_owned())) } else { Ok(roots) }
}

fn of_system() -> Result<RootCertStore, DbFault> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        let advice = "the system names no authority for TLS; install its certificates, or name a file with `sslrootcert`";
        return Err(DbFault::Connection(advice.to_owned()));
    }
    Ok(roots)
}
