//! A tiny translator with weights out of a generator, and files of cells to go with it.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use resitu::bundle::{
    Bundle, Description, Direction, Draft, Niche, PanelGene, PlacementParams, Quantized, Reference, Scheme, Section,
    State, Weight,
};
use resitu::cells::{Column, Csr};
use resitu::genes::{Gene, Vocabulary};
use resitu::io::{BytesSource, Dataset, Embedding, H5adContents, Numbers, Table, Values, write_h5ad};
use resitu::model::{Device, EncoderConfig, TranslatorConfig, TranslatorModel, export_weights};
use resitu::translate::{Options, Translation, Translator, block_on};

pub const N_GENES: usize = 40;
pub const MAX_TOKENS: usize = 30;
const STATES: usize = 5;
const REFERENCE_CELLS: usize = 90;

/// Uniform in −1..1.
pub fn uniform(rng: &mut ChaCha8Rng) -> f32 {
    rng.next_u32() as f32 / u32::MAX as f32 * 2.0 - 1.0
}

/// Human-looking symbols, half of them with Ensembl ids.
pub fn gene_names() -> Vec<String> {
    (0..N_GENES).map(|gene| format!("GENE{gene}")).collect()
}

fn vocabulary() -> Vocabulary {
    let ensembl = |gene: usize| if gene.is_multiple_of(2) { format!("ENSG{gene:011}") } else { String::new() };
    let genes = gene_names().into_iter().enumerate();
    let genes = genes.map(|(gene, symbol)| Gene { ensembl: ensembl(gene), symbol, aliases: Vec::new() });
    let medians = (0..N_GENES).map(|gene| 0.5 + gene as f32 * 0.1).collect();
    Vocabulary::new(genes.collect(), medians).unwrap()
}

pub fn config() -> TranslatorConfig {
    let encoder = EncoderConfig {
        vocabulary: N_GENES + 2,
        special_tokens: 2,
        layers: 2,
        hidden: 32,
        heads: 4,
        feed_forward: 48,
        positions: 32,
        token_types: 2,
        layer_norm_epsilon: 1e-12,
    };
    TranslatorConfig { encoder, states: STATES, expression_hidden: 24, niche_embedding: 12 }
}

/// The same draft for the same seed.
pub fn draft(seed: u64) -> Draft {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let model = TranslatorModel::new(&config(), &Device::flex()).unwrap();
    let mut weights = export_weights(&model).unwrap();
    // Larger than training starts with: what the network says has to depend on what it reads.
    for tensor in weights.iter_mut().filter(|tensor| !tensor.name.ends_with("gamma")) {
        tensor.values.iter_mut().for_each(|value| *value = uniform(&mut rng) * 0.8);
    }
    let width = config().niche_embedding;
    let mut embeddings: Vec<f32> = (0..REFERENCE_CELLS * width).map(|_| uniform(&mut rng)).collect();
    for row in embeddings.chunks_mut(width) {
        let length = row.iter().map(|value| value * value).sum::<f32>().sqrt();
        row.iter_mut().for_each(|value| *value /= length);
    }
    let reference = Reference {
        embeddings: Quantized::new(width, &embeddings).unwrap(),
        positions_um: (0..REFERENCE_CELLS).map(|_| [uniform(&mut rng) * 500.0, uniform(&mut rng) * 500.0]).collect(),
        state: (0..REFERENCE_CELLS).map(|cell| (cell % STATES) as u8).collect(),
        niche: (0..REFERENCE_CELLS).map(|cell| (cell % 3) as u8).collect(),
        section: vec![0; REFERENCE_CELLS],
    };
    let composition = |niche: usize| (0..STATES).map(|state| if state % 3 == niche { 0.4 } else { 0.1 }).collect();
    let description = Description {
        name: format!("Tiny {seed}"),
        version: "0".into(),
        licence: "CC0-1.0".into(),
        directions: vec![Direction::ScToSt],
        species: "human".into(),
        tissue: "none".into(),
        technologies: vec!["dissociated".into(), "spatial".into()],
        panel: [3, 1, 20, 39, 0, 8, 7].map(|gene| PanelGene { symbol: format!("GENE{gene}"), gene }).into(),
        model: config(),
        max_tokens: MAX_TOKENS,
        reads: resitu::bundle::Reads::Vocabulary,
        panel_total: 120.0,
        placement: PlacementParams { temperature: 0.1, candidates: 16, bandwidth_um: 50.0 },
        calibration: (0..101).map(|percent| percent as f32 / 100.0).collect(),
        states: (0..STATES).map(|state| State { name: format!("state {state}"), markers: Vec::new() }).collect(),
        niches: (0..3).map(|niche| Niche { name: format!("niche {niche}"), composition: composition(niche) }).collect(),
        sections: vec![Section {
            name: "nowhere".into(),
            technology: "simulated".into(),
            attribution: "Nobody: the section is simulated".into(),
            licence: "CC0-1.0".into(),
            url: String::new(),
        }],
        sources: Vec::new(),
        evaluation: serde_json::Value::Null,
    };
    let weights = weights.into_iter().map(|tensor| Weight { tensor, scheme: Scheme::F32 }).collect();
    Draft { description, vocabulary: vocabulary(), weights, reference, model_card: "# Tiny".into() }
}

/// The draft written, read and put on the CPU under a device's name.
pub fn load(draft: &Draft, device_name: &str) -> Translator {
    Translator::load(&Bundle::write(draft).unwrap(), Device::flex(), device_name).unwrap()
}

pub fn translator() -> Translator {
    load(&draft(1), "cpu")
}

/// Counts of `n_cells` cells; every tenth cell has none, and every hundred they repeat.
pub fn counts(n_cells: usize) -> Csr {
    let mut matrix = Csr::empty(N_GENES);
    for cell in 0..n_cells {
        let mut rng = ChaCha8Rng::seed_from_u64(cell as u64 % 100);
        let expressed = if cell % 10 == 9 { 0 } else { 1 + rng.next_u32() as usize % N_GENES };
        let row = (0..expressed).map(|gene| ((gene * 7 % N_GENES) as u32, 1.0 + (rng.next_u32() % 9) as f32));
        matrix.push_row(row).unwrap();
    }
    matrix
}

/// A file with these values and gene names; `layers/counts` and coordinates where given.
pub fn dataset(x: &Csr, genes: Vec<String>, layer: Option<&Csr>, coordinates: bool) -> Dataset {
    let n_cells = x.n_rows();
    let xy = vec![1.5_f32; n_cells * 2];
    let codes = (0..n_cells).map(|cell| (cell % 2) as i32).collect();
    let kind = Column::Categorical { codes, categories: vec!["left".into(), "right".into()] };
    let contents = H5adContents {
        x: Values::Sparse(x),
        obs: Table {
            index: (0..n_cells).map(|cell| format!("cell-{cell}")).collect(),
            columns: vec![("side".into(), kind)],
        },
        var: Table { index: genes, columns: Vec::new() },
        layers: layer.map(|layer| ("counts".to_owned(), Values::Sparse(layer))).into_iter().collect(),
        obsm: coordinates
            .then(|| ("spatial".to_owned(), Embedding { width: 2, values: Numbers::F32(&xy) }))
            .into_iter()
            .collect(),
        obsp: Vec::new(),
        uns: Vec::new(),
    };
    Dataset::open(Box::new(BytesSource::new(write_h5ad(&contents).unwrap()))).unwrap()
}

/// A file of counts as the translator wants it.
pub fn good_dataset(n_cells: usize) -> Dataset {
    dataset(&counts(n_cells), gene_names(), None, false)
}

/// The whole translation of a file.
pub fn translate(translator: &Translator, dataset: &Dataset) -> Translation {
    let mut job = translator.start(dataset, Options::default()).unwrap();
    while !job.is_finished() {
        block_on(job.step(translator, dataset)).unwrap();
    }
    job.finish().unwrap()
}
