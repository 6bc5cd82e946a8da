//! A translator on a device: network, vocabulary and reference section, ready to use.

use burn::tensor::{Int, Tensor, TensorData};

use super::batch::{Batch, Budget, Tokens, padded};
use super::placement::nearest_centroid;
use super::translation::CellResult;
use super::{NO_LABEL, Origin, Placer, Provenance, Reference, TranslateError, Translation};
use crate::Error;
use crate::bundle::{self, Bundle, Description, Reads};
use crate::cells::Csr;
use crate::genes::{Gene, GeneMatch, Vocabulary};
use crate::model::{CellStates, Device, EncoderConfig, ModelError, TranslatorConfig, TranslatorModel, load_weights};
use crate::rank::RankError;

/// Padded tokens a batch on the CPU: a step ends soon enough to be cancelled, and the attention scores of long cells stay below
/// 32 MB. Larger blocks glibc takes from the system and gives back each time, which cost a third of the time.
const CPU_BATCH_TOKENS: usize = 2_048;
/// On a GPU steps are fewer and larger, because each waits for its answer.
const GPU_BATCH_TOKENS: usize = 16_384;

/// A network with what is needed to feed and read it, on one device.
pub struct Translator {
    /// For each gene of the vocabulary, whether it becomes a token.
    reads: Vec<bool>,
    description: Description,
    model_card: String,
    sha256: String,
    bytes: usize,
    parameters: usize,
    vocabulary: Vocabulary,
    model: TranslatorModel,
    /// The panel as the network's tokens, on the device.
    panel_tokens: Tensor<1, Int>,
    placer: Placer,
    device: Device,
    device_name: String,
    batch_tokens: usize,
}

/// What the network says of a batch of cells, on the host: `[cells, panel + states + states + embedding]`.
pub(super) struct Answers(Vec<f32>);

impl Translator {
    /// Reads a `.resitu` file and puts it on a device. `device_name` is what provenance will say: `cpu`, `webgpu`, `cuda`.
    ///
    /// # Errors
    /// Those of [`Bundle::read`]; `translate.bad-translator`; `bundle.bad-value`, `model.missing-tensor`, `model.bad-shape`
    /// for weights that are no network.
    pub fn load(bytes: &[u8], device: Device, device_name: &str) -> Result<Self, Error> {
        Self::new(Bundle::read(bytes)?, device, device_name)
    }

    /// Puts a bundle on a device, as [`Translator::load`].
    pub fn new(bundle: Bundle, device: Device, device_name: &str) -> Result<Self, Error> {
        let description = bundle.manifest.description;
        check_size(&description, bundle.weights.count())?;
        let reference = reference(bundle.reference, &description)?;
        let placer = Placer::new(reference, description.placement, description.calibration.clone())?;
        let model = TranslatorModel::new(&description.model, &device)?;
        let model = load_weights(model, bundle.weights.tensors()?, &device)?;
        let special = description.model.encoder.special_tokens as i32;
        let tokens: Vec<i32> = description.panel.iter().map(|entry| entry.gene as i32 + special).collect();
        let panel_tokens = Tensor::from_data(TensorData::new(tokens, [description.panel.len()]), &device);
        let reads = reads(&description, bundle.vocabulary.len());
        Ok(Self {
            reads,
            description,
            model_card: bundle.model_card,
            sha256: bundle.sha256,
            bytes: bundle.bytes,
            parameters: bundle.weights.count(),
            vocabulary: bundle.vocabulary,
            model,
            panel_tokens,
            placer,
            device,
            device_name: device_name.to_owned(),
            batch_tokens: if device_name == "cpu" { CPU_BATCH_TOKENS } else { GPU_BATCH_TOKENS },
        })
    }

    /// Puts at most so many padded tokens through the network at once; the results do not depend on it beyond rounding.
    pub fn with_batch_tokens(mut self, tokens: usize) -> Self {
        self.batch_tokens = tokens.max(1);
        self
    }

    /// The genes that the network reads.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// What the author says about the translator.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Markdown, from an untrusted file: never show it as HTML without sanitising.
    pub fn model_card(&self) -> &str {
        &self.model_card
    }

    /// SHA-256 of the bundle in lower-case hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Length of the bundle.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Number of weights.
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// The reference section.
    pub fn reference(&self) -> &Reference {
        self.placer.reference()
    }

    /// The device's name, as given.
    pub fn device_name(&self) -> &str {
        &self.device_name
    }

    /// The genes that are predicted, in the order of the results.
    pub fn panel(&self) -> impl ExactSizeIterator<Item = &Gene> {
        // Inside the vocabulary: `Description::check`.
        self.description.panel.iter().map(|entry| &self.vocabulary.genes()[entry.gene as usize])
    }

    /// What goes through the network at once.
    pub(super) fn budget(&self) -> Budget {
        let encoder = self.encoder();
        Budget { tokens: self.batch_tokens, heads: encoder.heads, max_length: encoder.positions }
    }

    /// The encoder's sizes.
    pub(super) fn encoder(&self) -> &EncoderConfig {
        &self.description.model.encoder
    }

    /// The network's tokens of each row, as the network would see them; see [`Translator::embed_tokens`].
    ///
    /// # Errors
    /// `rank.bad-shape`, `rank.bad-value`.
    pub fn tokens(&self, rows: &Csr, matching: &GeneMatch) -> Result<Vec<Vec<u32>>, RankError> {
        let tokens = self.encode(rows, matching)?;
        Ok((0..tokens.n_cells()).map(|cell| tokens.cell(cell).to_vec()).collect())
    }

    /// The pooled hidden states `z` of cells, `[cells, hidden]` row-major, from their tokens: what every result is read off.
    /// `technology` is 0 for dissociated cells, 1 for spatial ones. A cell without tokens gives NaN.
    ///
    /// # Errors
    /// `rank.bad-shape` for a token that is no gene, a technology that does not exist, or a cell of more than `max_tokens`;
    /// `device.lost`, `model.not-finite`.
    pub async fn embed_tokens(&self, cells: &[Vec<u32>], technology: usize) -> Result<Vec<f32>, Error> {
        let encoder = self.encoder();
        let genes = encoder.special_tokens as u32..encoder.vocabulary as u32;
        let bad = |cell: &Vec<u32>| {
            cell.len() > self.description.max_tokens || cell.iter().any(|token| !genes.contains(token))
        };
        if technology >= encoder.token_types || cells.iter().any(bad) {
            return Err(RankError::BadShape.into());
        }
        let mut tokens = Tokens::default();
        cells.iter().for_each(|cell| tokens.push(cell.iter().copied()));
        let mut z = vec![f32::NAN; cells.len() * encoder.hidden];
        for batch in self.batches(&tokens) {
            let embedded = read_back(self.embed(&tokens, &batch, technology)).await?;
            for (cell, values) in batch.cells.iter().zip(embedded.chunks_exact(encoder.hidden)) {
                z[cell * encoder.hidden..][..encoder.hidden].copy_from_slice(values);
            }
        }
        Ok(z)
    }

    pub(super) fn encode(&self, rows: &Csr, matching: &GeneMatch) -> Result<Tokens, RankError> {
        // Within the vocabulary, which has fewer than 2³² genes.
        let special = self.encoder().special_tokens as u32;
        Tokens::encode(rows, matching, &self.vocabulary, &self.reads, self.description.max_tokens, special)
    }

    pub(super) fn batches(&self, tokens: &Tokens) -> Vec<Batch> {
        tokens.batches(&self.budget())
    }

    /// Tokens that a cell of this length costs.
    pub(super) fn padded(&self, length: usize) -> usize {
        padded(length, self.encoder().positions)
    }

    /// Runs the network on a batch and reads everything back in one go.
    pub(super) async fn run(&self, tokens: &Tokens, batch: &Batch, technology: usize) -> Result<Answers, ModelError> {
        let z = self.embed(tokens, batch, technology);
        let CellStates { shares, composition, state, embedding } = self.model.read(z, self.panel_tokens.clone());
        let values = read_back(Tensor::cat(vec![shares, composition, state, embedding], 1)).await?;
        Ok(Answers(values))
    }

    /// The results of each cell of a batch, in its order.
    pub(super) fn read<'a>(&self, answers: &'a Answers) -> impl Iterator<Item = CellResult<'a>> {
        let (panel, states) = (self.description.panel.len(), self.description.states.len());
        let rows = answers.0.chunks_exact(panel + states + states + self.description.model.niche_embedding);
        let embeddings: Vec<f32> = rows.clone().flat_map(|row| &row[panel + states + states..]).copied().collect();
        let placements = self.placer.place_with_doubt(&embeddings);
        rows.zip(placements).map(move |(row, (placement, likely))| {
            let (shares, rest) = row.split_at(panel);
            let (composition, rest) = rest.split_at(states);
            let niches = self.description.niches.iter().map(|niche| niche.composition.as_slice());
            CellResult {
                shares,
                composition,
                state: label(highest(&rest[..states])),
                niche: label(nearest_centroid(niches, composition)),
                placement,
                likely,
            }
        })
    }

    /// A translation of no cells yet.
    pub(super) fn blank_translation(&self) -> Translation {
        Translation {
            n_cells: 0,
            expression: Vec::new(),
            panel: self.panel().map(|gene| gene.label().to_owned()).collect(),
            panel_ensembl: self.panel().map(|gene| gene.ensembl.clone()).collect(),
            composition: Vec::new(),
            states: self.description.states.iter().map(|state| state.name.clone()).collect(),
            state: Vec::new(),
            niche: Vec::new(),
            niches: self.description.niches.iter().map(|niche| niche.name.clone()).collect(),
            positions: Vec::new(),
            likely_positions: Vec::new(),
            spread_um: Vec::new(),
            confidence: Vec::new(),
            empty_cells: 0,
            attribution: self.attribution().to_owned(),
            origin: Origin {
                name: self.description.name.clone(),
                version: self.description.version.clone(),
                licence: self.description.licence.clone(),
                species: self.description.species.clone(),
                tissue: self.description.tissue.clone(),
                sources: self.description.sources.clone(),
            },
            provenance: Provenance {
                resitu: env!("CARGO_PKG_VERSION").to_owned(),
                translator: self.sha256.clone(),
                device: self.device_name.clone(),
                seed: 0,
                genes_matched: 0,
                counts_matched: 0.0,
            },
        }
    }

    /// Whom the reference section is owed to.
    pub fn attribution(&self) -> &str {
        self.description.sections.first().map_or("", |section| &section.attribution)
    }

    fn embed(&self, tokens: &Tokens, batch: &Batch, technology: usize) -> Tensor<2> {
        let input = batch.input(tokens, technology, &self.device);
        self.model.embed(input.tokens, input.types, input.padding)
    }
}

/// Numbers in the largest layer of one cell: 2 GB.
const MAX_CELL_NUMBERS: u64 = 1 << 29;

/// Compares the sizes that a manifest claims with what is there, before anything is allocated from them.
fn check_size(description: &Description, weights: usize) -> Result<(), TranslateError> {
    let TranslatorConfig { encoder, expression_hidden, .. } = &description.model;
    // `TranslatorConfig::check` keeps each size below 2¹⁸ and their products far below 2⁶⁴.
    let [vocabulary, hidden, layers, wide, positions, technologies, heads, tokens] = [
        encoder.vocabulary,
        encoder.hidden,
        encoder.layers,
        encoder.feed_forward,
        encoder.positions,
        encoder.token_types,
        encoder.heads,
        description.max_tokens,
    ]
    .map(|size| size as u64);
    let tables = (vocabulary + positions + technologies) * hidden + technologies * vocabulary;
    let matrices = layers * (4 * hidden * hidden + 2 * hidden * wide) + 2 * hidden * *expression_hidden as u64;
    if tables + matrices > weights as u64 {
        return Err(TranslateError::BadTranslator("it holds fewer weights than its network has"));
    }
    if tokens * (heads * tokens).max(hidden).max(wide) > MAX_CELL_NUMBERS {
        return Err(TranslateError::BadTranslator("its network needs too much memory for one cell"));
    }
    Ok(())
}

/// The reference map, unpacked.
fn reference(stored: bundle::Reference, description: &Description) -> Result<Reference, TranslateError> {
    if description.sections.len() > 1 {
        // Positions of different sections have no distance.
        return Err(TranslateError::BadTranslator("its reference has several sections, and cells are placed on one"));
    }
    Ok(Reference {
        embeddings: stored.embeddings.dequantize(),
        width: description.model.niche_embedding,
        positions: stored.positions_um,
        state: stored.state,
        niche: stored.niche,
    })
}

/// Waits for the device, natively and in the browser.
async fn read_back(tensor: Tensor<2>) -> Result<Vec<f32>, ModelError> {
    let lost = |_| ModelError::DeviceLost("a result could not be read back");
    let data = tensor.into_data_async().await.map_err(lost)?;
    let values = data.try_into_vec_as::<f32>().map_err(|_| ModelError::DeviceLost("a result has another form"))?;
    // A GPU that ran out of memory may answer with rubbish and no error.
    if values.iter().all(|value| value.is_finite()) { Ok(values) } else { Err(ModelError::NotFinite) }
}

/// The index of the highest value; the lower index of equals.
fn highest(values: &[f32]) -> Option<usize> {
    let ordered = values.iter().enumerate();
    ordered.max_by(|(i, a), (j, b)| a.total_cmp(b).then(j.cmp(i))).map(|(index, _)| index)
}

/// States and niches number at most 254 and 255: `Description::check`.
fn label(index: Option<usize>) -> u8 {
    index.and_then(|index| u8::try_from(index).ok()).unwrap_or(NO_LABEL)
}

/// For each gene of the vocabulary, whether the network looks at it.
fn reads(description: &Description, vocabulary: usize) -> Vec<bool> {
    let mut reads = vec![description.reads == Reads::Vocabulary; vocabulary];
    for entry in &description.panel {
        if let Some(read) = reads.get_mut(entry.gene as usize) {
            *read = true;
        }
    }
    reads
}
