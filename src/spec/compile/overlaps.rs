//! Reports pixels that two groups use without an order, or that one group uses twice.

use super::group_order::GroupOrder;
use super::strips::Strips;
use crate::layout::{Group, Segment};
use crate::spec::section::{Diagnostics, SectionReader};
use crate::text::shown;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Reports each group that shares pixels with an earlier group and is not over it, and each group
/// that uses pixels twice; one error per group. The run time grows with the number of segments, not
/// with the number of pairs of groups.
pub(super) fn check(
    sections: &[SectionReader<'_>],
    groups: &[Group],
    order: &GroupOrder,
    strips: &Strips<'_>,
    diagnostics: &mut Diagnostics,
) {
    let mut used = UsedStrips::default();
    for index in &order.order {
        let (group, below) = (&groups[*index], &order.over[*index]);
        let title = sections[*index].title;
        if let Some((strip, pixels)) = repeated(&group.segments) {
            let problem = format!("uses {} twice", describe(strip, &pixels, strips));
            diagnostics.option(title, "pixels", &problem);
        }
        let shared = group.segments.iter().find_map(|segment| {
            let strip = used.strip(segment.strip);
            let (owner, pixels) = strip.first_not_in(&range(segment), below)?;
            Some((owner, segment.strip, pixels))
        });
        if let Some((owner, strip, pixels)) = shared {
            let pixels = describe(strip, &pixels, strips);
            let names = below.iter().map(|below| sections[*below].name);
            let over = names.chain([sections[owner].name]).collect::<Vec<_>>();
            let pair = (&sections[owner], &sections[*index]);
            diagnostics.whole(title, overlap(pair, &over, &pixels));
        }
        for segment in &group.segments {
            let used = used.strip(segment.strip);
            if !below.is_empty() {
                used.free(range(segment));
            }
            used.insert(range(segment), *index);
        }
    }
}

/// Returns the message about two groups without an order, and how to state one.
fn overlap(
    (lower, upper): (&SectionReader<'_>, &SectionReader<'_>),
    over: &[&str],
    pixels: &str,
) -> String {
    let (first, second) = (shown(lower.title), shown(upper.title));
    format!(
        "Sections '{first}' and '{second}' both use {pixels}; if '{}' is to cover '{}' there, add \
         'over: {}' to [{second}]",
        shown(upper.name),
        shown(lower.name),
        shown(&over.join(", "))
    )
}

/// The pixels in use, by the index of the strip.
#[derive(Debug, Default)]
struct UsedStrips(Vec<UsedPixels>);

impl UsedStrips {
    fn strip(&mut self, index: usize) -> &mut UsedPixels {
        let count = self.0.len().max(index + 1);
        self.0.resize_with(count, UsedPixels::default);
        &mut self.0[index]
    }
}

/// The pixels in use on one strip.
#[derive(Debug, Default)]
struct UsedPixels {
    /// Contiguous runs of used pixels, by the first pixel. The owner is one of the groups.
    runs: BTreeMap<usize, UsedRange>,
    /// The same pixels, split by the highest group, which is the owner.
    owners: BTreeMap<usize, UsedRange>,
}

/// Pixels from the key of the part on. One type for both maps keeps the program small.
#[derive(Clone, Copy, Debug)]
struct UsedRange {
    /// The last pixel.
    last: usize,
    /// The index of the group.
    owner: usize,
}

impl UsedPixels {
    /// Returns the first used part of a range whose owner is not in `below`, and the owner.
    fn first_not_in(
        &self,
        range: &RangeInclusive<usize>,
        below: &[usize],
    ) -> Option<(usize, RangeInclusive<usize>)> {
        let (low, high) = (*range.start(), *range.end());
        let before = self.owners.range(..low).next_back();
        let before = before.filter(|(_, part)| part.last >= low);
        let mut shared = before.into_iter().chain(self.owners.range(low..=high));
        let (first, part) = shared.find(|(_, part)| below.binary_search(&part.owner).is_err())?;
        Some((part.owner, low.max(*first)..=high.min(part.last)))
    }

    /// Takes the pixels of a range from their owners. Each part is visited once, because then it is
    /// gone.
    fn free(&mut self, range: RangeInclusive<usize>) {
        let (low, high) = range.into_inner();
        cut(&mut self.owners, low, high);
        cut(&mut self.runs, low, high);
    }

    /// Assigns the free pixels of a range to a group.
    ///
    /// All runs that overlap the range are merged into one, so each run is visited once.
    fn insert(&mut self, range: RangeInclusive<usize>, owner: usize) {
        let (low, high) = range.into_inner();
        let before = self.runs.range(..=low).next_back();
        let start = before.filter(|(_, part)| part.last >= low);
        let start = start.map_or(low, |(first, _)| *first);
        let overlapping: Vec<_> = self
            .runs
            .range(start..=high)
            .map(|(first, part)| (*first, part.last))
            .collect();
        let part = |last| UsedRange { last, owner };
        let mut free = low;
        for (first, last) in &overlapping {
            self.runs.remove(first);
            if *first > free {
                self.owners.insert(free, part(first - 1));
            }
            free = last + 1;
        }
        if free <= high {
            self.owners.insert(free, part(high));
        }
        let last = overlapping.last().map_or(high, |(_, last)| high.max(*last));
        self.runs.insert(low.min(start), part(last));
    }
}

/// Removes the pixels from `low` to `high` from parts, which are keyed by their first pixel.
fn cut(parts: &mut BTreeMap<usize, UsedRange>, low: usize, high: usize) {
    let before = parts.range(..low).next_back();
    let before = before.filter(|(_, part)| part.last >= low);
    if let Some((first, part)) = before.map(|(first, part)| (*first, *part)) {
        let last = low - 1;
        parts.insert(first, UsedRange { last, ..part });
        if part.last > high {
            parts.insert(high + 1, part);
        }
    }
    while let Some((first, part)) = parts.range(low..=high).next().map(|(a, b)| (*a, *b)) {
        parts.remove(&first);
        if part.last > high {
            parts.insert(high + 1, part);
        }
    }
}

/// Returns the first pixels that a group uses twice, with their strip.
fn repeated(segments: &[Segment]) -> Option<(usize, RangeInclusive<usize>)> {
    let mut used = UsedStrips::default();
    segments.iter().find_map(|segment| {
        let used = used.strip(segment.strip);
        let repeated = used.first_not_in(&range(segment), &[]);
        used.insert(range(segment), 0);
        repeated.map(|(_, pixels)| (segment.strip, pixels))
    })
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
