//! Rings: `chase 1`, `chase 2`, ... on several groups in one state form one chase around all of
//! them.

use super::lumen_section::LumenSection;
use super::scenes::StateEffect;
use crate::effect::RingPlace;
use crate::layout::Group;
use crate::state::State;

/// Joins the numbered chases of each state to a ring, in the order of their numbers. Equal numbers
/// keep the order of the config. All members use the options of the first one.
pub(super) fn join(groups: &[Group], lines: &mut [Vec<StateEffect>], lumen: &LumenSection) {
    let mut rings: Vec<(State, Vec<Member>)> = Vec::new();
    for (group, lines) in lines.iter().enumerate() {
        for (index, line) in lines.iter().enumerate() {
            for (layer, number) in line.rings.iter().enumerate() {
                if let Some(number) = number {
                    let state = line.part.state;
                    let known = rings.iter().position(|(it, _)| *it == state);
                    let ring = known.unwrap_or(rings.len());
                    if known.is_none() {
                        rings.push((state, Vec::new()));
                    }
                    let members = &mut rings[ring].1;
                    let member = (*number, group, index, layer);
                    let place = members.partition_point(|it| *it < member);
                    members.insert(place, member);
                }
            }
        }
    }
    for (state, members) in rings {
        join_state(state, members, groups, lines, lumen);
    }
}

/// A member of a ring: its number, and the indices of its group, its scene there and its layer.
type Member = (u32, usize, usize, usize);

fn join_state(
    state: State,
    members: Vec<Member>,
    groups: &[Group],
    lines: &mut [Vec<StateEffect>],
    lumen: &LumenSection,
) {
    let lengths: Vec<usize> = members
        .iter()
        .map(|(_, group, index, layer)| {
            let layer = lines[*group][*index].part.effect.layers().nth(*layer);
            let part = layer.and_then(|it| it.pixels.clone());
            part.map_or(groups[*group].pixels(), |part| part.len())
        })
        .collect();
    let pixels = lengths.iter().sum();
    let name = lumen.state_name(state);
    let names = members.iter().map(|it| groups[it.1].name.as_str());
    let seed = seed(name, names);
    let mut settings = None;
    let mut first = 0;
    for ((_, group, index, layer), length) in members.into_iter().zip(lengths) {
        let stack = &mut lines[group][index].part.effect;
        let Some(layer) = stack.layers_mut().nth(layer) else {
            continue;
        };
        let effect = &mut layer.effect;
        let settings = settings.get_or_insert_with(|| effect.settings.clone());
        effect.settings.clone_from(settings);
        effect.ring = Some(RingPlace {
            first,
            pixels,
            seed,
        });
        first += length;
    }
}

/// Returns the random seed of a ring: the FNV-1a hash of the state and the group names, so it does
/// not depend on the rest of the config.
fn seed<'a>(state: &'a str, members: impl Iterator<Item = &'a str>) -> u64 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let bytes = [state]
        .into_iter()
        .chain(members)
        .flat_map(|name| name.bytes().chain([0]));
    bytes.fold(BASIS, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    })
}
