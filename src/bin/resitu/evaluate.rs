//! `resitu evaluate` and `resitu quantize`: scores on the test split, and the bundle that carries them.

use std::path::PathBuf;

use resitu::train::{
    TrainError, assemble,
    evaluate::{self, Evaluation},
};

use crate::failure::Failure;
use crate::files::write_whole;
use crate::train::Common;
use crate::watch::Watch;

/// Score a fine-tuned checkpoint on the test split, beside baselines and the model without its critics.
#[derive(clap::Args)]
pub struct Evaluate {
    #[command(flatten)]
    common: Common,
    /// The fine-tuned checkpoint.
    checkpoint: PathBuf,
    /// The checkpoint of `finetune --without-critics`.
    #[arg(long, value_name = "FOLDER")]
    without_critics: PathBuf,
    /// The JSON to write.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Evaluate {
    pub fn run(&self) -> Result<(), Failure> {
        let (config, data) = self.common.open()?;
        let device = self.common.device.open()?;
        let mut watch = Watch::new();
        let tick = &mut |progress| watch.tick(progress);
        let scores = evaluate::evaluate(&config, &data, &self.checkpoint, &self.without_critics, &device, tick)?;
        drop(watch);
        println!("{}", evaluate::markdown(&scores));
        let json = serde_json::to_vec_pretty(&scores).map_err(|_| TrainError::NotWritten("the scores"))?;
        write_whole(&self.output, &json)?;
        Ok(())
    }
}

/// Quantise a fine-tuned checkpoint and write the .resitu file, with its reference map and model card.
#[derive(clap::Args)]
pub struct Quantize {
    #[command(flatten)]
    common: Common,
    /// The fine-tuned checkpoint.
    checkpoint: PathBuf,
    /// The scores that `evaluate` wrote.
    #[arg(long, value_name = "FILE")]
    scores: PathBuf,
    /// The machine that trained, for the model card.
    #[arg(long, value_name = "TEXT", default_value = "not stated")]
    machine: String,
    /// The .resitu file to write.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Quantize {
    pub fn run(&self) -> Result<(), Failure> {
        let (config, data) = self.common.open()?;
        let device = self.common.device.open()?;
        let scores = std::fs::read(&self.scores).map_err(|_| TrainError::NoFile("the scores"))?;
        let scores: Evaluation = serde_json::from_slice(&scores)
            .map_err(|_| TrainError::BadConfig("the scores cannot be read".to_owned()))?;
        let bytes = assemble::assemble(&config, &data, &self.checkpoint, &scores, &self.machine, &device)?;
        write_whole(&self.output, &bytes)?;
        println!("{} bytes", bytes.len());
        Ok(())
    }
}
