//! The order in which groups that share pixels are drawn.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Groups in the order in which they are drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrawOrder {
    /// The indices of the groups, lowest first. Each group is above all groups that it is over.
    pub order: Vec<usize>,
    /// The groups that have no such place: they are over each other in a circle, or over a group
    /// in a circle.
    pub circular: Vec<usize>,
}

/// Sorts groups so that each follows the groups that it is over; otherwise they keep their order.
/// `over` lists these for each group. Indices that do not exist are ignored.
pub fn draw_order(over: &[Vec<usize>]) -> DrawOrder {
    let mut above: Vec<Vec<usize>> = vec![Vec::new(); over.len()];
    let mut waits_for = vec![0_usize; over.len()];
    for (group, below) in over.iter().enumerate() {
        for below in below {
            if let Some(above) = above.get_mut(*below) {
                above.push(group);
                waits_for[group] += 1;
            }
        }
    }
    let free = (0..over.len()).filter(|group| waits_for[*group] == 0);
    let mut free: BinaryHeap<Reverse<usize>> = free.map(Reverse).collect();
    let mut order = Vec::with_capacity(over.len());
    while let Some(Reverse(group)) = free.pop() {
        order.push(group);
        for above in &above[group] {
            waits_for[*above] -= 1;
            if waits_for[*above] == 0 {
                free.push(Reverse(*above));
            }
        }
    }
    let circular = (0..over.len()).filter(|group| waits_for[*group] > 0);
    DrawOrder {
        order,
        circular: circular.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(over: &[&[usize]]) -> (Vec<usize>, Vec<usize>) {
        let over: Vec<Vec<usize>> = over.iter().map(|it| it.to_vec()).collect();
        let DrawOrder { order, circular } = draw_order(&over);
        (order, circular)
    }

    #[test]
    fn a_group_follows_those_that_it_is_over() {
        assert_eq!(order(&[&[], &[], &[]]), (vec![0, 1, 2], vec![]));
        assert_eq!(order(&[&[2], &[0], &[]]), (vec![2, 0, 1], vec![]));
        assert_eq!(order(&[&[1, 2, 9], &[], &[]]), (vec![1, 2, 0], vec![]));
    }

    #[test]
    fn groups_in_a_circle_have_no_place() {
        assert_eq!(order(&[&[0], &[]]), (vec![1], vec![0]));
        assert_eq!(
            order(&[&[1], &[2], &[1], &[], &[3]]),
            (vec![3, 4], vec![0, 1, 2])
        );
    }
}
