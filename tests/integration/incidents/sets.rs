//! Which incidents are played, and what is reached of them at least.

use super::file::{Half, Incident, folder, read};
use super::judge::Verdict;
use super::petshop::Scenario;

/// Incidents that are judged together.
pub struct Set {
    /// What stands above their table.
    pub title: &'static str,
    pub incidents: Vec<Incident>,
    reached: Reached,
}

/// What is asked of a whole set.
struct Reached {
    /// How many incidents there are.
    of: usize,
    /// Of how many of each half the cause is told first at least.
    first: [(Half, usize); 2],
    /// In how many of both halves an innocent place is told first at most.
    innocent: usize,
}

/// Those of the repository, 28 and 26: as many as were reached when the last defect was mended that the development
/// half had shown. Which these are is in the table.
const OWN: Reached = Reached { of: 54, first: [(Half::Development, 25), (Half::HeldOut, 22)], innocent: 3 };
/// PetShop's, four in each half: the fewer of two runs, for what a row of five minutes shows of a fault depends on the
/// minute of the question. Nothing was mended by them.
const PETSHOP: Reached = Reached { of: 8, first: [(Half::Development, 3), (Half::HeldOut, 4)], innocent: 0 };
const PETSHOP_WITHOUT_CALLS: Reached =
    Reached { of: 8, first: [(Half::Development, 3), (Half::HeldOut, 2)], innocent: 0 };

/// The sets, of each the incidents whose name begins so; PetShop's where its folder is named.
pub fn sets(beginning: &str) -> Vec<Set> {
    let mut sets = vec![Set {
        title: "Incidents of the repository",
        incidents: read(&folder(), beginning),
        reached: OWN,
    }];
    let petshop = read(&folder().join("petshop"), beginning);
    if Scenario::named().is_some() {
        let told = petshop.iter().cloned().map(|one| Incident { calls: true, ..one }).collect();
        let title = "PetShop, told who calls whom";
        sets.push(Set { title, incidents: told, reached: PETSHOP });
        let title = "PetShop, not told who calls whom";
        sets.push(Set { title, incidents: petshop, reached: PETSHOP_WITHOUT_CALLS });
    }
    sets.retain(|set| !set.incidents.is_empty());
    assert!(
        !sets.is_empty(),
        "no incident's name begins with '{beginning}'; PetShop's need INCIDENTS_PETSHOP, a scenario's folder"
    );
    sets
}

impl Set {
    /// Panics where less was reached.
    pub fn check(&self, verdicts: &[Verdict]) {
        let Self { title, reached: Reached { of, first, innocent: most }, .. } = self;
        assert_eq!(verdicts.len(), *of, "{title}: another number of incidents");
        for (half, least) in first {
            let first = verdicts.iter().filter(|one| one.half == *half && one.first).count();
            assert!(first >= *least, "{title}, {half:?}: the cause is first in {first}, not in {least}");
        }
        let innocent = verdicts.iter().filter(|one| !one.innocent.is_empty()).count();
        assert!(innocent <= *most, "{title}: an innocent place is first in {innocent}, not in {most}");
    }
}
