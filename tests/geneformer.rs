//! Hidden states of Geneformer V1-10M agree with Python's transformers (`scripts/reference/geneformer.py`).
//!
//! The weights are made up: both sides compute them from the tensors' names, so that nothing large is committed.

use resitu::Explain;
use resitu::bundle::HuggingFaceModel;
use resitu::model::{Device, Encoder, EncoderConfig, PretrainingModel, Tensor, load_weights};
use safetensors::tensor::{Dtype, TensorView};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Asked for by the issue that this closes. Seen: 6e-6; transformers itself differs by 2e-6 between `f32` and `f64`.
const TOLERANCE: f64 = 1e-4;

#[derive(Deserialize)]
struct Reference {
    config: serde_json::Value,
    parameters: BTreeMap<String, Vec<usize>>,
    cells: Vec<Cell>,
}

#[derive(Deserialize)]
struct Cell {
    batch: usize,
    length: usize,
    tokens: Option<Vec<i64>>,
    positions: Vec<usize>,
    /// Every fourth number of the last hidden state at these positions, and of the mean over positions.
    hidden: Vec<Vec<f64>>,
    mean: Vec<f64>,
    /// Every 800th logit of the masked-gene head at the last position.
    logits: Vec<f64>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("reference/geneformer.json")).unwrap()
}

/// `n` numbers in [−1, 1) from a name: SplitMix64 seeded with its FNV-1a hash.
fn splitmix64(name: &str, n: usize) -> impl Iterator<Item = f32> {
    let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
    let mut state = name.bytes().fold(0xCBF2_9CE4_8422_2325, hash);
    (0..n).map(move |_| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 40) as f32 * 2f32.powi(-23) - 1.0
    })
}

/// Token ids of a cell of this length: any genes, none twice.
fn cell(length: usize, config: &EncoderConfig) -> Vec<i64> {
    let n = config.vocabulary - config.special_tokens;
    let mut order: Vec<(f32, i64)> = splitmix64(&format!("cell {length}"), n).zip(2..).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    order.into_iter().take(length).map(|(_, token)| token).collect()
}

/// A `model.safetensors` as transformers writes it.
fn safetensors_file(parameters: &BTreeMap<String, Vec<usize>>) -> Vec<u8> {
    let bytes = |name: &String, shape: &Vec<usize>| -> Vec<u8> {
        let numbers = splitmix64(name, shape.iter().product());
        let is_norm = name.contains("LayerNorm.weight");
        numbers.flat_map(|x| if is_norm { 1.0 + x * 0.25 } else { x * 0.1 }.to_le_bytes()).collect()
    };
    let arrays: Vec<_> = parameters.iter().map(|(name, shape)| (name, shape, bytes(name, shape))).collect();
    let views = arrays
        .iter()
        .map(|(name, shape, bytes)| (name.as_str(), TensorView::new(Dtype::F32, shape.to_vec(), bytes).unwrap()));
    let about = [("format".to_string(), "pt".to_string())].into();
    safetensors::serialize(views, Some(about)).unwrap()
}

fn largest_difference(ours: &[f32], stride: usize, theirs: &[f64]) -> f64 {
    let ours: Vec<f64> = ours.iter().step_by(stride).map(|x| f64::from(*x)).collect();
    assert_eq!(ours.len(), theirs.len());
    ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn hidden_states_are_those_of_transformers() {
    let reference = reference();
    let config = serde_json::to_vec(&reference.config).unwrap();
    let folder = HuggingFaceModel::read(&config, &safetensors_file(&reference.parameters), 2).unwrap();
    assert_eq!(folder.config, EncoderConfig::geneformer_v1_10m());
    assert_eq!(folder.tensors.iter().map(|tensor| tensor.values.len()).sum::<usize>(), 10_288_722);
    let device = Device::flex();
    let model = PretrainingModel::new(&folder.config, &device).unwrap();
    let model = load_weights(model, folder.tensors, &device).unwrap();

    let (mut cells, mut worst) = (reference.cells.as_slice(), 0.0f64);
    while let Some(first) = cells.first() {
        let (batch, rest) = cells.split_at(first.batch);
        cells = rest;
        let longest = batch.iter().map(|cell| cell.length).max().unwrap();
        let mut tokens = Vec::new();
        for expected in batch {
            let cell = cell(expected.length, &folder.config);
            assert!(expected.tokens.as_ref().is_none_or(|tokens| *tokens == cell));
            tokens.extend(cell);
            tokens.resize(tokens.len().next_multiple_of(longest), 0);
        }
        let tokens =
            Tensor::<1, burn::tensor::Int>::from_data(tokens.as_slice(), &device).reshape([batch.len(), longest]);
        let padding = tokens.clone().equal_elem(0);
        let hidden = model.encoder.forward(tokens.clone(), tokens.zeros_like(), padding.clone());
        let means = Encoder::pool(hidden.clone(), padding);
        for (row, expected) in batch.iter().enumerate() {
            let numbers = |tensor: Tensor<2>| tensor.try_into_vec_as::<f32>().unwrap();
            let at = |position: usize| hidden.clone().slice([row..row + 1, position..position + 1]).reshape([1, 256]);
            for (&position, theirs) in expected.positions.iter().zip(&expected.hidden) {
                worst = worst.max(largest_difference(&numbers(at(position)), 4, theirs));
            }
            worst = worst.max(largest_difference(&numbers(means.clone().narrow(0, row, 1)), 4, &expected.mean));
            let last = at(*expected.positions.last().unwrap());
            let logits = model.head.forward(last, model.encoder.gene_table());
            worst = worst.max(largest_difference(&numbers(logits), 800, &expected.logits));
        }
    }
    println!("largest difference to transformers: {worst:.1e}");
    assert!(worst < TOLERANCE, "{worst}");
}

#[test]
fn other_networks_are_refused() {
    let reference = reference();
    // Small stand-ins: only names matter here.
    let with = |extra: &[&str]| {
        let names = reference.parameters.keys().map(String::as_str).chain(extra.iter().copied());
        safetensors_file(&names.map(|name| (name.to_string(), vec![1])).collect())
    };
    let code = |change: fn(&mut serde_json::Value), weights: &[u8]| {
        let mut config = reference.config.clone();
        change(&mut config);
        let config = serde_json::to_vec(&config).unwrap();
        HuggingFaceModel::read(&config, weights, 2).map_or_else(|error| error.code(), |_| "read")
    };
    let weights = with(&[]);
    assert_eq!(code(|_| {}, &weights), "read");
    assert_eq!(code(|c| c["hidden_act"] = "gelu".into(), &weights), "bundle.bad-model");
    assert_eq!(code(|c| c["model_type"] = "gpt2".into(), &weights), "bundle.bad-model");
    assert_eq!(code(|c| c["position_embedding_type"] = "relative_key".into(), &weights), "bundle.bad-model");
    assert_eq!(code(|c| c["tie_word_embeddings"] = false.into(), &weights), "bundle.bad-model");
    assert_eq!(code(|c| c["num_attention_heads"] = 7.into(), &weights), "bundle.bad-model");
    assert_eq!(code(|c| c["vocab_size"] = "many".into(), &weights), "bundle.bad-model");
    assert_eq!(code(|_| {}, &weights[..weights.len() - 1]), "bundle.bad-shape");
    assert_eq!(code(|_| {}, &with(&["bert.pooler.dense.weight"])), "read");
    assert_eq!(code(|_| {}, &with(&["cls.predictions.decoder.weight"])), "bundle.bad-model", "an untied decoder");
    assert_eq!(code(|_| {}, &with(&["bert.encoder.layer.0.adapter.weight"])), "bundle.bad-model");
}
