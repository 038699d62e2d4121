//! `tls_server_config` → a rustls configuration.
//!
//! What rustls does not offer (TLS below 1.2, suites without forward secrecy, P-521) is refused by name rather
//! than left out in silence. Client certificates are verified against `client_ca_file` only, never against the
//! system's authorities.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio_rustls::rustls;

use super::certificates::{AllowedNames, AnyCertificate};
use super::web_config::{Fault, RawTls};
use crate::files;

/// A TLS configuration, ready for use.
pub(super) struct Tls {
    /// For the acceptor.
    pub(super) config: Arc<ServerConfig>,
    /// Whether only verified client certificates get through.
    pub(super) verifies_clients: bool,
}

/// Loads certificates and checks the settings; `None` if there is not a single setting.
pub(super) fn load(settings: RawTls, folder: &Path) -> Result<Option<Tls>, Fault> {
    if settings == RawTls::default() {
        return Ok(None);
    }
    let provider = Arc::new(provider(&settings)?);
    let (verifier, verifies_clients) = client_verifier(&settings, folder, &provider)?;
    let chain = chain(&settings, folder)?;
    let key = private_key(&settings, folder)?;
    let builder = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions(&settings)?)
        .map_err(|error| fault("cipher_suites", error))?;
    let mut config = builder
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .map_err(|error| fault("key_file", format!("does not go with the certificate: {error}")))?;
    config.ignore_client_order = settings.prefer_server_cipher_suites.unwrap_or(true);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(Tls { config: Arc::new(config), verifies_clients }))
}

fn fault(key: &str, problem: impl ToString) -> Fault {
    Fault::new(format!("tls_server_config.{key}"), problem.to_string())
}

/// PEM text given inline or by file, exactly one of them; the key tells where it came from.
fn pem(
    (inline_key, inline): (&str, Option<&str>),
    (file_key, file): (&str, Option<&String>),
    folder: &Path,
) -> Result<(String, Vec<u8>), Fault> {
    match (inline, file) {
        (Some(text), None) => Ok((inline_key.to_owned(), text.as_bytes().to_vec())),
        (None, Some(file)) => {
            let path = folder.join(file);
            let read = files::read_blocking(&path);
            let bytes =
                read.map_err(|error| fault(file_key, format!("cannot read {}: {error}", path.display())))?;
            Ok((file_key.to_owned(), bytes))
        }
        (None, None) => Err(fault(file_key, "missing; TLS needs it")),
        (Some(_), Some(_)) => Err(fault(inline_key, format!("give either this or {file_key}"))),
    }
}

fn chain(settings: &RawTls, folder: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let inline = ("cert", settings.cert.as_deref());
    let (key, bytes) = pem(inline, ("cert_file", settings.cert_file.as_ref()), folder)?;
    certificates(&key, &bytes)
}

fn certificates(key: &str, bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes).collect();
    match chain {
        Ok(chain) if chain.is_empty() => Err(fault(key, "holds no PEM certificate")),
        Ok(chain) => Ok(chain),
        Err(error) => Err(fault(key, format!("holds a damaged PEM certificate: {error}"))),
    }
}

fn private_key(settings: &RawTls, folder: &Path) -> Result<PrivateKeyDer<'static>, Fault> {
    let inline = ("key", settings.key.as_ref().map(|key| key.0.as_str()));
    let (key, bytes) = pem(inline, ("key_file", settings.key_file.as_ref()), folder)?;
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| fault(&key, "holds no PEM private key"))
}

type Versions = &'static [&'static SupportedProtocolVersion];

fn versions(settings: &RawTls) -> Result<Versions, Fault> {
    const TLS12_ONLY: Versions = &[&rustls::version::TLS12];
    const TLS13_ONLY: Versions = &[&rustls::version::TLS13];
    const BOTH: Versions = &[&rustls::version::TLS13, &rustls::version::TLS12];
    let version = |key: &str, text: &Option<String>, default: u8| match text.as_deref() {
        None => Ok(default),
        Some("TLS12") => Ok(2),
        Some("TLS13") => Ok(3),
        Some(other) => Err(fault(key, format!("'{other}' is not supported; write TLS12 or TLS13"))),
    };
    let least = version("min_version", &settings.min_version, 2)?;
    match (least, version("max_version", &settings.max_version, 3)?) {
        (2, 2) => Ok(TLS12_ONLY),
        (2, _) => Ok(BOTH),
        (_, 3) => Ok(TLS13_ONLY),
        _ => Err(fault("max_version", "is below min_version")),
    }
}

fn provider(settings: &RawTls) -> Result<CryptoProvider, Fault> {
    let mut provider = rustls::crypto::ring::default_provider();
    if !settings.cipher_suites.is_empty() {
        provider.cipher_suites = cipher_suites(&settings.cipher_suites, &provider)?;
    }
    if !settings.curve_preferences.is_empty() {
        provider.kx_groups =
            settings.curve_preferences.iter().map(|name| curve(name)).collect::<Result<_, _>>()?;
    }
    Ok(provider)
}

/// The suites of TLS 1.3, which cannot be chosen (as in Go), and those of TLS 1.2 that are listed, in that order.
fn cipher_suites(
    names: &[String],
    provider: &CryptoProvider,
) -> Result<Vec<rustls::SupportedCipherSuite>, Fault> {
    let named =
        |suite: &rustls::SupportedCipherSuite| format!("{:?}", suite.suite()).replace("TLS13_", "TLS_");
    let all = &provider.cipher_suites;
    let mut chosen: Vec<_> = all.iter().filter(|suite| suite.tls13().is_some()).copied().collect();
    for name in names {
        // Go knows the ChaCha suites under a short name too.
        let long = if name.ends_with("POLY1305") { format!("{name}_SHA256") } else { name.clone() };
        let Some(suite) = all.iter().find(|suite| named(suite) == long) else {
            let known: Vec<_> = all.iter().map(named).collect();
            let problem = format!("'{name}' is not supported; choose among {}", known.join(", "));
            return Err(fault("cipher_suites", problem));
        };
        if !chosen.contains(suite) {
            chosen.push(*suite);
        }
    }
    Ok(chosen)
}

fn curve(name: &str) -> Result<&'static dyn SupportedKxGroup, Fault> {
    use rustls::crypto::ring::kx_group::{SECP256R1, SECP384R1, X25519};
    match name {
        "X25519" => Ok(X25519),
        "CurveP256" => Ok(SECP256R1),
        "CurveP384" => Ok(SECP384R1),
        other => {
            let problem = format!("'{other}' is not supported; choose among X25519, CurveP256, CurveP384");
            Err(fault("curve_preferences", problem))
        }
    }
}

/// The verifier of client certificates, and whether it lets only verified ones through.
fn client_verifier(
    settings: &RawTls,
    folder: &Path,
    provider: &Arc<CryptoProvider>,
) -> Result<(Arc<dyn ClientCertVerifier>, bool), Fault> {
    let mode = settings.client_auth_type.as_deref().unwrap_or("NoClientCert");
    let has_authority = settings.client_ca.is_some() || settings.client_ca_file.is_some();
    if mode == "NoClientCert" && has_authority {
        return Err(fault("client_auth_type", "missing; without it client_ca_file has no effect"));
    }
    let required =
        matches!(mode, "RequireAnyClientCert" | "RequireClientCert" | "RequireAndVerifyClientCert");
    if settings.client_allowed_sans.is_some() && !required {
        let problem = "needs client_auth_type RequireAndVerifyClientCert (or RequireAnyClientCert)";
        return Err(fault("client_allowed_sans", problem));
    }
    let verifier = match mode {
        "NoClientCert" => WebPkiClientVerifier::no_client_auth(),
        "RequestClientCert" => AnyCertificate::verifier(provider, false),
        "RequireAnyClientCert" | "RequireClientCert" => AnyCertificate::verifier(provider, true),
        "VerifyClientCertIfGiven" | "RequireAndVerifyClientCert" => {
            let roots = Arc::new(authorities(settings, folder)?);
            let builder = WebPkiClientVerifier::builder_with_provider(roots, provider.clone());
            let builder = if required { builder } else { builder.allow_unauthenticated() };
            builder.build().map_err(|error| fault("client_ca_file", error))?
        }
        other => {
            let problem = format!(
                "'{other}' is unknown; write NoClientCert, RequestClientCert, RequireAnyClientCert, \
                 VerifyClientCertIfGiven or RequireAndVerifyClientCert"
            );
            return Err(fault("client_auth_type", problem));
        }
    };
    let verified = mode == "RequireAndVerifyClientCert";
    Ok((AllowedNames::around(verifier, settings.client_allowed_sans.clone()), verified))
}

fn authorities(settings: &RawTls, folder: &Path) -> Result<RootCertStore, Fault> {
    let inline = ("client_ca", settings.client_ca.as_deref());
    let (key, bytes) = pem(inline, ("client_ca_file", settings.client_ca_file.as_ref()), folder)?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&key, &bytes)? {
        roots.add(certificate).map_err(|error| fault(&key, format!("holds no usable authority: {error}")))?;
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let other = rcgen::KeyPair::generate().unwrap();
        for (name, text) in [
            ("cert.pem", made.cert.pem()),
            ("key.pem", made.signing_key.serialize_pem()),
            ("other.pem", other.serialize_pem()),
            ("junk.pem", "junk".to_owned()),
            ("damaged.pem", "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n".to_owned()),
        ] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn try_load(folder: &tempfile::TempDir, yaml: &str) -> Result<Option<Tls>, Fault> {
        load(serde_yaml::from_str(yaml).unwrap(), folder.path())
    }

    #[test]
    fn good_settings_are_taken() {
        let folder = folder();
        let pair = "cert_file: cert.pem\nkey_file: key.pem\n";
        for (more, verifies) in [
            ("", false),
            ("min_version: TLS13", false),
            ("max_version: TLS12", false),
            ("cipher_suites: [TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305, TLS_AES_128_GCM_SHA256]", false),
            ("curve_preferences: [CurveP256, X25519]\nprefer_server_cipher_suites: false", false),
            ("client_auth_type: RequestClientCert", false),
            ("client_auth_type: RequireAnyClientCert\nclient_allowed_sans: [a]", false),
            ("client_auth_type: VerifyClientCertIfGiven\nclient_ca_file: cert.pem", false),
            ("client_auth_type: RequireAndVerifyClientCert\nclient_ca_file: cert.pem", true),
        ] {
            let tls = try_load(&folder, &format!("{pair}{more}"))
                .unwrap_or_else(|fault| panic!("{more}: {fault:?}"));
            assert_eq!(tls.unwrap().verifies_clients, verifies, "{more}");
        }
    }

    #[test]
    fn every_bad_setting_is_named_with_what_to_do() {
        let folder = folder();
        let pair = "cert_file: cert.pem\nkey_file: key.pem\n";
        for (yaml, key, problem) in [
            ("key_file: key.pem".to_owned(), "cert_file", "missing; TLS needs it"),
            ("cert_file: cert.pem".to_owned(), "key_file", "missing; TLS needs it"),
            ("cert_file: none.pem\nkey_file: key.pem".to_owned(), "cert_file", "cannot read "),
            ("cert_file: junk.pem\nkey_file: key.pem".to_owned(), "cert_file", "holds no PEM certificate"),
            ("cert_file: damaged.pem\nkey_file: key.pem".to_owned(), "cert_file", "holds a damaged PEM"),
            ("cert_file: cert.pem\nkey_file: junk.pem".to_owned(), "key_file", "holds no PEM private key"),
            ("cert_file: cert.pem\nkey_file: other.pem".to_owned(), "key_file", "does not go with the cert"),
            (format!("{pair}cert: x"), "cert", "give either this or cert_file"),
            (format!("{pair}min_version: TLS10"), "min_version", "'TLS10' is not supported; write TLS12"),
            (format!("{pair}min_version: TLS13\nmax_version: TLS12"), "max_version", "is below min_version"),
            (
                format!("{pair}cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA]"),
                "cipher_suites",
                "'TLS_RSA_WITH",
            ),
            (format!("{pair}curve_preferences: [CurveP521]"), "curve_preferences", "'CurveP521' is not supp"),
            (format!("{pair}client_auth_type: Maybe"), "client_auth_type", "'Maybe' is unknown; write NoCl"),
            (format!("{pair}client_ca_file: cert.pem"), "client_auth_type", "missing; without it client_ca"),
            (
                format!("{pair}client_auth_type: RequireAndVerifyClientCert"),
                "client_ca_file",
                "missing; TLS needs it",
            ),
            (
                format!("{pair}client_auth_type: RequestClientCert\nclient_allowed_sans: [a]"),
                "client_allowed_sans",
                "needs client_auth_type RequireAndVerifyClientCert",
            ),
        ] {
            let fault = try_load(&folder, &yaml).err().unwrap_or_else(|| panic!("accepted: {yaml}"));
            assert_eq!(fault.key, format!("tls_server_config.{key}"), "{yaml}");
            assert!(fault.problem.starts_with(problem), "{yaml}\n  {}", fault.problem);
        }
    }
}
