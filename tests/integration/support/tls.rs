//! A certificate authority of the test's own.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tempfile::TempDir;

/// An authority, and a folder for what it issues.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    /// A new authority that nobody trusts yet.
    pub fn new() -> Self {
        smartcloudops::http_client::install_crypto_provider();
        let mut params = CertificateParams::new(Vec::new()).expect("no names are valid names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, key()).expect("a key can sign");
        Self { issuer, folder: TempDir::new().expect("a temporary folder") }
    }

    /// The authority's certificate as a PEM file.
    pub fn ca_file(&self) -> PathBuf {
        self.write("ca.pem", &self.issuer.pem())
    }

    /// A client's certificate and key as PEM files.
    pub fn client_files(&self) -> (PathBuf, PathBuf) {
        let key = key();
        let certificate = self.issue(&["client"], &key);
        (self.write("client.pem", &certificate.pem()), self.write("client.key", &key.serialize_pem()))
    }

    /// A certificate and key for a server at 127.0.0.1, as PEM files.
    #[cfg(feature = "kubernetes")]
    pub fn server_files(&self) -> (PathBuf, PathBuf) {
        let key = key();
        let certificate = self.issue(&["127.0.0.1", "localhost"], &key);
        (self.write("server.pem", &certificate.pem()), self.write("server.key", &key.serialize_pem()))
    }

    /// What a server at 127.0.0.1 needs; `wants_client` makes it refuse clients that this authority
    /// has not issued a certificate to.
    pub fn server(&self, wants_client: bool) -> ServerConfig {
        let key = key();
        let certificate = self.issue(&["127.0.0.1", "localhost"], &key).der().clone();
        let builder = ServerConfig::builder();
        let builder = if wants_client {
            let mut roots = RootCertStore::empty();
            roots.add(self.issuer.as_ref().der().clone()).expect("an authority's certificate");
            let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().expect("one authority");
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        builder.with_single_cert(vec![certificate], key).expect("the key belongs to the certificate")
    }

    fn issue(&self, names: &[&str], key: &KeyPair) -> rcgen::Certificate {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let params = CertificateParams::new(names).expect("valid names");
        params.signed_by(key, &self.issuer).expect("the authority can sign")
    }

    fn write(&self, name: &str, pem: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, pem).expect("the folder can be written");
        path
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("the system has randomness")
}
