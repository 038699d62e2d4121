//! URLs, header fields and listen addresses. No message repeats a URL or a header's value: either
//! may hold a secret put there by mistake.

use std::net::{IpAddr, Ipv6Addr};

use url::Url;

use super::document::Node;
use super::item::Parsed;
use super::section::Section;
use super::values::text;

/// Set by the client itself, or secrets that are given by place (`authorization`, `basic_auth`).
const OWN_HEADERS: [&str; 6] =
    ["host", "content-length", "connection", "transfer-encoding", "accept-encoding", "user-agent"];
const SECRET_HEADERS: [&str; 5] =
    ["authorization", "proxy-authorization", "cookie", "x-api-key", "x-auth-token"];

/// The base URL of a server.
pub(super) fn base_url(node: &Node) -> Parsed<Url> {
    parse_base_url(text(node)?)
}

/// The same from a flag.
pub(super) fn parse_base_url(text: &str) -> Parsed<Url> {
    let url = http_url(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must end with its path; remove what follows ? or #".to_owned());
    }
    Ok(url)
}

/// The URL template of an HTTP action: the server is fixed, so that no label of an alert decides
/// who is called and who is shown the credentials.
pub(super) fn action_url(template: &str) -> Parsed<()> {
    let rest = ["http://", "https://"].iter().find_map(|scheme| template.strip_prefix(scheme));
    let rest = rest.ok_or("must begin with http:// or https://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    if rest[..end].contains(['{', '}']) {
        return Err(
            "must name its server without a template; the path and the query may hold some".to_owned()
        );
    }
    http_url(&template[..template.len() - rest.len() + end]).map(drop)
}

fn http_url(text: &str) -> Parsed<Url> {
    let text = text.trim();
    if !text.starts_with("http://") && !text.starts_with("https://") {
        return Err("must begin with http:// or https://".to_owned());
    }
    let url =
        Url::parse(text).map_err(|error| format!("is not a URL such as http://localhost:9090: {error}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user or a password; give them with basic_auth".to_owned());
    }
    Ok(url)
}

/// Request headers; names differ by more than their case. `refusal`: what stands against a name, as a sentence.
pub(super) fn headers(
    section: &mut Section,
    key: &'static str,
    refusal: impl Fn(&str) -> Option<String>,
) -> Vec<(String, String)> {
    let mut names = HeaderNames::default();
    let pairs = section.pairs(key, |name, node| {
        if let Some(refusal) = refusal(name) {
            return Err(refusal);
        }
        names.claim(name)?;
        let value = text(node)?;
        if ::http::HeaderValue::try_from(value).is_err() {
            return Err("must not hold line breaks or other control characters".to_owned());
        }
        Ok((name.to_owned(), value.to_owned()))
    });
    pairs.unwrap_or_default()
}

/// What stands against a header of a server that is read: whose value is a secret, and is given otherwise.
pub(super) fn secret_of_a_server(name: &str) -> Option<String> {
    let is_secret = SECRET_HEADERS.contains(&name.to_ascii_lowercase().as_str());
    is_secret.then(|| "holds a secret, and headers are shown as they are; use authorization".to_owned())
}

/// The names of the headers of one request.
#[derive(Default)]
pub(super) struct HeaderNames(Vec<String>);

impl HeaderNames {
    /// Takes a name that can be sent, is not the client's own and is not taken yet.
    pub fn claim(&mut self, name: &str) -> Parsed<()> {
        let lower = name.to_ascii_lowercase();
        if self.0.contains(&lower) {
            return Err("is given twice; keep one of the two".to_owned());
        }
        if OWN_HEADERS.contains(&lower.as_str()) {
            return Err("is set by the client itself; remove it".to_owned());
        }
        if ::http::HeaderName::try_from(name).is_err() {
            return Err("is not the name of a header".to_owned());
        }
        self.0.push(lower);
        Ok(())
    }
}

/// `host:port`; a port alone, as in `:9494`, listens on every IPv4 address.
pub(super) fn listen_address(text: &str) -> Parsed<String> {
    let refusal = || "is not an address to listen on; write host:port, for example 127.0.0.1:9494".to_owned();
    let (host, port) = text.rsplit_once(':').ok_or_else(refusal)?;
    port.parse::<u16>().map_err(|_| refusal())?;
    let host = if host.is_empty() { "0.0.0.0" } else { host };
    let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let usable = match literal {
        Some(literal) => literal.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<IpAddr>().is_ok_and(|host| host.is_ipv4()) || host.chars().all(plain),
    };
    if usable { Ok(format!("{host}:{port}")) } else { Err(refusal()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listen_address_has_a_host_and_a_port() {
        for (text, expected) in [
            ("127.0.0.1:9494", Some("127.0.0.1:9494")),
            (":9494", Some("0.0.0.0:9494")),
            ("[::1]:0", Some("[::1]:0")),
            ("localhost:9494", Some("localhost:9494")),
            ("localhost", None),
            ("::1:9494", None),
            ("[::1:9494", None),
            ("127.0.0.1:99999", None),
            ("http://localhost:9494", None),
            ("", None),
        ] {
            assert_eq!(listen_address(text).ok().as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn an_action_calls_a_fixed_server() {
        for (template, accepted) in [
            ("https://hooks.example.org/restart/{{ labels.instance }}", true),
            ("http://[::1]:8080/x?target={{ target }}", true),
            ("https://hooks.example.org", true),
            ("https://{{ target }}/restart", false),
            ("https://user:word@hooks.example.org/", false),
            ("{{ labels.url }}", false),
            ("file:///etc/passwd", false),
            ("https://", false),
            ("https:///restart", false),
            ("https://host:port/", false),
        ] {
            assert_eq!(action_url(template).is_ok(), accepted, "{template}");
        }
    }

    #[test]
    fn no_message_repeats_a_url() {
        for text in ["ftp://u:hunter2@h", "http://u:hunter2@h", "http://hunter2@h:x", "hunter2"] {
            assert!(!parse_base_url(text).unwrap_err().contains("hunter2"), "{text}");
        }
    }
}
