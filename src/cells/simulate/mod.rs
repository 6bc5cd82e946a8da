//! Simulated dissociated cells of a human breast tumour, for examples and tests.
//!
//! **These are not measured cells.** Real files may not be shipped with the project, so the example that a visitor tries
//! is made here, and everything made from it says so.
//!
//! The model, for every cell: a type is drawn with the [share](programmes::TYPES) it has; a depth (total counts) is drawn
//! from a log-normal distribution with median [`MEDIAN_DEPTH`] and log-sd 0.45. A gene's expected share of the counts is
//! its background, times the strength of the cell type's marker programme where it belongs to it; the shares of a cell
//! type sum to 1. Counts are negative binomial: Poisson with a gamma-distributed rate of shape 1 / [`DISPERSION`].
//!
//! What it leaves out: gradients within a type, doublets, ambient RNA, batches, dropout beyond sampling, and every trace
//! of a former neighbourhood. So a translation of these cells shows that the machinery runs, never that it is right.
//!
//! The arithmetic is pure Rust (`libm`), so a seed gives the same counts natively and in wasm.

mod programmes;
mod sampling;

use super::{CellsError, Column, Csr};
use sampling::Sampler;

/// Median of the total counts of a cell.
pub const MEDIAN_DEPTH: f64 = 3_000.0;
const DEPTH_LOG_SD: f64 = 0.45;
/// Negative-binomial dispersion φ: the variance of a count with mean m is m + φ m².
pub const DISPERSION: f64 = 0.25;
/// How much of its strength a marker shows in the cell types that are not its own.
const LEAK: f64 = 0.001;

/// Simulated cells, in random order of their types.
#[derive(Debug, Clone)]
pub struct Simulated {
    /// Cells × genes.
    pub counts: Csr,
    /// HGNC symbols.
    pub genes: Vec<String>,
    /// `simulated-0001`, …
    pub names: Vec<String>,
    /// The type each cell was simulated as, to be stored as `simulated_label`.
    pub labels: Column,
}

/// What must be written beside simulated cells wherever they go.
pub const NOTE: &str = "Simulated by resitu from textbook marker programmes of a human breast tumour. \
    Not measured data: do not draw biological conclusions from it.";

/// Simulates `n_cells` cells. O(cells × genes), about 0.1 ms a cell.
///
/// # Errors
/// `cells.bad-matrix` if `n_cells` is 0.
pub fn breast_tumour(n_cells: usize, seed: u64) -> Result<Simulated, CellsError> {
    if n_cells == 0 {
        return Err(CellsError::BadCsr("there is no cell"));
    }
    let (genes, shares) = programmes::expected_shares(LEAK);
    let mut sampler = Sampler::new(seed);
    let mut counts = Csr::empty(genes.len());
    let mut codes = Vec::with_capacity(n_cells);
    for _ in 0..n_cells {
        let kind = sampler.pick(programmes::TYPES.iter().map(|kind| kind.share));
        let depth = MEDIAN_DEPTH * libm::exp(DEPTH_LOG_SD * sampler.normal());
        let row: Vec<(u32, f32)> = shares[kind]
            .iter()
            .enumerate()
            .map(|(gene, share)| (gene as u32, sampler.negative_binomial(depth * share, DISPERSION) as f32))
            .filter(|(_, count)| *count > 0.0)
            .collect();
        counts.push_row(row)?;
        codes.push(kind as i32);
    }
    Ok(Simulated {
        counts,
        genes,
        names: (1..=n_cells).map(|cell| format!("simulated-{cell:04}")).collect(),
        labels: Column::Categorical {
            codes,
            categories: programmes::TYPES.iter().map(|kind| kind.name.to_owned()).collect(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(simulated: &Simulated, cell: usize) -> f64 {
        simulated.counts.row(cell).1.iter().map(|count| f64::from(*count)).sum()
    }

    #[test]
    fn a_seed_gives_the_same_cells_and_another_seed_others() {
        let first = breast_tumour(40, 7).unwrap();
        assert_eq!(first.counts, breast_tumour(40, 7).unwrap().counts);
        assert_ne!(first.counts, breast_tumour(40, 8).unwrap().counts);
    }

    /// A constant: whoever changes the simulator changes the example, and must do so knowingly.
    #[test]
    fn counts_are_the_same_on_every_platform() {
        let cells = breast_tumour(50, 1).unwrap();
        let (_, indices, values) = cells.counts.parts();
        // FNV-1a over genes and counts.
        let mix = |hash: u64, word: u32| (hash ^ u64::from(word)).wrapping_mul(0x0100_0000_01b3);
        let pairs = indices.iter().zip(values);
        let hash = pairs.fold(0xcbf2_9ce4_8422_2325, |hash, (gene, count)| mix(mix(hash, *gene), *count as u32));
        assert_eq!(format!("{hash:016x}"), "b36c60c6570ae8d8");
    }

    #[test]
    fn depth_and_counts_have_the_distribution_that_is_documented() {
        let cells = breast_tumour(1_000, 1).unwrap();
        let mut depths: Vec<f64> = (0..1_000).map(|cell| total(&cells, cell)).collect();
        depths.sort_by(f64::total_cmp);
        // Standard error of the median of 1,000 log-normal depths: 1.25 · 0.45 / √1000 = 1.8 %.
        assert!((depths[500] / MEDIAN_DEPTH - 1.0).abs() < 0.08, "{}", depths[500]);
        let spread = libm::log(depths[841] / depths[500]);
        assert!((spread - DEPTH_LOG_SD).abs() < 0.06, "{spread}");
    }

    #[test]
    fn cells_express_the_markers_of_their_type() {
        let cells = breast_tumour(800, 3).unwrap();
        let Column::Categorical { codes, categories } = &cells.labels else { panic!("labels are categories") };
        let mean = |gene: &str, kind: &str| {
            let gene = cells.genes.iter().position(|name| name == gene).unwrap() as u32;
            let rows = (0..800).filter(|&row| categories[codes[row] as usize] == kind).collect::<Vec<_>>();
            let share = |&row: &usize| {
                let (genes, counts) = cells.counts.row(row);
                genes.iter().zip(counts).filter(|(g, _)| **g == gene).map(|(_, c)| f64::from(*c)).sum::<f64>()
                    / total(&cells, row)
            };
            rows.iter().map(share).sum::<f64>() / rows.len() as f64
        };
        for (gene, kind, other) in [
            ("CD3E", "T cell, CD8", "macrophage"),
            ("CD68", "macrophage", "T cell, CD8"),
            ("ESR1", "tumour, luminal", "fibroblast"),
            ("ERBB2", "tumour, HER2", "fibroblast"),
            ("VWF", "endothelial", "tumour, luminal"),
            ("LUM", "fibroblast", "endothelial"),
        ] {
            assert!(mean(gene, kind) > 5.0 * mean(gene, other), "{gene}");
        }
    }

    #[test]
    fn every_gene_is_named_once() {
        let (genes, shares) = programmes::expected_shares(LEAK);
        let unique: std::collections::BTreeSet<_> = genes.iter().collect();
        assert_eq!(unique.len(), genes.len());
        assert!((600..=1_000).contains(&genes.len()), "{}", genes.len());
        for share in &shares {
            assert!((share.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
        assert!((programmes::TYPES.iter().map(|kind| kind.share).sum::<f64>() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn no_cell_is_refused() {
        assert!(breast_tumour(0, 1).is_err());
    }
}
