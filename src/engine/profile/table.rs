//! The table of a measurement. The caller allocates it and the render thread fills it.

use super::{Cost, EffectCost};
use crate::effect::{EFFECTS, EffectSpec};
use crate::plan::Plan;
use crate::time::{Span, Time};
use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The number of columns.
const COLUMNS: usize = EFFECTS.len();

/// Sum of the times of one item.
#[derive(Clone, Copy, Debug, Default)]
struct TimeSum {
    times: u64,
    nanos: u64,
    longest: u64,
    pixels: u64,
}

impl TimeSum {
    fn add(&mut self, span: Span, pixels: usize) {
        let nanos = span.as_nanos();
        self.times += 1;
        self.nanos = self.nanos.saturating_add(nanos);
        self.longest = self.longest.max(nanos);
        self.pixels += pixels as u64;
    }

    fn cost(&self) -> Cost {
        Cost {
            frames: self.times,
            avg_us: self.nanos as f64 / self.times.max(1) as f64 / 1e3,
            max_us: self.longest as f64 / 1e3,
        }
    }

    fn ns_per_pixel(&self) -> f64 {
        self.nanos as f64 / self.pixels.max(1) as f64
    }
}

/// The times of all frames and effects of a measurement.
#[derive(Debug)]
pub(crate) struct ProfileTable {
    plan: Arc<Plan>,
    until: Time,
    frame: TimeSum,
    finish: TimeSum,
    /// One row per group, one column per effect.
    effects: Box<[TimeSum]>,
}

impl ProfileTable {
    pub(super) fn new(plan: Arc<Plan>, until: Time) -> Self {
        Self {
            effects: vec![TimeSum::default(); plan.groups.len() * COLUMNS].into_boxed_slice(),
            frame: TimeSum::default(),
            finish: TimeSum::default(),
            plan,
            until,
        }
    }

    /// Returns the number of groups of the plan.
    pub(crate) fn group_count(&self) -> usize {
        self.plan.groups.len()
    }

    /// Adds the time of a whole frame.
    pub(crate) fn frame(&mut self, span: Span) {
        self.frame.add(span, 0);
    }

    /// Adds the time in which a frame was finished.
    pub(crate) fn finish(&mut self, span: Span) {
        self.finish.add(span, 0);
    }

    /// Adds the time in which a group has drawn effects. Effects that fade share it evenly.
    pub(crate) fn group(&mut self, group: usize, drawn: &[&EffectSpec], span: Span) {
        let pixels = self
            .plan
            .groups
            .get(group)
            .map_or(0, |it| it.group.pixels());
        let share = Span::from_nanos(span.as_nanos() / drawn.len().max(1) as u64);
        for effect in drawn {
            let column = EFFECTS.iter().position(|it| it == effect);
            let sum = column.and_then(|column| self.effects.get_mut(group * COLUMNS + column));
            if let Some(sum) = sum {
                sum.add(share, pixels);
            }
        }
    }

    pub(super) fn frames(&self) -> Cost {
        self.frame.cost()
    }

    pub(super) fn finishes(&self) -> Cost {
        self.finish.cost()
    }

    pub(super) fn costs(&self) -> Vec<EffectCost> {
        let groups = self.plan.groups.iter().zip(self.effects.chunks(COLUMNS));
        groups
            .flat_map(|(plan, row)| {
                let drew = EFFECTS.iter().zip(row);
                drew.filter(|(_, sum)| sum.times > 0)
                    .map(|(effect, sum)| EffectCost {
                        group: plan.group.name.clone(),
                        effect: effect.name,
                        cost: sum.cost(),
                        ns_per_pixel: sum.ns_per_pixel(),
                    })
            })
            .collect()
    }
}

/// Holds the table while the render thread fills it.
#[derive(Debug, Default)]
pub(crate) struct ProfileSlot {
    is_on: AtomicBool,
    table: Mutex<Option<Box<ProfileTable>>>,
}

impl ProfileSlot {
    /// Returns the table if a measurement of this plan is running at `now`.
    pub(crate) fn open(
        &self,
        now: Time,
        plan: &Arc<Plan>,
    ) -> Option<MappedMutexGuard<'_, ProfileTable>> {
        if !self.is_on.load(Ordering::Relaxed) {
            return None;
        }
        // `clear` or `install` holds the lock for a moment. This frame is not measured.
        let table = self.table.try_lock()?;
        if table.as_ref().is_none_or(|table| now > table.until) {
            self.is_on.store(false, Ordering::Relaxed);
            return None;
        }
        let fits = |table: &&mut ProfileTable| Arc::ptr_eq(&table.plan, plan);
        MutexGuard::try_map(table, |table| table.as_deref_mut().filter(fits)).ok()
    }

    /// Installs a table. Returns false if the last one is still in use.
    pub(super) fn install(&self, table: ProfileTable) -> bool {
        let Some(mut place) = self.table.try_lock() else {
            return false;
        };
        *place = Some(Box::new(table));
        self.is_on.store(true, Ordering::Relaxed);
        true
    }

    /// Removes the table. Returns `None` if it is in use.
    pub(super) fn clear(&self) -> Option<Box<ProfileTable>> {
        let table = self.table.try_lock()?.take()?;
        self.is_on.store(false, Ordering::Relaxed);
        Some(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::{comet, fire, solid};
    use crate::spec::{RawConfig, compile};

    const TWO_GROUPS: &str = r#"{"sections": [
        ["lumen", {}],
        ["lumen_strip a", {"driver": "memory", "count": "4"}],
        ["lumen_group case", {"strip": "a", "index_end": "3"}],
        ["lumen_group top", {"strip": "a", "index_start": "4", "index_end": "4"}]
    ]}"#;

    fn plan() -> Arc<Plan> {
        let raw: RawConfig = serde_json::from_str(TWO_GROUPS).unwrap();
        Arc::new(compile(&raw, None).unwrap().plan)
    }

    fn at(seconds: f64) -> Time {
        Time::from_secs(seconds)
    }

    #[test]
    fn each_effect_of_each_group_has_its_own_times() {
        let mut table = ProfileTable::new(plan(), at(5.0));
        for nanos in [1000, 2000, 6000] {
            table.group(0, &[&comet::SPEC], Span::from_nanos(nanos));
        }
        table.group(0, &[&solid::SPEC], Span::from_nanos(500));
        table.group(1, &[&comet::SPEC], Span::from_nanos(700));
        table.group(1, &[], Span::from_nanos(50));
        table.frame(Span::from_nanos(20_000));
        table.finish(Span::from_nanos(4_000));
        let costs: Vec<_> = table
            .costs()
            .into_iter()
            .map(|it| (it.group, it.effect, it.cost.frames, it.ns_per_pixel))
            .collect();
        assert_eq!(
            costs,
            [
                ("case".to_owned(), "solid", 1, 500.0 / 3.0),
                ("case".to_owned(), "comet", 3, 1000.0),
                ("top".to_owned(), "comet", 1, 700.0),
            ]
        );
        let comet = table.costs()[1].cost;
        assert_eq!((comet.avg_us, comet.max_us), (3.0, 6.0));
        assert_eq!((table.frames().frames, table.frames().avg_us), (1, 20.0));
        assert_eq!((table.finishes().frames, table.finishes().avg_us), (1, 4.0));
    }

    #[test]
    fn effects_that_fade_share_the_time_of_their_group() {
        let mut table = ProfileTable::new(plan(), at(5.0));
        table.group(0, &[&fire::SPEC, &comet::SPEC], Span::from_nanos(9_000));
        table.group(0, &[&comet::SPEC], Span::from_nanos(1_500));
        let costs = table.costs().into_iter();
        let costs: Vec<_> = costs.map(|it| (it.effect, it.cost.avg_us)).collect();
        assert_eq!(costs, [("fire", 4.5), ("comet", 3.0)]);
    }

    #[test]
    fn a_table_is_open_for_its_plan_and_its_time_only() {
        let (profile, mine, other) = (ProfileSlot::default(), plan(), plan());
        assert!(profile.open(at(0.0), &mine).is_none());
        assert!(profile.install(ProfileTable::new(Arc::clone(&mine), at(5.0))));
        assert!(profile.open(at(5.0), &mine).is_some());
        assert!(profile.open(at(5.0), &other).is_none());
        assert!(profile.open(at(5.001), &mine).is_none());
        assert!(!profile.is_on.load(Ordering::Relaxed));
        assert!(profile.clear().is_some());
        assert!(profile.open(at(1.0), &mine).is_none());
    }

    #[test]
    fn install_and_clear_do_not_wait_for_a_table_in_use() {
        let (profile, mine) = (ProfileSlot::default(), plan());
        profile.install(ProfileTable::new(Arc::clone(&mine), at(5.0)));
        let open = profile.open(at(1.0), &mine);
        assert!(profile.clear().is_none());
        assert!(!profile.install(ProfileTable::new(Arc::clone(&mine), at(9.0))));
        drop(open);
        assert!(profile.clear().is_some());
    }
}
