//! E-mail addresses and network addresses, where configured.

use super::{by_default, everything};

#[test]
fn addresses_are_taken_out_and_put_back() {
    for (claim, text, expected) in [
        ("an e-mail address", "ask ann@example.org.", "ask [email-1]."),
        ("with all that may stand before the sign", "<a.b+c_d%e@mail.example.co.uk>", "<[email-1]>"),
        ("two of them, one twice", "a@x.org b@x.org a@x.org", "[email-1] [email-2] [email-1]"),
        ("in another script", "to ünal@bücher.example", "to [email-1]"),
        ("IPv4", "from 10.0.0.1.", "from [ip-1]."),
        ("IPv4 with a port", "10.0.0.1:9100 is down", "[ip-1]:9100 is down"),
        ("IPv4 with a prefix", "10.0.0.0/16", "[ip-1]/16"),
        ("IPv4 in a URL", "http://10.0.0.1/x", "http://[ip-1]/x"),
        ("IPv4 in a label", "up{instance=\"10.0.0.1:9100\"} 0", "up{instance=\"[ip-1]:9100\"} 0"),
        ("two of them, one twice", "10.0.0.1 10.0.0.2 10.0.0.1", "[ip-1] [ip-2] [ip-1]"),
        ("a host of AWS", "ip-10-0-0-1.ec2.internal", "[ip-1].ec2.internal"),
        ("IPv6", "from 2001:db8::1, then", "from [ip-1], then"),
        ("IPv6 at the end of a sentence", "from 2001:db8::1.", "from [ip-1]."),
        ("IPv6 before a colon", "2001:db8::1: refused", "[ip-1]: refused"),
        ("IPv6 with brackets and a port", "[2001:db8::1]:9100", "[[ip-1]]:9100"),
        ("IPv6 with a zone", "fe80::1%eth0 is up", "[ip-1] is up"),
        ("IPv6 of this host", "listening on ::1", "listening on [ip-1]"),
        ("IPv6 with IPv4 in it", "::ffff:10.0.0.1", "[ip-1]"),
        ("IPv6 in full", "2001:0db8:0000:0000:0000:ff00:0042:8329", "[ip-1]"),
    ] {
        let mut session = everything();
        let redacted = session.redact(text);
        assert_eq!(&*redacted, expected, "{claim}");
        assert_eq!(session.restore(&redacted), text, "{claim}: put back");
    }
}

#[test]
fn by_default_addresses_stay() {
    let text = "ann@example.org at 10.0.0.1 and 2001:db8::1";
    assert_eq!(&*by_default().redact(text), text);
}

#[test]
fn a_secret_in_an_address_wins() {
    let mut session = everything();
    let redacted = session.redact("http://ann:pw@example.org/ and password=10.0.0.1");
    assert_eq!(&*redacted, "http://[secret-1]@example.org/ and password=[secret-2]");
}
