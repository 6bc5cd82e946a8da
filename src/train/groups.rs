//! The cells of a fine-tuning run: tokens, panel counts, states and neighbourhoods, by split.

use std::path::Path;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::TrainError;
use super::config::{DissociatedFile, Role, SectionFile, TrainingConfig};
use super::corpus::{self, RawCells};
use super::states::{k_means, log_profiles, name_clusters, nearest_centroid};
use crate::Error;
use crate::bundle::Reads;
use crate::cells::Column;
use crate::genes::Vocabulary;
use crate::io::Dataset;
use crate::spatial::{Graph, GraphKind, GraphParams, composition};

/// No state is known of this cell.
pub const NO_STATE: u8 = 255;

/// Cells of one file or section, or of one split of it.
#[derive(Debug, Clone, Default)]
pub struct Group {
    pub name: String,
    /// Positions in the vocabulary, best first.
    pub tokens: Vec<Vec<u32>>,
    /// Counts of the panel, cells × panel.
    pub counts: Vec<f32>,
    pub state: Vec<u8>,
    /// µm; spatial cells only.
    pub xy: Vec<[f64; 2]>,
    /// Cells × states, rows sum to 1; spatial cells only.
    pub composition: Vec<f32>,
    /// Share of a batch's dissociated cells.
    pub share: f64,
}

impl Group {
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Adds the cells of another group.
    pub fn append(&mut self, more: Self) {
        self.tokens.extend(more.tokens);
        self.counts.extend(more.counts);
        self.state.extend(more.state);
        self.xy.extend(more.xy);
        self.composition.extend(more.composition);
    }

    /// The cells `rows`, in that order.
    pub fn select(&self, rows: &[usize], width: usize, states: usize) -> Self {
        let gather = |values: &[f32], width: usize| -> Vec<f32> {
            if values.is_empty() {
                return Vec::new();
            }
            rows.iter().flat_map(|&row| values[row * width..(row + 1) * width].iter().copied()).collect()
        };
        Self {
            name: self.name.clone(),
            tokens: rows.iter().map(|&row| self.tokens[row].clone()).collect(),
            counts: gather(&self.counts, width),
            state: rows.iter().map(|&row| self.state[row]).collect(),
            xy: if self.xy.is_empty() { Vec::new() } else { rows.iter().map(|&row| self.xy[row]).collect() },
            composition: gather(&self.composition, states),
            share: self.share,
        }
    }
}

/// Everything that fine-tuning and evaluation look at.
pub struct Data {
    /// Positions of the panel's genes in the vocabulary.
    pub panel: Vec<u32>,
    /// Median counts of a reference cell.
    pub panel_total: f32,
    pub states: Vec<String>,
    pub reference: Group,
    /// Further spatial cells to train on.
    pub spatial: Vec<Group>,
    pub spatial_validation: Vec<Group>,
    pub spatial_test: Vec<Group>,
    pub dissociated: Vec<Group>,
    pub dissociated_validation: Vec<Group>,
    pub dissociated_test: Vec<Group>,
    /// Centroids of compositions, niches × states, from the training sections.
    pub niches: Vec<f32>,
}

impl Data {
    /// Reads every file of the configuration. States come from k-means on the training sections alone.
    pub fn load(config: &TrainingConfig, data: &Path, vocabulary: &Vocabulary, panel: &[u32]) -> Result<Self, Error> {
        let mut sections = Vec::new();
        for section in &config.section {
            sections.push((section, SectionCells::read(section, config, data, vocabulary, panel)?));
        }
        let width = panel.len();
        let reference = sections.iter().find(|(section, _)| section.role == Role::Reference);
        let panel_total = reference.map_or(0.0, |(_, cells)| median_total(&cells.counts, width));
        let states = name_states(config, vocabulary, panel, panel_total, &sections)?;
        let n_states = config.states.markers.len();

        let mut data_set = Self {
            panel: panel.to_vec(),
            panel_total,
            states: config.state_names(),
            reference: Group::default(),
            spatial: Vec::new(),
            spatial_validation: Vec::new(),
            spatial_test: Vec::new(),
            dissociated: Vec::new(),
            dissociated_validation: Vec::new(),
            dissociated_test: Vec::new(),
            niches: Vec::new(),
        };
        for (section, cells) in sections {
            let group = cells.into_group(section, &states, width, panel_total, n_states)?;
            match section.role {
                Role::Reference => data_set.reference = group,
                Role::Train => data_set.spatial.push(group),
                Role::Validation => data_set.spatial_validation.push(group),
                Role::Test => data_set.spatial_test.push(group),
            }
        }
        let trained: Vec<f32> = std::iter::once(&data_set.reference)
            .chain(&data_set.spatial)
            .flat_map(|group| group.composition.iter().copied())
            .collect();
        data_set.niches = k_means(&trained, n_states, config.states.niches, 30, config.seed);
        for (index, file) in config.dissociated.iter().enumerate() {
            let group = read_dissociated(file, config, data, vocabulary, panel)?;
            let splits = split(&group, file, config.seed + index as u64, width, n_states);
            let [train, validation, test] = splits;
            data_set.dissociated.push(train);
            data_set.dissociated_validation.push(validation);
            data_set.dissociated_test.push(test);
        }
        Ok(data_set)
    }

    /// What was read, a line a group: cells, and how many are of each state.
    pub fn summary(&self) -> Vec<String> {
        let splits = [
            ("reference", std::slice::from_ref(&self.reference)),
            ("train", &self.spatial),
            ("validation", &self.spatial_validation),
            ("test", &self.spatial_test),
            ("train", &self.dissociated),
            ("validation", &self.dissociated_validation),
            ("test", &self.dissociated_test),
        ];
        let mut lines = Vec::new();
        for (split, group) in splits.iter().flat_map(|(split, groups)| groups.iter().map(move |group| (split, group))) {
            let count = |state: u8| group.state.iter().filter(|&&s| s == state).count();
            let named = self.states.iter().enumerate().map(|(i, name)| format!("{name} {}", count(i as u8)));
            let states: Vec<String> = named.chain([format!("unknown {}", count(NO_STATE))]).collect();
            lines.push(format!("{} ({split}): {} cells: {}", group.name, group.len(), states.join(", ")));
        }
        lines
    }

    /// The niche (nearest centroid) of a composition.
    pub fn niche(&self, composition: &[f32]) -> u8 {
        nearest_centroid(&self.niches, self.states.len(), composition) as u8
    }
}

/// A section's cells before states are known.
struct SectionCells {
    tokens: Vec<Vec<u32>>,
    counts: Vec<f32>,
    xy: Vec<[f64; 2]>,
    example: Vec<bool>,
}

impl SectionCells {
    fn read(
        section: &SectionFile,
        config: &TrainingConfig,
        data: &Path,
        vocabulary: &Vocabulary,
        panel: &[u32],
    ) -> Result<Self, Error> {
        let dataset = corpus::open(data, &section.path)?;
        let chosen = chosen_rows(section, &dataset)?;
        let raw = RawCells::read(&dataset, |row| chosen[row], usize::MAX, 0)?;
        let matching = vocabulary.match_genes(&raw.names)?;
        let missing = || TrainError::BadData(format!("{} has no coordinates", section.path));
        let all = dataset.coordinates()?.ok_or_else(missing)?.xy;
        let excluded = match &section.exclude {
            Some(column) => texts(&dataset, column)?.iter().map(|text| is_yes(text)).collect(),
            None => vec![false; dataset.n_cells()],
        };
        Ok(Self {
            tokens: raw.tokens(&matching, vocabulary, config.encoder.max_tokens)?,
            counts: raw.panel_counts(&matching, panel),
            xy: raw.rows.iter().map(|&row| all[row]).collect(),
            example: raw.rows.iter().map(|&row| !excluded[row]).collect(),
        })
    }

    fn into_group(
        self,
        section: &SectionFile,
        states: &StateRule,
        width: usize,
        scale: f32,
        n_states: usize,
    ) -> Result<Group, Error> {
        let profiles = log_profiles(&self.counts, width, scale);
        let state: Vec<u8> = profiles.chunks_exact(width).map(|profile| states.of(profile, width)).collect();
        let kind = GraphKind::Knn { k: section.neighbours };
        let graph = Graph::build(&self.xy, None, &GraphParams { kind, ..GraphParams::default() })?;
        let codes: Vec<i32> = state.iter().map(|&s| i32::from(s)).collect();
        let composition = composition(&graph, &codes, n_states)?.shares;
        let whole = Group {
            name: section.name.clone(),
            tokens: self.tokens,
            counts: self.counts,
            state,
            xy: self.xy,
            composition,
            share: 0.0,
        };
        // Neighbours may be anybody; examples are the cells with tokens that no other section has.
        let rows: Vec<usize> =
            (0..whole.len()).filter(|&row| self.example[row] && !whole.tokens[row].is_empty()).collect();
        Ok(whole.select(&rows, width, n_states))
    }
}

/// Clusters, and the state of each.
struct StateRule {
    centroids: Vec<f32>,
    state: Vec<u8>,
}

impl StateRule {
    fn of(&self, profile: &[f32], width: usize) -> u8 {
        self.state[nearest_centroid(&self.centroids, width, profile)]
    }
}

fn name_states(
    config: &TrainingConfig,
    vocabulary: &Vocabulary,
    panel: &[u32],
    scale: f32,
    sections: &[(&SectionFile, SectionCells)],
) -> Result<StateRule, Error> {
    let width = panel.len();
    let trained = sections.iter().filter(|(s, _)| matches!(s.role, Role::Reference | Role::Train));
    let counts: Vec<f32> = trained.flat_map(|(_, cells)| cells.counts.iter().copied()).collect();
    if counts.is_empty() {
        return Err(TrainError::BadData("the training sections have no cells".to_owned()).into());
    }
    let centroids = k_means(&log_profiles(&counts, width, scale), width, config.states.clusters, 25, config.seed);
    let mut markers = Vec::new();
    for (state, names) in &config.states.markers {
        let found: Vec<usize> = names
            .iter()
            .filter_map(|name| vocabulary.position(name))
            .filter_map(|gene| panel.iter().position(|&g| g == gene))
            .collect();
        if found.is_empty() {
            return Err(TrainError::BadData(format!("no marker of {state} is on the panel")).into());
        }
        markers.push(found);
    }
    let state = name_clusters(&centroids, width, &markers);
    Ok(StateRule { centroids, state })
}

fn read_dissociated(
    file: &DissociatedFile,
    config: &TrainingConfig,
    data: &Path,
    vocabulary: &Vocabulary,
    panel: &[u32],
) -> Result<Group, Error> {
    let dataset = corpus::open(data, &file.path)?;
    let raw = RawCells::read(&dataset, |_| true, usize::MAX, 0)?;
    let matching = vocabulary.match_genes(&raw.names)?;
    let mut looked_at = matching.clone();
    if config.finetune.reads == Reads::Panel {
        looked_at.token_of.iter_mut().for_each(|gene| *gene = gene.filter(|gene| panel.contains(gene)));
    }
    let state = match (&file.label_column, &file.state) {
        (Some(column), _) => texts(&dataset, column)?
            .iter()
            .map(|label| file.label_to_state.get(label).and_then(|state| config.state(state)).unwrap_or(NO_STATE))
            .collect(),
        (None, Some(state)) => vec![config.state(state).unwrap_or(NO_STATE); raw.rows.len()],
        (None, None) => vec![NO_STATE; raw.rows.len()],
    };
    Ok(Group {
        name: file.path.clone(),
        tokens: raw.tokens(&looked_at, vocabulary, config.encoder.max_tokens)?,
        counts: raw.panel_counts(&matching, panel),
        state,
        share: file.share_of_batch,
        ..Group::default()
    })
}

/// Train, validation and test, drawn cell by cell.
fn split(group: &Group, file: &DissociatedFile, seed: u64, width: usize, states: usize) -> [Group; 3] {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut rows = [const { Vec::new() }; 3];
    for row in 0..group.len() {
        let draw: f64 = rng.random();
        if group.tokens[row].is_empty() {
            continue;
        }
        let test = draw < file.test_share;
        let validation = draw < file.test_share + file.validation_share;
        rows[if test { 2 } else { usize::from(validation) }].push(row);
    }
    rows.map(|rows| group.select(&rows, width, states))
}

/// The rows of a dissociated file that are trained on; the base must not see the others either.
pub fn training_rows(n: usize, file: &DissociatedFile, seed: u64) -> Vec<bool> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..n).map(|_| rng.random::<f64>() >= file.test_share + file.validation_share).collect()
}

/// The rows of a file that are in the section.
pub fn chosen_rows(section: &SectionFile, dataset: &Dataset) -> Result<Vec<bool>, Error> {
    Ok(match (&section.column, &section.value) {
        (Some(column), Some(value)) => texts(dataset, column)?.iter().map(|text| text == value).collect(),
        _ => vec![true; dataset.n_cells()],
    })
}

fn median_total(counts: &[f32], width: usize) -> f32 {
    let mut totals: Vec<f32> = counts.chunks_exact(width).map(|cell| cell.iter().sum()).collect();
    totals.sort_unstable_by(f32::total_cmp);
    totals.get(totals.len() / 2).copied().unwrap_or(0.0)
}

/// A column of labels as text, one a cell.
fn texts(dataset: &Dataset, column: &str) -> Result<Vec<String>, Error> {
    Ok(match dataset.obs_column(column)? {
        Column::Categorical { codes, categories } => codes
            .iter()
            .map(|&code| usize::try_from(code).ok().and_then(|c| categories.get(c)).cloned().unwrap_or_default())
            .collect(),
        Column::Text(values) => values,
        Column::Numbers(values) => values.iter().map(f64::to_string).collect(),
    })
}

fn is_yes(text: &str) -> bool {
    matches!(text, "True" | "TRUE" | "true" | "1")
}
