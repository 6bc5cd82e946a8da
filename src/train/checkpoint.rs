//! Checkpoints: a folder with a configuration, weights, genes and a log, each in a format that other tools read.

use std::collections::HashMap;
use std::path::Path;

use burn::module::Module;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::TrainError;
use crate::Error;
use crate::genes::Vocabulary;
use crate::model::{NamedTensor, export_weights};

const CONFIG: &str = "config.json";
const WEIGHTS: &str = "weights.safetensors";
const GENES: &str = "genes.tsv";
const LOG: &str = "log.json";

/// Writes a checkpoint. The folder is made beside its place and renamed into it, so that none is ever half written; an
/// older checkpoint there is replaced.
///
/// # Errors
/// [`TrainError::NotWritten`].
pub fn write(
    folder: &Path,
    config: &impl Serialize,
    module: &impl Module,
    vocabulary: &Vocabulary,
    log: &impl Serialize,
) -> Result<(), Error> {
    let bytes = to_safetensors(&export_weights(module)?)?;
    let making = folder.with_extension("making");
    let failed = |_| TrainError::NotWritten("the checkpoint");
    let _ = std::fs::remove_dir_all(&making);
    std::fs::create_dir_all(&making).map_err(failed)?;
    let json = |value: serde_json::Result<String>| value.map_err(|_| TrainError::NotWritten("the checkpoint"));
    std::fs::write(making.join(CONFIG), json(serde_json::to_string_pretty(config))?).map_err(failed)?;
    std::fs::write(making.join(LOG), json(serde_json::to_string_pretty(log))?).map_err(failed)?;
    std::fs::write(making.join(GENES), vocabulary.to_tsv()).map_err(failed)?;
    std::fs::write(making.join(WEIGHTS), bytes).map_err(failed)?;
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(failed)?;
    }
    std::fs::rename(&making, folder).map_err(failed)?;
    Ok(())
}

/// A checkpoint as it was written.
pub struct Checkpoint<C> {
    pub config: C,
    pub weights: Vec<NamedTensor>,
    pub vocabulary: Vocabulary,
    pub log: serde_json::Value,
}

/// Reads a checkpoint.
///
/// # Errors
/// [`TrainError::BadCheckpoint`], [`TrainError::NoFile`].
pub fn read<C: DeserializeOwned>(folder: &Path) -> Result<Checkpoint<C>, Error> {
    let text = |name| std::fs::read_to_string(folder.join(name)).map_err(|_| TrainError::NoFile("the checkpoint"));
    let bytes = std::fs::read(folder.join(WEIGHTS)).map_err(|_| TrainError::NoFile("the checkpoint"))?;
    Ok(Checkpoint {
        config: serde_json::from_str(&text(CONFIG)?).map_err(|_| TrainError::BadCheckpoint("its configuration"))?,
        weights: from_safetensors(&bytes)?,
        vocabulary: Vocabulary::from_tsv(&text(GENES)?)?,
        log: serde_json::from_str(&text(LOG)?).map_err(|_| TrainError::BadCheckpoint("its log"))?,
    })
}

fn to_safetensors(tensors: &[NamedTensor]) -> Result<Vec<u8>, TrainError> {
    let failed = |_| TrainError::NotWritten("the weights");
    let bytes: Vec<Vec<u8>> =
        tensors.iter().map(|tensor| tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect()).collect();
    let mut views = Vec::new();
    for (tensor, bytes) in tensors.iter().zip(&bytes) {
        let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes).map_err(failed)?;
        views.push((tensor.name.as_str(), view));
    }
    safetensors::serialize(views, None::<HashMap<String, String>>).map_err(failed)
}

fn from_safetensors(bytes: &[u8]) -> Result<Vec<NamedTensor>, TrainError> {
    let tensors = SafeTensors::deserialize(bytes).map_err(|_| TrainError::BadCheckpoint("its weights"))?;
    tensors
        .iter()
        .map(|(name, view)| {
            if view.dtype() != Dtype::F32 {
                return Err(TrainError::BadCheckpoint("its weights are not 32-bit"));
            }
            let values = view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
            Ok(NamedTensor { name: name.to_owned(), shape: view.shape().to_vec(), values })
        })
        .collect()
}
