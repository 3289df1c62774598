//! Reports pixels that two groups use, or that one group uses twice.

use super::strips::Strips;
use crate::layout::{Group, Segment};
use crate::spec::section::Diagnostics;
use crate::text::shown;
use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

/// Reports each group that shares pixels with an earlier group, and each group that uses pixels
/// twice; one error per group. The run time grows with the number of segments, not with the number
/// of pairs of groups.
pub(super) fn check(groups: &[(&str, &Group)], strips: &Strips<'_>, diagnostics: &mut Diagnostics) {
    let mut used: HashMap<usize, UsedPixels> = HashMap::new();
    for (index, (title, group)) in groups.iter().enumerate() {
        if let Some((strip, pixels)) = repeated(&group.segments) {
            let problem = format!("uses {} twice", describe(strip, &pixels, strips));
            diagnostics.option(title, "pixels", &problem);
        }
        let shared = group.segments.iter().find_map(|segment| {
            let (owner, pixels) = used.get(&segment.strip)?.first_shared(&range(segment))?;
            Some((owner, segment.strip, pixels))
        });
        if let Some((owner, strip, pixels)) = shared {
            let (first, second) = (shown(groups[owner].0), shown(title));
            let pixels = describe(strip, &pixels, strips);
            diagnostics.whole(
                title,
                format!("Sections '{first}' and '{second}' both use {pixels}"),
            );
        }
        for segment in &group.segments {
            let used = used.entry(segment.strip).or_default();
            used.insert(range(segment), index);
        }
    }
}

/// The pixels in use on one strip.
#[derive(Debug, Default)]
struct UsedPixels {
    /// Contiguous runs of used pixels: the last pixel by the first.
    runs: BTreeMap<usize, usize>,
    /// The same pixels, split by owner: the last pixel and the group by the first pixel.
    owners: BTreeMap<usize, (usize, usize)>,
}

impl UsedPixels {
    /// Returns the first used part of a range, and its owner.
    fn first_shared(
        &self,
        range: &RangeInclusive<usize>,
    ) -> Option<(usize, RangeInclusive<usize>)> {
        let (low, high) = (*range.start(), *range.end());
        let before = self.owners.range(..=low).next_back();
        let before = before.filter(|(_, (last, _))| *last >= low);
        let (first, (last, owner)) = before.or_else(|| self.owners.range(low..=high).next())?;
        Some((*owner, low.max(*first)..=high.min(*last)))
    }

    /// Assigns the free pixels of a range to a group.
    ///
    /// All runs that overlap the range are merged into one, so each run is visited once.
    fn insert(&mut self, range: RangeInclusive<usize>, owner: usize) {
        let (low, high) = range.into_inner();
        let before = self.runs.range(..=low).next_back();
        let start = before.filter(|(_, last)| **last >= low);
        let start = start.map_or(low, |(first, _)| *first);
        let overlapping: Vec<_> = self
            .runs
            .range(start..=high)
            .map(|(a, b)| (*a, *b))
            .collect();
        let mut free = low;
        for (first, last) in &overlapping {
            self.runs.remove(first);
            if *first > free {
                self.owners.insert(free, (first - 1, owner));
            }
            free = last + 1;
        }
        if free <= high {
            self.owners.insert(free, (high, owner));
        }
        let last = overlapping.last().map_or(high, |(_, last)| high.max(*last));
        self.runs.insert(low.min(start), last);
    }
}

/// Returns the first pixels that a group uses twice, with their strip.
fn repeated(segments: &[Segment]) -> Option<(usize, RangeInclusive<usize>)> {
    let mut ranges: Vec<_> = segments
        .iter()
        .map(|segment| (segment.strip, range(segment).into_inner()))
        .collect();
    ranges.sort_unstable();
    let mut before: Option<(usize, usize)> = None;
    for (strip, (low, high)) in ranges {
        let last = before.filter(|(other, _)| *other == strip);
        match last {
            Some((_, last)) if low <= last => return Some((strip, low..=high.min(last))),
            _ => before = Some((strip, high)),
        }
    }
    None
}

fn range(segment: &Segment) -> RangeInclusive<usize> {
    segment.first.min(segment.last)..=segment.first.max(segment.last)
}

fn describe(strip: usize, pixels: &RangeInclusive<usize>, strips: &Strips<'_>) -> String {
    let name = shown(strips.name(strip));
    let (first, last) = (pixels.start() + 1, pixels.end() + 1);
    if first == last {
        return format!("pixel {first} of strip '{name}'");
    }
    format!("pixels {first}-{last} of strip '{name}'")
}
