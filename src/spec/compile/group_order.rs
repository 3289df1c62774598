//! Reads `over`: which groups a group covers where they share pixels.

use super::lumen_section::items;
use crate::plan::draw_order;
use crate::spec::section::{Diagnostics, SectionReader, unknown};
use crate::text::{listed, shown};
use std::collections::HashMap;

/// The option.
const OVER: &str = "over";

/// Unknown names of one group that are reported, each with a suggestion.
const MAX_UNKNOWN: usize = 3;

/// The order of the groups.
#[derive(Debug)]
pub(super) struct GroupOrder {
    /// The groups that each group is over.
    pub(super) over: Vec<Vec<usize>>,
    /// All groups, lowest first.
    pub(super) order: Vec<usize>,
}

/// Reads the order of all groups, and reports unknown groups and circles.
pub(super) fn read(
    groups: &[SectionReader<'_>],
    texts: &[Option<&str>],
    diagnostics: &mut Diagnostics,
) -> GroupOrder {
    let index: HashMap<&str, usize> = groups.iter().map(|it| it.name).zip(0..).collect();
    let mut over: Vec<Vec<usize>> = Vec::new();
    for (section, text) in groups.iter().zip(texts) {
        over.push(match text {
            Some(text) => below((section, text), groups, &index, diagnostics),
            None => Vec::new(),
        });
    }
    let draw_order = draw_order(&over);
    report_circles(groups, &over, &draw_order.circular, diagnostics);
    let mut order = draw_order.order;
    order.extend(draw_order.circular);
    GroupOrder { over, order }
}

fn below(
    (section, text): (&SectionReader<'_>, &str),
    groups: &[SectionReader<'_>],
    index: &HashMap<&str, usize>,
    diagnostics: &mut Diagnostics,
) -> Vec<usize> {
    let mut below = Vec::new();
    let mut unknown_count = 0;
    for word in items(text) {
        match index.get(word) {
            Some(group) if groups[*group].name == section.name => {
                diagnostics.option(section.title, OVER, "must not name the group itself");
            }
            Some(group) => {
                if let Err(place) = below.binary_search(group) {
                    below.insert(place, *group);
                }
            }
            None if unknown_count == MAX_UNKNOWN => {}
            None => {
                unknown_count += 1;
                let problem = unknown("group", word, groups.iter().map(|it| it.name));
                diagnostics.option(section.title, OVER, &problem);
            }
        }
    }
    if items(text).next().is_none() {
        let problem = "must be the names of groups, as in 'over: case'";
        diagnostics.option(section.title, OVER, problem);
    }
    below
}

/// Reports each circle once. Each group is visited once.
fn report_circles(
    groups: &[SectionReader<'_>],
    over: &[Vec<usize>],
    circular: &[usize],
    diagnostics: &mut Diagnostics,
) {
    let mut is_circular = vec![false; groups.len()];
    for group in circular {
        is_circular[*group] = true;
    }
    let mut visited_from: Vec<Option<usize>> = vec![None; groups.len()];
    for first in circular {
        let mut path = Vec::new();
        let mut next = Some(*first);
        while let Some(group) = next.filter(|group| visited_from[*group].is_none()) {
            visited_from[group] = Some(*first);
            path.push(group);
            next = over[group].iter().copied().find(|it| is_circular[*it]);
        }
        let Some(start) = next.filter(|group| visited_from[*group] == Some(*first)) else {
            continue;
        };
        let circle = path.iter().skip_while(|group| **group != start);
        let names = circle.chain([&start]).map(|group| groups[*group].name);
        let names: Vec<String> = names.map(shown).collect();
        let problem = match names.len() {
            0..=20 => format!("must not form a circle: {}", names.join(" over ")),
            _ => format!(
                "must not form a circle of {}",
                listed(names.iter().map(String::as_str))
            ),
        };
        diagnostics.option(groups[start].title, OVER, &problem);
    }
}
