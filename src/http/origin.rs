//! Defence against other people's web pages in our user's browser.
//!
//! A page of another origin can make a browser send requests here, with the browser's own basic-auth
//! credentials or client certificate, or with none where none are needed. Two checks, decided so:
//!
//! * Requests that may change something (not `GET`, `HEAD`, `OPTIONS`) are refused when the browser says that
//!   they come from elsewhere: `Sec-Fetch-Site`, or else an `Origin` that is not this `Host`. Callers with a
//!   bearer token are exempt, since no browser adds one by itself. Programs send neither header.
//! * Where nobody has to authenticate on a loopback address, `Host` must be an IP address or `localhost`, for
//!   every method: a page that rebinds its own DNS name to 127.0.0.1 is of the same origin, but cannot hide
//!   its name. `allow_unauthenticated` switches this check off.

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method, Uri};

/// Why a request is refused, for the caller.
pub(super) const FOREIGN_ORIGIN: &str = "the request comes from a page of another origin";

/// Why a request is refused, for the caller.
pub(super) const FOREIGN_HOST: &str = "without authentication only 'localhost' and IP addresses are served; \
     configure tokens or users, or set web.allow_unauthenticated";

/// Whether a request that may change something comes from a page of another origin.
pub(super) fn is_cross_origin(method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        return site != "same-origin" && site != "none";
    }
    let Some(origin) = headers.get(ORIGIN) else { return false };
    let origin_host = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    match (origin_host, host_of(uri, headers)) {
        (Some(origin), Some(host)) => !origin.eq_ignore_ascii_case(host),
        _ => true,
    }
}

/// Whether the request names a host that somebody else's DNS could have pointed here.
pub(super) fn has_foreign_host(uri: &Uri, headers: &HeaderMap) -> bool {
    if !headers.contains_key(HOST) && uri.authority().is_none() {
        return false;
    }
    host_of(uri, headers).is_none_or(|host| !cannot_be_rebound(host))
}

fn host_of<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    let header = || headers.get(HOST).and_then(|host| host.to_str().ok());
    uri.authority().map(|authority| authority.as_str()).or_else(header)
}

fn cannot_be_rebound(host: &str) -> bool {
    if let Some(v6) = host.strip_prefix('[') {
        return v6.split_once(']').is_some_and(|(ip, _port)| ip.parse::<std::net::Ipv6Addr>().is_ok());
    }
    let name = host.split_once(':').map_or(host, |(name, _port)| name).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || name.parse::<std::net::Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn only_mutating_requests_of_foreign_pages_are_cross_origin() {
        let here = ("host", "localhost:9494");
        let path = Uri::from_static("/query");
        for (method, given, cross, why) in [
            (Method::POST, vec![here], false, "a program sends no Origin"),
            (Method::POST, vec![here, ("origin", "http://localhost:9494")], false, "our own page"),
            (Method::POST, vec![here, ("origin", "http://LOCALHOST:9494")], false, "hosts have no case"),
            (Method::POST, vec![here, ("origin", "http://evil.example")], true, "another host"),
            (Method::POST, vec![here, ("origin", "http://localhost:3000")], true, "another port"),
            (Method::POST, vec![here, ("origin", "null")], true, "a sandboxed page"),
            (Method::POST, vec![("origin", "http://localhost:9494")], true, "nothing to compare with"),
            (Method::DELETE, vec![here, ("origin", "http://evil.example")], true, "every mutating method"),
            (
                Method::GET,
                vec![here, ("origin", "http://evil.example")],
                false,
                "reading: the browser hides it",
            ),
            (Method::POST, vec![here, ("sec-fetch-site", "cross-site")], true, "the browser says so"),
            (Method::POST, vec![here, ("sec-fetch-site", "same-site")], true, "a sibling is a stranger"),
            (Method::POST, vec![here, ("sec-fetch-site", "none")], false, "the user's own act"),
            (
                Method::POST,
                vec![here, ("sec-fetch-site", "same-origin"), ("origin", "https://proxy.example")],
                false,
                "a proxy renamed the host; the browser knows better",
            ),
        ] {
            assert_eq!(is_cross_origin(&method, &path, &headers(&given)), cross, "{why}");
        }
    }

    #[test]
    fn only_names_that_dns_could_rebind_are_foreign() {
        for (host, foreign) in [
            ("localhost", false),
            ("localhost:9494", false),
            ("app.localhost:9494", false),
            ("127.0.0.1:9494", false),
            ("[::1]:9494", false),
            ("10.0.0.7", false),
            ("evil.example:9494", true),
            ("localhost.evil.example", true),
            ("127.0.0.1.evil.example", true),
            ("[evil]:9494", true),
            ("", true),
        ] {
            let given = headers(&[("host", host)]);
            assert_eq!(has_foreign_host(&Uri::from_static("/"), &given), foreign, "{host}");
        }
        assert!(!has_foreign_host(&Uri::from_static("/"), &HeaderMap::new()), "no browser leaves Host out");
        assert!(has_foreign_host(
            &Uri::from_static("http://evil.example/"),
            &headers(&[("host", "localhost")])
        ));
    }
}
