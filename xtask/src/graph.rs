//! Dependencies between crates or files.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

/// One depends on the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) from: String,
    pub(crate) to: String,
}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}", self.from, self.to)
    }
}

/// Numbered nodes and the edges between them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    edges: BTreeMap<usize, BTreeSet<usize>>,
}

impl Graph {
    pub(crate) fn insert(&mut self, from: usize, to: usize) {
        self.edges.entry(from).or_default().insert(to);
    }

    /// Every edge, from and to, in order.
    pub(crate) fn edges(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.edges.iter().flat_map(|(from, to)| to.iter().map(move |to| (*from, *to)))
    }

    /// The groups of two or more nodes that all reach each other.
    pub(crate) fn groups(&self) -> Vec<BTreeSet<usize>> {
        let reached: BTreeMap<usize, BTreeSet<usize>> =
            self.edges.keys().map(|node| (*node, self.reached(*node))).collect();
        let reaches =
            |from: usize, to: usize| reached.get(&from).is_some_and(|all| all.contains(&to));
        let mut groups: Vec<BTreeSet<usize>> = Vec::new();
        for node in reached.keys().copied().filter(|node| reaches(*node, *node)) {
            if groups.iter().any(|group| group.contains(&node)) {
                continue;
            }
            let group = reached.keys().copied();
            groups.push(
                group.filter(|other| reaches(node, *other) && reaches(*other, node)).collect(),
            );
        }
        groups
    }

    /// Every node that has an edge.
    pub(crate) fn nodes(&self) -> BTreeSet<usize> {
        self.edges().flat_map(|(from, to)| [from, to]).collect()
    }

    /// The shortest way from a node back to itself, with that node at both ends.
    pub(crate) fn shortest_circle(&self) -> Option<Vec<usize>> {
        let circles = self.edges.keys().filter_map(|node| self.circle(*node));
        circles.min_by_key(Vec::len)
    }

    fn circle(&self, start: usize) -> Option<Vec<usize>> {
        let mut seen = BTreeSet::new();
        let mut open = VecDeque::from([vec![start]]);
        while let Some(way) = open.pop_front() {
            for to in way.last().and_then(|node| self.edges.get(node)).into_iter().flatten() {
                let longer: Vec<usize> = way.iter().copied().chain([*to]).collect();
                if *to == start {
                    return Some(longer);
                }
                if seen.insert(*to) {
                    open.push_back(longer);
                }
            }
        }
        None
    }

    /// The nodes to which edges lead from a node; itself, if it is in a circle.
    fn reached(&self, node: usize) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            for to in self.edges.get(&node).into_iter().flatten() {
                if reached.insert(*to) {
                    open.push(*to);
                }
            }
        }
        reached
    }

    /// The edges between the nodes of a group.
    pub(crate) fn within(&self, group: &BTreeSet<usize>) -> Self {
        self.filtered(|from, to| group.contains(&from) && group.contains(&to))
    }

    /// The edges, from and to, that are to be kept.
    pub(crate) fn filtered(&self, is_kept: impl Fn(usize, usize) -> bool) -> Self {
        let mut graph = Self::default();
        for (from, to) in self.edges().filter(|(from, to)| is_kept(*from, *to)) {
            graph.insert(from, to);
        }
        graph
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(usize, usize)]) -> Graph {
        let mut graph = Graph::default();
        edges.iter().for_each(|(from, to)| graph.insert(*from, *to));
        graph
    }

    #[test]
    fn nodes_that_reach_each_other_are_a_group() {
        let graph = graph(&[(0, 1), (1, 2), (2, 0), (2, 3), (4, 5), (5, 4), (6, 7)]);
        let groups = [BTreeSet::from([0, 1, 2]), BTreeSet::from([4, 5])];
        assert_eq!(graph.groups(), groups);
        assert_eq!(graph.within(&groups[1]).edges().collect::<Vec<_>>(), [(4, 5), (5, 4)]);
        assert_eq!(graph.filtered(|_, to| to != 0).groups(), groups[1..]);
    }

    #[test]
    fn the_shortest_circle_is_found() {
        let edges = [(0, 1), (1, 2), (2, 0), (2, 3), (3, 2)];
        assert_eq!(graph(&edges).shortest_circle().unwrap(), [2, 3, 2]);
        assert_eq!(graph(&edges[..3]).shortest_circle().unwrap(), [0, 1, 2, 0]);
        assert_eq!(graph(&edges[..2]).shortest_circle(), None);
    }

    #[test]
    fn nodes_without_a_circle_are_no_group() {
        assert_eq!(graph(&[(0, 1), (0, 2), (1, 3), (2, 3)]).groups(), []);
    }
}
