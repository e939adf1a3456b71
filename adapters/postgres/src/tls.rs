//! TLS: which authorities are trusted. Certificates are always checked, with the name of the host.

use std::path::Path;
use std::sync::Arc;

use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::error::OpenError;
use crate::url::PostgresUrl;

/// Returns what encrypts connections, or `None` if the URL disables TLS.
pub(crate) fn connector(url: &PostgresUrl) -> Result<Option<MakeRustlsConnect>, OpenError> {
    if url.config.get_ssl_mode() == SslMode::Disable {
        return Ok(None);
    }
    let roots = match &url.root_certificates {
        Some(file) => from_file(file)?,
        None => of_the_system()?,
    };
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = builder
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenError::Certificates(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Some(MakeRustlsConnect::new(config)))
}

fn from_file(file: &Path) -> Result<RootCertStore, OpenError> {
    let unusable =
        |why: &dyn std::fmt::Display| OpenError::Certificates(format!("{}: {why}", file.display()));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| unusable(&error))? {
        let certificate = certificate.map_err(|error| unusable(&error))?;
        roots.add(certificate).map_err(|error| unusable(&error))?;
    }
    if roots.is_empty() {
        return Err(unusable(&"it contains no certificate"));
    }
    Ok(roots)
}

fn of_the_system() -> Result<RootCertStore, OpenError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        let text = "this system has none; install ca-certificates, or name a file by sslrootcert";
        return Err(OpenError::Certificates(text.to_owned()));
    }
    Ok(roots)
}
