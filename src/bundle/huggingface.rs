//! Geneformer's own files: a Hugging Face folder of `BertForMaskedLM` (`config.json`, `model.safetensors`).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::BundleError;
use super::safetensors::{Placed, locate};
use crate::model::{EncoderConfig, ModelError, NamedTensor};

/// A model folder, ready for [`crate::model::load_weights`] into a [`crate::model::PretrainingModel`].
#[derive(Debug, Clone)]
pub struct HuggingFaceModel {
    pub config: EncoderConfig,
    /// Named as resitu names them; linear weights are turned to `[input, output]`.
    pub tensors: Vec<NamedTensor>,
}

impl HuggingFaceModel {
    /// Reads the two files of a folder. `special_tokens` is the number of tokens before the first gene in the model's token
    /// dictionary: 2 for Geneformer V1, 4 for V2.
    ///
    /// Tensors without a part in the encoder or the masked-gene head (pooler, position ids) are left out. Memory is twice the
    /// weights in `f32`.
    ///
    /// # Errors
    /// `bundle.bad-model` if it is another kind of network (other activation, positions or decoder, no layer norm …);
    /// `bundle.bad-shape`, `bundle.bad-value`, `bundle.too-large` as for the weights of a bundle. Whether every tensor is
    /// there shows when the weights are loaded.
    pub fn read(config: &[u8], weights: &[u8], special_tokens: usize) -> Result<Self, BundleError> {
        let bad = |reason| BundleError::BadModel(ModelError::BadConfig(reason));
        let bert: BertConfig =
            serde_json::from_slice(config).map_err(|_| bad("config.json is not that of a BERT model"))?;
        let config = bert.check(special_tokens).map_err(BundleError::BadModel)?;
        let mut placed = locate(weights)?;
        check_tied(&mut placed, weights)?;
        let mut tensors = Vec::with_capacity(placed.len());
        for (name, array) in placed {
            if let Some(name) = resitu_name(&name) {
                let (shape, values) = transpose_linear(&name, array.shape.clone(), array.floats(weights)?);
                tensors.push(NamedTensor { name, shape, values });
            } else if !has_no_part(&name) {
                return Err(bad("it has a tensor that a Geneformer does not have"));
            }
        }
        Ok(Self { config, tensors })
    }
}

#[derive(Deserialize)]
struct BertConfig {
    model_type: String,
    vocab_size: usize,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    max_position_embeddings: usize,
    type_vocab_size: usize,
    hidden_act: String,
    layer_norm_eps: f64,
    #[serde(default)]
    pad_token_id: usize,
    position_embedding_type: Option<String>,
    tie_word_embeddings: Option<bool>,
    #[serde(default)]
    is_decoder: bool,
}

impl BertConfig {
    fn check(&self, special_tokens: usize) -> Result<EncoderConfig, ModelError> {
        let bad = |reason| Err(ModelError::BadConfig(reason));
        if self.model_type != "bert" || self.is_decoder {
            return bad("it is no BERT encoder");
        }
        if self.hidden_act != "relu" {
            return bad("its activation is not ReLU");
        }
        if self.position_embedding_type.as_deref().is_some_and(|kind| kind != "absolute") {
            return bad("its positions are not absolute");
        }
        if self.tie_word_embeddings == Some(false) {
            return bad("its decoder is not tied to its embedding");
        }
        if self.pad_token_id != 0 {
            return bad("its padding token is not 0");
        }
        let config = EncoderConfig {
            vocabulary: self.vocab_size,
            special_tokens,
            layers: self.num_hidden_layers,
            hidden: self.hidden_size,
            heads: self.num_attention_heads,
            feed_forward: self.intermediate_size,
            positions: self.max_position_embeddings,
            token_types: self.type_vocab_size,
            layer_norm_epsilon: self.layer_norm_eps,
        };
        config.check()?;
        Ok(config)
    }
}

/// Removes the decoder's copies of the embedding and the bias, which some writers keep, after making sure that they are copies.
fn check_tied(placed: &mut BTreeMap<String, Placed>, file: &[u8]) -> Result<(), BundleError> {
    let ties = [
        ("cls.predictions.decoder.weight", "bert.embeddings.word_embeddings.weight"),
        ("cls.predictions.decoder.bias", "cls.predictions.bias"),
    ];
    for (copy, original) in ties {
        let Some(copy) = placed.remove(copy) else { continue };
        let same = placed.get(original).is_some_and(|original| {
            matches!((copy.bytes(file), original.bytes(file)), (Ok(copy), Ok(original)) if copy == original)
                && copy.number_type == original.number_type
        });
        if !same {
            return Err(BundleError::BadModel(ModelError::BadConfig("its decoder is not tied to its embedding")));
        }
    }
    Ok(())
}

/// Whether a tensor has no part in what is computed here.
fn has_no_part(name: &str) -> bool {
    name.starts_with("bert.pooler.") || name.starts_with("cls.seq_relationship.") || name.ends_with(".position_ids")
}

/// The name of a BERT tensor here; `None` if it has none.
fn resitu_name(name: &str) -> Option<String> {
    // TensorFlow's names for a norm's parameters are found in old files.
    let (module, parameter) = name.rsplit_once('.')?;
    let is_norm = module.ends_with("LayerNorm");
    let parameter = match (is_norm, parameter) {
        (true, "weight" | "gamma") => "gamma",
        (true, "bias" | "beta") => "beta",
        (false, "weight" | "bias") => parameter,
        _ => return None,
    };
    let module = match module {
        "bert.embeddings.word_embeddings" => "encoder.token_embedding".to_owned(),
        "bert.embeddings.position_embeddings" => "encoder.position_embedding".to_owned(),
        "bert.embeddings.token_type_embeddings" => "encoder.type_embedding".to_owned(),
        "bert.embeddings.LayerNorm" => "encoder.embedding_norm".to_owned(),
        "cls.predictions" => "head".to_owned(),
        "cls.predictions.transform.dense" => "head.transform".to_owned(),
        "cls.predictions.transform.LayerNorm" => "head.norm".to_owned(),
        _ => {
            let (layer, part) = module.strip_prefix("bert.encoder.layer.")?.split_once('.')?;
            let layer: usize = layer.parse().ok()?;
            let part = match part {
                "attention.self.query" => "query",
                "attention.self.key" => "key",
                "attention.self.value" => "value",
                "attention.output.dense" => "attention_output",
                "attention.output.LayerNorm" => "attention_norm",
                "intermediate.dense" => "intermediate",
                "output.dense" => "output",
                "output.LayerNorm" => "output_norm",
                _ => return None,
            };
            format!("encoder.layers.{layer}.{part}")
        }
    };
    Some(format!("{module}.{parameter}"))
}

/// PyTorch keeps linear weights as `[output, input]`, resitu as `[input, output]`; embeddings stay as they are.
fn transpose_linear(name: &str, shape: Vec<usize>, values: Vec<f32>) -> (Vec<usize>, Vec<f32>) {
    let (&[outputs, inputs], false) = (shape.as_slice(), name.ends_with("_embedding.weight")) else {
        return (shape, values);
    };
    let column = |input: usize| values.iter().skip(input).step_by(inputs).copied();
    (vec![inputs, outputs], (0..inputs).flat_map(column).collect())
}
