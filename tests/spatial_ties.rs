//! Permutations that give the observed statistic again: common for genes of few cells, and on lattices.

use resitu::cells::Csr;
use resitu::progress::ignore;
use resitu::spatial::{AutocorrelationParams, Graph, Tail, autocorrelation};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// A ring: every place is like every other.
fn ring(n: usize) -> Result<Graph, resitu::spatial::SpatialError> {
    let rows = (0..n as u32).map(|cell| [(cell + 1) % n as u32, (cell + n as u32 - 1) % n as u32]);
    let neighbours: Vec<u32> = rows.flatten().collect();
    Graph::from_rows((0..=n).map(|cell| 2 * cell).collect(), neighbours, vec![1.0; 2 * n], false)
}

#[test]
fn where_every_permutation_is_like_the_data_p_is_one() -> Outcome {
    let n = 51;
    let graph = ring(n)?;
    // One cell that differs: expressed nowhere else; or less than elsewhere, in numbers that round.
    let rare = (0..n).map(|cell| if cell == 7 { 3.0 } else { 0.0 });
    let frequent = (0..n).map(|cell| if cell == 7 { 0.1 } else { 0.7 });
    let dense: Vec<f32> = rare.zip(frequent).flat_map(|(rare, frequent)| [rare, frequent]).collect();
    let values = Csr::from_dense(2, &dense)?;
    for tail in [Tail::One, Tail::Two] {
        let params = AutocorrelationParams { permutations: 99, tail, ..AutocorrelationParams::default() };
        for gene in autocorrelation(&graph, &values, &params, &mut ignore)? {
            for score in [gene.moran, gene.geary] {
                let simulated = score.simulated.ok_or("no permutations")?;
                assert_eq!(simulated.p, 1.0, "{gene:?}");
                assert!(simulated.z.is_nan(), "{gene:?}");
            }
        }
    }
    Ok(())
}
