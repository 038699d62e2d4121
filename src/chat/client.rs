//! Who asks: whose earlier questions a new one may refer to. Pure.

use std::fmt;

/// A client that conversations are kept apart by: somebody who has proved who they are, or else an address.
/// It never becomes a label of a metric.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientId(String);

/// Longest name that is told apart, in bytes: longer ones share their beginning.
const MAX_NAME: usize = 256;

impl ClientId {
    /// Somebody known; `kind` says how, such as `token`, so that a user is never a token of the same name.
    pub fn named(kind: &str, name: &str) -> Self {
        let name = &name[..name.floor_char_boundary(MAX_NAME)];
        Self(format!("{kind} {name}"))
    }

    /// Whoever calls from an address, where nobody has to authenticate.
    pub fn address(address: impl fmt::Display) -> Self {
        Self(format!("address {address}"))
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_told_apart_by_how_they_are_known() {
        let ids = [
            ClientId::named("token", "ops"),
            ClientId::named("user", "ops"),
            ClientId::named("user", "10.0.0.7"),
            ClientId::address("10.0.0.7"),
        ];
        for (index, id) in ids.iter().enumerate() {
            assert_eq!(ids.iter().position(|other| other == id), Some(index), "{id}");
        }
        assert!(ClientId::named("user", &"é".repeat(1000)).to_string().len() <= MAX_NAME + 5);
    }
}
