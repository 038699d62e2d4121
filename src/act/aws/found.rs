//! Which instance a tag or an address has led to in a run: a later step of it must find the same one.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::model::{InstanceLookup, RunId};

/// So many are remembered: many times what runs under way can look for.
const REMEMBERED: usize = 4096;

/// What was found, the oldest first. Runs do not go on after the process that began them, so memory is enough.
#[derive(Debug, Default)]
pub(super) struct Found(Mutex<VecDeque<(RunId, InstanceLookup, String)>>);

impl Found {
    /// Remembers what was found; refuses, in a sentence, what an earlier step of the run found to be another instance.
    pub(super) fn same(&self, run: RunId, lookup: &InstanceLookup, id: &str) -> Result<(), String> {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match found.iter().find(|(of, by, _)| *of == run && by == lookup) {
            Some((.., earlier)) if earlier != id => {
                Err(format!("{lookup} is {id} now, and was {earlier} in an earlier step of this run"))
            }
            Some(_) => Ok(()),
            None => {
                if found.len() >= REMEMBERED {
                    found.pop_front();
                }
                found.push_back((run, lookup.clone(), id.to_owned()));
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lookup_finds_the_same_instance_for_as_long_as_its_run_lasts() {
        let found = Found::default();
        let address = InstanceLookup::PrivateIp("10.0.0.5".to_owned());
        let tag = InstanceLookup::Tag { key: "Name".to_owned(), value: "web".to_owned() };
        let other = "the instance with the private address 10.0.0.5 is i-2 now, and was i-1 in an earlier step of this run";
        for (run, lookup, id, expected) in [
            (1, &address, "i-1", Ok(())),
            (1, &address, "i-1", Ok(())),
            (1, &address, "i-2", Err(other.to_owned())),
            (1, &tag, "i-2", Ok(())),
            (2, &address, "i-2", Ok(())),
        ] {
            assert_eq!(found.same(RunId(run), lookup, id), expected, "{run}, {lookup}, {id}");
        }
    }

    #[test]
    fn not_more_is_remembered_than_there_is_room_for() {
        let found = Found::default();
        let address = InstanceLookup::PrivateIp("10.0.0.5".to_owned());
        for run in 0..=REMEMBERED as i64 {
            found.same(RunId(run), &address, "i-1").unwrap();
        }
        assert_eq!(found.0.lock().unwrap().len(), REMEMBERED);
        assert!(found.same(RunId(REMEMBERED as i64), &address, "i-2").is_err(), "the newest stay");
    }
}
