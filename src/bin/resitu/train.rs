//! `resitu pretrain` and `resitu finetune`: the training steps, each from one checkpoint to the next.

use std::path::PathBuf;

use resitu::train::{config::TrainingConfig, corpus, run};

use crate::device::DeviceChoice;
use crate::failure::Failure;
use crate::watch::Watch;

/// What every training step is told.
#[derive(clap::Args)]
pub struct Common {
    /// The training configuration, such as models/breast.toml.
    #[arg(long, value_name = "TOML")]
    pub config: PathBuf,
    /// The folder that the configuration's paths start from [default: $RESITU_DATA, else ../shared/data].
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "cpu")]
    pub device: DeviceChoice,
    /// Replaces the configuration's seed.
    #[arg(long)]
    pub seed: Option<u64>,
}

impl Common {
    pub fn open(&self) -> Result<(TrainingConfig, PathBuf), Failure> {
        let mut config = TrainingConfig::read(&self.config)?;
        if let Some(seed) = self.seed {
            config.seed = seed;
        }
        Ok((config, self.data.clone().unwrap_or_else(corpus::data_folder)))
    }
}

/// Pretrain a small encoder on masked genes of dissociated and spatial cells.
#[derive(clap::Args)]
pub struct Pretrain {
    #[command(flatten)]
    common: Common,
    /// The checkpoint folder to write.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
}

impl Pretrain {
    pub fn run(&self) -> Result<(), Failure> {
        let (config, data) = self.common.open()?;
        let device = self.common.device.open()?.autodiff();
        let mut watch = Watch::new();
        run::pretrain_base(&config, &data, &self.output, &device, &mut |progress| watch.tick(progress))?;
        Ok(())
    }
}

/// Fine-tune a pretrained encoder adversarially into a translator.
#[derive(clap::Args)]
pub struct Finetune {
    #[command(flatten)]
    common: Common,
    /// The pretrained checkpoint.
    #[arg(long, value_name = "FOLDER")]
    base: PathBuf,
    /// Train without the critics: the ablation that a model card shows beside the result.
    #[arg(long)]
    without_critics: bool,
    /// The checkpoint folder to write.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
}

impl Finetune {
    pub fn run(&self) -> Result<(), Failure> {
        let (config, data) = self.common.open()?;
        let device = self.common.device.open()?.autodiff();
        let prepared = run::prepare(&config, &data, &self.base)?;
        for line in prepared.cells.summary() {
            println!("{line}");
        }
        let mut watch = Watch::new();
        let critics = !self.without_critics;
        let done = run::finetune_base(&config, prepared, critics, &self.output, &device, &mut |progress| {
            watch.tick(progress)
        })?;
        drop(watch);
        for entry in &done.log {
            let v = entry.validation;
            println!(
                "step {:5}  composition distance {:.4}  two-sample AUC {:.4}  state accuracy {:.4}",
                entry.step, v.composition_distance, v.two_sample_auc, v.state_accuracy
            );
        }
        println!("kept the weights of step {}", done.best_step);
        Ok(())
    }
}
