//! Which nodes lie on one cycle: the strongly connected components. (Kosaraju's two passes, as in M. Sharir,
//! Computers & Mathematics with Applications 7, 1981.)

/// The component of each node. No recursion, so that a long chain costs no stack.
pub(super) fn components(forwards: &[Vec<usize>], backwards: &[Vec<usize>]) -> Vec<usize> {
    let mut component = vec![usize::MAX; forwards.len()];
    for (number, &root) in finished(forwards).iter().rev().enumerate() {
        let mut waiting = vec![root];
        while let Some(node) = waiting.pop() {
            if component[node] == usize::MAX {
                component[node] = number;
                waiting.extend(backwards[node].iter().filter(|next| component[**next] == usize::MAX));
            }
        }
    }
    component
}

/// The nodes in the order in which a search in depth leaves them.
fn finished(forwards: &[Vec<usize>]) -> Vec<usize> {
    let (mut seen, mut order) = (vec![false; forwards.len()], Vec::with_capacity(forwards.len()));
    for root in 0..forwards.len() {
        let mut path = if seen[root] { vec![] } else { vec![(root, 0)] };
        seen[root] = true;
        while let Some((node, next)) = path.pop() {
            match forwards[node].get(next) {
                None => order.push(node),
                Some(&callee) => {
                    path.push((node, next + 1));
                    if !seen[callee] {
                        seen[callee] = true;
                        path.push((callee, 0));
                    }
                }
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(edges: &[(usize, usize)], nodes: usize) -> Vec<Vec<usize>> {
        let (mut forwards, mut backwards) = (vec![vec![]; nodes], vec![vec![]; nodes]);
        for &(from, to) in edges {
            forwards[from].push(to);
            backwards[to].push(from);
        }
        let component = components(&forwards, &backwards);
        let mut groups: Vec<Vec<usize>> = vec![vec![]; nodes];
        (0..nodes).for_each(|node| groups[component[node]].push(node));
        groups.retain(|group| group.len() > 1);
        groups.sort();
        groups
    }

    #[test]
    fn nodes_on_one_cycle_share_a_component() {
        for (edges, nodes, expected) in [
            (&[(0, 1), (1, 2)][..], 3, vec![]),
            (&[(0, 1), (1, 0), (1, 2)], 3, vec![vec![0, 1]]),
            (&[(0, 1), (1, 2), (2, 0), (3, 2), (3, 4), (4, 3)], 5, vec![vec![0, 1, 2], vec![3, 4]]),
        ] {
            assert_eq!(alike(edges, nodes), expected);
        }
    }

    #[test]
    fn a_long_chain_costs_no_stack() {
        let chain: Vec<(usize, usize)> = (0..100_000).map(|node| (node, node + 1)).collect();
        assert_eq!(alike(&chain, 100_001), Vec::<Vec<usize>>::new());
    }
}
