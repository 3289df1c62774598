//! Triggers of endstops and probes.
//!
//! The printer reports the names of the endstops that a homing or probing move has used. Only the
//! latest triggers are kept; memory is fixed. A name is stored as a hash, so a trigger is plain
//! data.

use super::{InputSet, Inputs};
use crate::time::Time;

/// The number of triggers that are kept. Effects are drawn after each of them.
const KEPT: usize = 8;

/// The maximum number of endstops of one move; a bed has up to four motors.
const MAX_ENDSTOPS: usize = 8;

/// The name of an endstop: `stepper_x` and `x` are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endstop(u64);

impl Endstop {
    /// Creates a name from text, in any case.
    pub fn new(name: &str) -> Self {
        const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0100_0000_01b3;
        let name = name.trim().to_ascii_lowercase();
        let name = name.strip_prefix("stepper_").unwrap_or(&name);
        // FNV-1a.
        let hash = name.bytes().fold(OFFSET, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(PRIME)
        });
        Self(hash)
    }
}

/// The endstops of one move that has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trigger([Option<Endstop>; MAX_ENDSTOPS]);

impl Trigger {
    /// Creates a trigger from names with commas between them. Names beyond the eighth are ignored.
    pub fn from_names(names: &str) -> Self {
        let mut trigger = Self::default();
        let names = names.split(',').filter(|name| !name.trim().is_empty());
        for (place, name) in trigger.0.iter_mut().zip(names) {
            *place = Some(Endstop::new(name));
        }
        trigger
    }

    /// Returns whether one of its endstops is in the list.
    pub fn is_in(&self, endstops: &[Endstop]) -> bool {
        self.0.iter().flatten().any(|it| endstops.contains(it))
    }
}

/// The latest triggers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Triggers {
    kept: [(Time, Trigger); KEPT],
    count: u64,
}

impl Triggers {
    /// Adds a trigger.
    fn add(&mut self, now: Time, trigger: Trigger) {
        self.kept[(self.count % KEPT as u64) as usize] = (now, trigger);
        self.count += 1;
    }

    /// Returns the number of triggers since the start.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the triggers after the first `seen` ones, if they are still kept, oldest first.
    pub fn after(&self, seen: u64) -> impl Iterator<Item = (Time, Trigger)> {
        let first = seen.max(self.count.saturating_sub(KEPT as u64));
        (first..self.count).map(|index| self.kept[(index % KEPT as u64) as usize])
    }
}

impl Inputs {
    /// Adds a trigger of endstops; returns the inputs that it changes.
    pub fn trigger(&mut self, now: Time, trigger: Trigger) -> InputSet {
        self.triggers.add(now, trigger);
        InputSet::TRIGGERS
    }

    /// Returns the latest triggers of endstops.
    pub fn triggers(&self) -> &Triggers {
        &self.triggers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_an_endstop_is_that_of_its_stepper() {
        let listed = ["x", " Stepper_Y"].map(Endstop::new);
        for (names, is_listed) in [
            ("stepper_x", true),
            ("stepper_z,Y", true),
            ("probe", false),
            ("", false),
        ] {
            assert_eq!(Trigger::from_names(names).is_in(&listed), is_listed);
        }
    }

    #[test]
    fn the_latest_triggers_are_kept() {
        let mut triggers = Triggers::default();
        for second in 0..20 {
            triggers.add(Time::from_secs(f64::from(second)), Trigger::default());
        }
        let times = |seen| triggers.after(seen).map(|(at, _)| at.as_secs() as u32);
        assert!(times(18).eq([18, 19]));
        assert_eq!((times(20).count(), times(99).count()), (0, 0));
        assert!(times(0).eq(12..20));
        assert_eq!(triggers.count(), 20);
    }
}
