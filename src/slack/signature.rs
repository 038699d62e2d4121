//! Slack's signature: `v0=` and the HMAC-SHA-256 over `v0:timestamp:body` in hexadecimal, by the app's signing secret.

use std::time::Duration;

use ring::hmac;

use crate::model::{Secret, Timestamp};

/// How far a request's time may be from ours, either way; Slack's own advice.
pub const WINDOW: Duration = Duration::from_secs(5 * 60);
/// How a signature begins.
const VERSION: &str = "v0";

/// Why a request is not believed to come from Slack. No text repeats what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A header is missing.
    #[error("the headers x-slack-signature and x-slack-request-timestamp are needed")]
    Unsigned,
    /// The time is no whole number of seconds.
    #[error("x-slack-request-timestamp is not a time in seconds")]
    NoTime,
    /// The time is too far from ours.
    #[error("x-slack-request-timestamp is more than five minutes from this clock")]
    OutOfTime,
    /// The signature is none, or another one.
    #[error("x-slack-signature does not fit; check slack.signing_secret")]
    Forged,
    /// The time is from before this process started: an earlier one may have taken the request.
    #[error("x-slack-request-timestamp is from before smartcloudops started; send it again")]
    BeforeStart,
    /// The same request was taken before.
    #[error("this request was taken before")]
    Repeated,
    /// More requests than can be remembered came within the window: none can be told from a repeated one.
    #[error("too many requests at once; try again in some minutes")]
    Crowded,
}

/// What is known of a request that Slack has sent: by it a replay is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The signature itself.
    pub signature: [u8; 32],
    /// When it was signed, in whole seconds of Slack's clock.
    pub at: Timestamp,
}

/// Whether Slack has sent this body, at about `now`. `signature` and `timestamp` are the headers. The comparison takes
/// constant time.
pub fn verify(
    secret: &Secret,
    signature: Option<&str>,
    timestamp: Option<&str>,
    body: &[u8],
    now: Timestamp,
) -> Result<Signed, Refusal> {
    let (Some(signature), Some(timestamp)) = (signature, timestamp) else {
        return Err(Refusal::Unsigned);
    };
    let is_number = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = timestamp.parse::<i64>().ok().filter(|_| is_number).ok_or(Refusal::NoTime)?;
    let sent = seconds.checked_mul(1000).ok_or(Refusal::OutOfTime)?;
    if sent.abs_diff(now.as_millis()) > WINDOW.as_millis() as u64 {
        return Err(Refusal::OutOfTime);
    }
    let hex =
        signature.strip_prefix(VERSION).and_then(|rest| rest.strip_prefix('=')).ok_or(Refusal::Forged)?;
    let tag = decode(hex).ok_or(Refusal::Forged)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().trim().as_bytes());
    let signed = [format!("{VERSION}:{timestamp}:").as_bytes(), body].concat();
    hmac::verify(&key, &signed, &tag).map_err(|_| Refusal::Forged)?;
    Ok(Signed { signature: tag, at: Timestamp::from_millis(sent) })
}

/// 32 bytes in lower or upper case.
fn decode(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of Slack's documentation.
    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&\
        channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&\
        command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F\
        397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    const TIME: &str = "1531420618";

    fn check(signature: Option<&str>, time: Option<&str>, body: &str, late: i64) -> Result<(), Refusal> {
        let now = Timestamp::from_millis((1_531_420_618 + late) * 1000);
        verify(&Secret::new(SECRET), signature, time, body.as_bytes(), now).map(drop)
    }

    #[test]
    fn only_what_slack_has_signed_within_five_minutes_is_believed() {
        let (signature, time) = (Some(SIGNATURE), Some(TIME));
        let upper = format!("v0={}", SIGNATURE[3..].to_uppercase());
        let other = SIGNATURE.replace("a2114", "a2115");
        for (sentence, signature, time, body, late, expected) in [
            ("as documented", signature, time, BODY, 0, Ok(())),
            ("upper case is the same number", Some(&*upper), time, BODY, 0, Ok(())),
            ("five minutes late", signature, time, BODY, 300, Ok(())),
            ("later", signature, time, BODY, 301, Err(Refusal::OutOfTime)),
            ("from the future", signature, time, BODY, -301, Err(Refusal::OutOfTime)),
            ("no signature", None, time, BODY, 0, Err(Refusal::Unsigned)),
            ("no time", signature, None, BODY, 0, Err(Refusal::Unsigned)),
            ("a time with a sign", signature, Some("+1531420618"), BODY, 0, Err(Refusal::NoTime)),
            ("a time that is none", signature, Some("soon"), BODY, 0, Err(Refusal::NoTime)),
            ("an endless time", signature, Some("9223372036854775807"), BODY, 0, Err(Refusal::OutOfTime)),
            ("another time", signature, Some("1531420619"), BODY, 0, Err(Refusal::Forged)),
            ("another body", signature, time, "text=", 0, Err(Refusal::Forged)),
            ("another signature", Some(&*other), time, BODY, 0, Err(Refusal::Forged)),
            ("another version", Some(&SIGNATURE[1..]), time, BODY, 0, Err(Refusal::Forged)),
            ("a short one", Some(&SIGNATURE[..60]), time, BODY, 0, Err(Refusal::Forged)),
            ("an empty one", Some(""), time, BODY, 0, Err(Refusal::Forged)),
            (
                "letters beyond ASCII",
                Some("v0=äääääääääääääääääääääääääääääääää"),
                time,
                BODY,
                0,
                Err(Refusal::Forged),
            ),
        ] {
            assert_eq!(check(signature, time, body, late), expected, "{sentence}");
        }
    }
}
