//! Which group each series belongs to, and its place among the members.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::model::{Labels, Timestamp};

use super::Groups;
use super::group::Group;
use super::rows::{Cursor, Owner};

/// Groups and members are kept for so long after they were last seen.
const FORGET_AFTER: Duration = Duration::from_secs(86_400);

/// Where a series belongs.
pub(super) struct Seat {
    pub(super) group: usize,
    pub(super) member: usize,
    /// The last round of answers that had it.
    pub(super) round: u64,
}

/// New places by the old ones; `None` for what goes.
type Places = Vec<Option<usize>>;

impl Groups {
    /// Drops the cursors of series that were given twice; how many.
    pub(super) fn drop_duplicates(&mut self, cursors: &mut Vec<Cursor<'_>>) -> u64 {
        let before = cursors.len();
        let (seats, round) = (&mut self.seats, self.rounds);
        let mut newcomers: BTreeSet<(usize, Labels)> = BTreeSet::new();
        cursors.retain(|cursor| match &cursor.owner {
            Owner::Seat(seat) => std::mem::replace(&mut seats[*seat].round, round) != round,
            Owner::New(labels) => newcomers.insert((cursor.query, labels.clone())),
        });
        (before - cursors.len()) as u64
    }

    /// Gives the series that come first at this time a seat, in the order of their labels; drops those there is
    /// no room for, and says how many.
    pub(super) fn seat_newcomers(&mut self, cursors: &mut Vec<Cursor<'_>>, at: Timestamp) -> u64 {
        let mut refused = BTreeSet::new();
        for (key, query, labels, index) in self.newcomers(cursors, at) {
            match self.seat(key, query, labels) {
                Some(seat) => {
                    self.rolls[query].keep_text(cursors[index].text, seat);
                    cursors[index].owner = Owner::Seat(seat);
                }
                None => _ = refused.insert(index),
            }
        }
        let mut index = 0..;
        cursors.retain(|_| index.next().is_none_or(|index| !refused.contains(&index)));
        refused.len() as u64
    }

    /// The series that come first at this time: group, query, labels, and which cursor; in this order.
    fn newcomers(&self, cursors: &[Cursor<'_>], at: Timestamp) -> Vec<(Labels, usize, Labels, usize)> {
        let newcomer = |(index, cursor): (usize, &Cursor<'_>)| match &cursor.owner {
            Owner::New(labels) if cursor.is_at(at) => {
                Some((self.key(labels), cursor.query, labels.clone(), index))
            }
            _ => None,
        };
        let mut newcomers: Vec<_> = cursors.iter().enumerate().filter_map(newcomer).collect();
        newcomers.sort();
        newcomers
    }

    /// The labels of a series that name its group; one that is absent counts as empty, as in PromQL.
    fn key(&self, labels: &Labels) -> Labels {
        let by = self.model.group_by.iter();
        by.filter_map(|name| Some((name.as_str(), labels.get(name)?))).collect()
    }

    fn seat(&mut self, key: Labels, query: usize, labels: Labels) -> Option<usize> {
        let group = match self.places.get(&key) {
            Some(group) => *group,
            None if self.budget.take() => self.add_group(Group::new(key)),
            None => return None,
        };
        let member = self.groups[group].add(query, labels.clone())?;
        Some(self.add_seat(group, member, query, labels))
    }

    /// Adds a group whose place in the budget is taken.
    pub(super) fn add_group(&mut self, group: Group) -> usize {
        self.places.insert(group.labels.clone(), self.groups.len());
        self.groups.push(group);
        self.groups.len() - 1
    }

    pub(super) fn add_seat(&mut self, group: usize, member: usize, query: usize, labels: Labels) -> usize {
        self.rolls[query].add(labels, self.seats.len());
        self.seats.push(Seat { group, member, round: self.rounds });
        self.seats.len() - 1
    }

    /// Drops groups and members that have not been seen for a day.
    pub(super) fn drop_gone(&mut self, now: Timestamp) {
        let stays = |group: &Group| group.last_seen + FORGET_AFTER >= now;
        let groups = numbered(self.groups.iter().map(stays));
        let members: Vec<Option<Places>> =
            self.groups.iter_mut().map(|group| group.forget(FORGET_AFTER, now)).collect();
        if groups.iter().all(Option::is_some) && members.iter().all(Option::is_none) {
            return;
        }
        self.move_seats(&groups, &members);
        self.budget.give_back(groups.iter().filter(|place| place.is_none()).count());
        self.groups.retain(stays);
        self.places.retain(|_, place| groups[*place].map(|new| *place = new).is_some());
    }

    /// `members` has the new places of a group's members where any goes.
    fn move_seats(&mut self, groups: &Places, members: &[Option<Places>]) {
        let moved = |seat: &Seat| {
            let member = match &members[seat.group] {
                Some(places) => places[seat.member]?,
                None => seat.member,
            };
            Some((groups[seat.group]?, member))
        };
        let seats = numbered(self.seats.iter().map(|seat| moved(seat).is_some()));
        self.seats.retain_mut(|seat| {
            moved(seat).map(|(group, member)| (seat.group, seat.member) = (group, member)).is_some()
        });
        self.rolls.iter_mut().for_each(|roll| roll.move_all(|seat| seats[seat]));
    }
}

/// Consecutive numbers for those that stay.
pub(super) fn numbered(stays: impl Iterator<Item = bool>) -> Places {
    let mut next = 0..;
    stays.map(|stays| stays.then(|| next.next()).flatten()).collect()
}
