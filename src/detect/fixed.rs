//! Tables of fixed length inside a state, without a heap block of their own; stored as a list whose length
//! is checked, because serde itself knows arrays of at most 32.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// `N` numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fixed<const N: usize>(pub [f32; N]);

impl<const N: usize> Serialize for Fixed<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Fixed<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = Vec::<f32>::deserialize(deserializer)?;
        let refuse =
            |read: Vec<f32>| D::Error::custom(format!("{} numbers, where {N} are stored", read.len()));
        read.try_into().map(Self).map_err(refuse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_survives_a_round_trip_and_no_other_length_is_taken_for_it() {
        let table = Fixed([1.5f32; 40]);
        let bytes = postcard::to_stdvec(&table).unwrap();
        assert_eq!(postcard::from_bytes::<Fixed<40>>(&bytes).unwrap(), table);
        assert!(postcard::from_bytes::<Fixed<41>>(&bytes).is_err());
        assert!(postcard::from_bytes::<Fixed<39>>(&bytes).is_err());
    }
}
