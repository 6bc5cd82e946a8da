//! Translated cells, in memory.

use serde::Serialize;

use super::{LikelyPositions, POSITIONS_KEPT, Placement, TranslateError};
use crate::bundle::Source;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Marks the state or niche of a cell without counts.
pub const NO_LABEL: u8 = 255;

/// Where a result comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// Version of this crate.
    pub resitu: String,
    /// SHA-256 of the translator file.
    pub translator: String,
    /// `cpu`, `webgpu`, `cuda`; several joined by ` + ` in the order of use, if one was lost on the way.
    pub device: String,
    /// As given. Translation draws no random numbers: it is kept so that results name every input.
    pub seed: u64,
    /// Genes of the file that are in the translator's vocabulary.
    pub genes_matched: usize,
    /// Share (0..1) of all counts that fall on them.
    pub counts_matched: f64,
}

/// What the author of the translator says about it, as far as a result has to tell it on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    pub name: String,
    pub version: String,
    /// Licence of the weights.
    pub licence: String,
    pub species: String,
    pub tissue: String,
    /// What it was trained on.
    pub sources: Vec<Source>,
}

/// Translated cells, one row a cell, in the order of the file; everything row-major.
///
/// Cells without a count of a known gene have NaN in every number and [`NO_LABEL`] as state and niche.
#[derive(Debug, Clone, PartialEq)]
pub struct Translation {
    pub n_cells: usize,
    /// `[cells, panel]`: expected counts on the spatial platform.
    pub expression: Vec<f32>,
    /// Names of the panel genes, the columns of `expression`: symbols, and Ensembl ids ("" where unknown).
    pub panel: Vec<String>,
    pub panel_ensembl: Vec<String>,
    /// `[cells, states]`: shares of states in the neighbourhood; rows sum to 1.
    pub composition: Vec<f32>,
    pub states: Vec<String>,
    /// The cell's own state, an index into `states`.
    pub state: Vec<u8>,
    /// The niche whose composition is nearest, an index into `niches`.
    pub niche: Vec<u8>,
    pub niches: Vec<String>,
    /// `x0 y0 x1 y1 …`, µm on the **reference section**, not of the person the cells come from.
    pub positions: Vec<f32>,
    /// `[cells, 32, 2]`: equally likely positions of each cell, µm on the reference section; see [`Translation::draw_positions`].
    pub likely_positions: Vec<f32>,
    /// Radius in µm that holds at least half of the weight around the position.
    pub spread_um: Vec<f32>,
    /// 0..1: share of the calibration cells that are at most as like the reference as this cell.
    pub confidence: Vec<f32>,
    /// Cells without a count of a known gene.
    pub empty_cells: usize,
    /// Whom the reference section is owed to.
    pub attribution: String,
    pub origin: Origin,
    pub provenance: Provenance,
}

/// What the network says of one cell.
pub(super) struct CellResult<'a> {
    pub(super) shares: &'a [f32],
    pub(super) composition: &'a [f32],
    pub(super) state: u8,
    pub(super) niche: u8,
    pub(super) placement: Placement,
    pub(super) likely: LikelyPositions,
}

impl Translation {
    /// Room for `n_cells` untranslated cells, all NaN.
    ///
    /// # Errors
    /// `translate.too-large` if the memory cannot be had.
    pub(super) fn allocate(mut self, n_cells: usize) -> Result<Self, TranslateError> {
        self.n_cells = n_cells;
        fill(&mut self.expression, n_cells, self.panel.len(), f32::NAN)?;
        fill(&mut self.composition, n_cells, self.states.len(), f32::NAN)?;
        fill(&mut self.positions, n_cells, 2, f32::NAN)?;
        fill(&mut self.likely_positions, n_cells, 2 * POSITIONS_KEPT, f32::NAN)?;
        fill(&mut self.spread_um, n_cells, 1, f32::NAN)?;
        fill(&mut self.confidence, n_cells, 1, f32::NAN)?;
        fill(&mut self.state, n_cells, 1, NO_LABEL)?;
        fill(&mut self.niche, n_cells, 1, NO_LABEL)?;
        Ok(self)
    }

    /// The same without its rows: names and what was counted so far.
    pub(super) fn without_rows(&self) -> Self {
        Self {
            n_cells: 0,
            expression: Vec::new(),
            panel: self.panel.clone(),
            panel_ensembl: self.panel_ensembl.clone(),
            composition: Vec::new(),
            states: self.states.clone(),
            state: Vec::new(),
            niche: Vec::new(),
            niches: self.niches.clone(),
            positions: Vec::new(),
            likely_positions: Vec::new(),
            spread_um: Vec::new(),
            confidence: Vec::new(),
            empty_cells: self.empty_cells,
            attribution: self.attribution.clone(),
            origin: self.origin.clone(),
            provenance: self.provenance.clone(),
        }
    }

    /// Writes one cell; `row < n_cells`, and the widths are those of the panel and the states.
    pub(super) fn set(&mut self, row: usize, cell: &CellResult, panel_total: f32) {
        let (panel, states) = (self.panel.len(), self.states.len());
        let expected = cell.shares.iter().map(|share| share * panel_total);
        self.expression[row * panel..][..panel].iter_mut().zip(expected).for_each(|(slot, value)| *slot = value);
        self.composition[row * states..][..states].copy_from_slice(cell.composition);
        self.positions[row * 2..][..2].copy_from_slice(&cell.placement.position);
        let likely = cell.likely.as_flattened();
        self.likely_positions[row * likely.len()..][..likely.len()].copy_from_slice(likely);
        self.spread_um[row] = cell.placement.spread_um;
        self.confidence[row] = cell.placement.confidence;
        self.state[row] = cell.state;
        self.niche[row] = cell.niche;
    }

    /// One draw of where all cells may be, µm on the reference section: for each cell one of its likely positions, drawn
    /// independently of the other cells (the network places each alone and knows no more). NaN for a cell without counts.
    ///
    /// A statistic over many draws (`spatial::resampled`) has the interval that the
    /// doubt about positions gives it. Other draws of one seed are independent; each is the same on every machine.
    pub fn draw_positions(&self, seed: u64, draw: u64) -> Vec<[f64; 2]> {
        draw_positions(&self.likely_positions, seed, draw)
    }

    /// The expected counts of one cell, in the order of `panel`.
    ///
    /// # Panics
    /// If `row >= n_cells`: the caller loops over its own rows.
    pub fn expression_of(&self, row: usize) -> &[f32] {
        &self.expression[row * self.panel.len()..][..self.panel.len()]
    }

    /// The neighbour composition of one cell, in the order of `states`.
    ///
    /// # Panics
    /// If `row >= n_cells`: the caller loops over its own rows.
    pub fn composition_of(&self, row: usize) -> &[f32] {
        &self.composition[row * self.states.len()..][..self.states.len()]
    }
}

/// [`Translation::draw_positions`] from `likely_positions` alone, such as `obsm["resitu_likely_positions"]` of a translated
/// file: `[cells, 32, 2]`; what does not fill a cell is left out.
pub fn draw_positions(likely_positions: &[f32], seed: u64, draw: u64) -> Vec<[f64; 2]> {
    let (cells, _) = likely_positions.as_chunks::<{ 2 * POSITIONS_KEPT }>();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(draw);
    let position = |cell: &[f32; 2 * POSITIONS_KEPT]| {
        // 32 divides 2³²: no bias.
        let at = 2 * (random.next_u32() as usize % POSITIONS_KEPT);
        [f64::from(cell[at]), f64::from(cell[at + 1])]
    };
    cells.iter().map(position).collect()
}

/// Bytes that the results of one cell take.
pub(super) fn bytes_per_cell(panel: usize, states: usize) -> usize {
    (panel + states + 4 + 2 * POSITIONS_KEPT) * size_of::<f32>() + 2
}

fn fill<T: Copy>(values: &mut Vec<T>, rows: usize, width: usize, value: T) -> Result<(), TranslateError> {
    let n = rows.checked_mul(width).ok_or(TranslateError::TooLarge)?;
    values.try_reserve_exact(n).map_err(|_| TranslateError::TooLarge)?;
    values.resize(n, value);
    Ok(())
}
