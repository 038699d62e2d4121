//! Bearer tokens.
//!
//! A presented token is compared with every configured one, always with all of them, by keyed digests of
//! equal length under a key drawn at start: neither a token's length nor its first differing byte nor its
//! place in the list shows in the time. (`ring` supplies digest and key; it is the TLS provider anyway.)

use ring::hmac;
use ring::rand::SystemRandom;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::access::AccessError;
use super::config::Token;
use super::identity::{Identity, IdentityKind, Scopes};
use crate::files;

/// A keyed digest of a secret.
#[derive(Clone, Copy)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    /// Whether both are digests of the same secret, in constant time.
    pub(super) fn matches(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }

    /// A number that spreads secrets evenly and says nothing about them.
    pub(super) fn first_byte(&self) -> u8 {
        self.0[0]
    }
}

/// The key under which secrets are digested; new in each process.
#[derive(Clone)]
pub(super) struct DigestKey(hmac::Key);

impl DigestKey {
    /// Draws a key.
    pub(super) fn draw() -> Result<Self, AccessError> {
        hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .map(Self)
            .map_err(|_| AccessError::NoRandomness)
    }

    /// Digests parts; each is preceded by its length, so that they cannot be shifted into each other.
    pub(super) fn digest(&self, parts: &[&[u8]]) -> Digest {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(context.sign().as_ref());
        Digest(digest)
    }
}

/// The configured tokens, their secrets read and digested.
pub(super) struct Tokens {
    key: DigestKey,
    entries: Vec<(Digest, Identity)>,
}

impl Tokens {
    /// Reads every secret. Blocks, for a bounded time. Two tokens with the same secret are refused: it would not be known who calls.
    pub(super) fn read(tokens: &[Token]) -> Result<Self, AccessError> {
        let key = DigestKey::draw()?;
        let mut entries: Vec<(Digest, Identity)> = Vec::new();
        for token in tokens {
            let secret = files::secret_blocking(&token.secret)
                .map_err(|source| AccessError::Token { name: token.name.clone(), source })?;
            let digest = key.digest(&[secret.expose().as_bytes()]);
            if let Some((_, other)) = entries.iter().find(|(known, _)| known.matches(&digest).into()) {
                let (first, second) = (other.name.to_string(), token.name.clone());
                return Err(AccessError::SameToken { first, second });
            }
            let name = token.name.as_str().into();
            let scopes = Scopes::of(&token.scopes);
            entries.push((digest, Identity { name, kind: IdentityKind::Token, scopes }));
        }
        Ok(Self { key, entries })
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Who presents this token.
    pub(super) fn identify(&self, presented: &str) -> Option<&Identity> {
        let digest = self.key.digest(&[presented.as_bytes()]);
        let mut found = u64::MAX;
        for (index, (known, _)) in (0u64..).zip(&self.entries) {
            found.conditional_assign(&index, known.matches(&digest));
        }
        usize::try_from(found).ok().and_then(|index| self.entries.get(index)).map(|(_, identity)| identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Scope;
    use crate::model::SecretSource;

    fn token(folder: &tempfile::TempDir, name: &str, secret: &str) -> Token {
        let path = folder.path().join(name);
        std::fs::write(&path, secret).unwrap();
        Token { name: name.to_owned(), secret: SecretSource::File(path), scopes: vec![Scope::Alerts] }
    }

    #[test]
    fn a_token_is_known_by_its_whole_secret_only() {
        let folder = tempfile::tempdir().unwrap();
        let tokens = [token(&folder, "first", "aaaa\n"), token(&folder, "last", "aaab")];
        let tokens = Tokens::read(&tokens).unwrap();
        for (presented, name) in
            [("aaaa", Some("first")), ("aaab", Some("last")), ("aaa", None), ("aaaaa", None), ("", None)]
        {
            assert_eq!(tokens.identify(presented).map(|identity| &*identity.name), name, "{presented}");
        }
    }

    #[test]
    fn tokens_that_cannot_be_told_apart_or_read_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let same = [token(&folder, "a", "x"), token(&folder, "b", "x")];
        let error = Tokens::read(&same).err().unwrap().to_string();
        assert_eq!(error, "the tokens 'a' and 'b' have the same secret; give each its own");
        let gone = Token { secret: SecretSource::File("/nonexistent".into()), ..same[0].clone() };
        let error = Tokens::read(&[gone]).err().unwrap().to_string();
        assert!(error.starts_with("the token 'a': cannot read the secret file /nonexistent"), "{error}");
    }
}
