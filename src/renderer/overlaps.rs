//! Groups that share pixels: the light of each is put over that of the groups below it.
//!
//! Only groups with an order (`over`) are here. All others write their pixels themselves. A block
//! is composed again when one of its groups has changed.

use super::group_state::{GroupState, PutOptions};
use super::paint_overlay::PaintOverlay;
use crate::color::Color;
use crate::finish::Frame;
use crate::layout::Place;
use crate::plan::{GroupPlan, draw_order};
use std::collections::HashMap;

/// All groups with an order.
#[derive(Debug, Default)]
pub(super) struct Overlaps {
    blocks: Vec<Block>,
    /// The block of each group.
    block_of: Vec<Option<usize>>,
}

/// Groups that are over each other.
#[derive(Debug)]
struct Block {
    /// The groups, lowest first.
    groups: Vec<BlockGroup>,
    pixels: Vec<BlockPixel>,
    has_changed: bool,
}

/// A group of a block.
#[derive(Debug)]
struct BlockGroup {
    group: usize,
    /// For each of its pixels the index in the pixels of the block, and whether a group below has
    /// it too.
    pixels: Vec<(usize, bool)>,
}

/// A pixel of a block while it is composed.
#[derive(Clone, Copy, Debug)]
struct BlockPixel {
    place: Place,
    color: Color,
    /// The part that groups cover.
    coverage: f32,
    is_moving: bool,
}

impl Overlaps {
    pub(super) fn new(groups: &[GroupPlan]) -> Self {
        let over: Vec<Vec<usize>> = groups.iter().map(|group| group.over.clone()).collect();
        let order = draw_order(&over);
        let block_of = blocks(&over);
        let count = block_of.iter().flatten().max().map_or(0, |last| last + 1);
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); count];
        // A checked plan has no circles.
        for group in order.order.into_iter().chain(order.circular) {
            if let Some(block) = block_of[group] {
                members[block].push(group);
            }
        }
        let blocks = members.iter().map(|members| Block::new(members, groups));
        Self {
            blocks: blocks.collect(),
            block_of,
        }
    }

    /// Returns the groups that have a group below at every pixel.
    pub(super) fn all_above(&self) -> impl Iterator<Item = usize> {
        let groups = self.blocks.iter().flat_map(|block| &block.groups);
        let all_above = groups.filter(|group| group.pixels.iter().all(|(_, has_below)| *has_below));
        all_above.map(|group| group.group)
    }

    /// Whether a group is composed here. `has_changed` says whether it must be composed again.
    pub(super) fn contains(&mut self, group: usize, has_changed: bool) -> bool {
        let block = self.block_of.get(group).copied().flatten();
        let Some(block) = block.and_then(|index| self.blocks.get_mut(index)) else {
            return false;
        };
        block.has_changed |= has_changed;
        true
    }

    /// Composes the blocks that have changed and writes them to the strips.
    pub(super) fn put(
        &mut self,
        frames: &mut [Frame],
        groups: &[GroupState],
        plans: &[GroupPlan],
        overlay: &PaintOverlay,
    ) {
        for block in &mut self.blocks {
            if std::mem::take(&mut block.has_changed) {
                block.compose(groups, plans, overlay);
                block.put(frames);
            }
        }
    }
}

impl Block {
    fn new(members: &[usize], plans: &[GroupPlan]) -> Self {
        let mut known: HashMap<(usize, usize), usize> = HashMap::new();
        let mut pixels = Vec::new();
        let mut groups = Vec::new();
        for group in members {
            let mut own = Vec::new();
            for place in plans[*group].group.places() {
                let key = (place.strip, place.pixel);
                let has_below = known.contains_key(&key);
                let index = *known.entry(key).or_insert_with(|| {
                    pixels.push(BlockPixel::dark(place));
                    pixels.len() - 1
                });
                own.push((index, has_below));
            }
            groups.push(BlockGroup {
                group: *group,
                pixels: own,
            });
        }
        Self {
            groups,
            pixels,
            has_changed: false,
        }
    }

    fn compose(&mut self, groups: &[GroupState], plans: &[GroupPlan], overlay: &PaintOverlay) {
        for pixel in &mut self.pixels {
            *pixel = BlockPixel::dark(pixel.place);
        }
        for member in &self.groups {
            let index = member.group;
            let Some((state, plan)) = groups.get(index).zip(plans.get(index)) else {
                continue;
            };
            let yields = state.selector.yields(plan);
            let options = state.put_options();
            let coverage = state.coverage();
            let colors = member.pixels.iter().zip(state.canvas()).enumerate();
            for (number, ((pixel, has_below), color)) in colors {
                let coverage = match coverage {
                    _ if yields && *has_below => 0.0,
                    Some(coverage) => coverage[number],
                    None => 1.0,
                };
                let color = color.scale(options.brightness);
                let pixel = &mut self.pixels[*pixel];
                pixel.add(color, coverage, options);
                pixel.paint(overlay, coverage, options);
            }
        }
    }

    fn put(&self, frames: &mut [Frame]) {
        for pixel in &self.pixels {
            if let Some(frame) = frames.get_mut(pixel.place.strip) {
                frame.put(pixel.place.pixel, pixel.color, 1.0, pixel.is_moving);
            }
        }
    }
}

impl BlockPixel {
    fn dark(place: Place) -> Self {
        Self {
            place,
            color: Color::BLACK,
            coverage: 0.0,
            is_moving: false,
        }
    }

    /// Puts the light of a group over what is here.
    fn add(&mut self, light: Color, coverage: f32, options: PutOptions) {
        if coverage <= 0.0 {
            return;
        }
        let rest = 1.0 - coverage;
        self.color = self.color.scale(rest) + light;
        self.is_moving = options.is_moving || (self.is_moving && rest > 0.0);
        self.coverage += (1.0 - self.coverage) * coverage;
    }

    /// Shows the painted color where it covers the group.
    fn paint(&mut self, overlay: &PaintOverlay, coverage: f32, options: PutOptions) {
        // Where a group shows nothing, that of the group below has been decided already.
        let is_shown = coverage > 0.0 || self.coverage <= 0.0;
        if let Some(color) = overlay
            .at(self.place)
            .filter(|_| options.is_covered && is_shown)
        {
            self.color = color.scale(options.brightness);
            // A painted pixel does not move until the next paint.
            self.is_moving = false;
        }
    }
}

/// Numbers the sets of groups that are connected by their order; `None` for a group without one.
fn blocks(over: &[Vec<usize>]) -> Vec<Option<usize>> {
    let mut related: Vec<Vec<usize>> = vec![Vec::new(); over.len()];
    for (group, below) in over.iter().enumerate() {
        for below in below.iter().filter(|below| **below < over.len()) {
            related[group].push(*below);
            related[*below].push(group);
        }
    }
    let mut block_of = vec![None; over.len()];
    let mut count = 0;
    for first in 0..over.len() {
        if block_of[first].is_some() || related[first].is_empty() {
            continue;
        }
        let mut reached = vec![first];
        while let Some(group) = reached.pop() {
            if block_of[group].replace(count).is_none() {
                reached.extend(&related[group]);
            }
        }
        count += 1;
    }
    block_of
}
