//! The model card: how small, trained on what, how good beside what.

use std::fmt::Write;

use super::config::{Role, TrainingConfig};
use super::evaluate::{Evaluation, markdown};
use super::groups::Data;
use crate::bundle::Description;

/// Markdown of the card. Every number comes from the run itself.
pub fn model_card(
    config: &TrainingConfig,
    description: &Description,
    data: &Data,
    log: &serde_json::Value,
    evaluation: &Evaluation,
    machine: &str,
) -> String {
    let encoder = &description.model.encoder;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "# {} {}\n\nTranslates dissociated single-cell RNA-seq of {} ({}) into what a {}-gene spatial panel would show, and \
         puts each cell back where such cells sit on a reference section.\n\n\
         **Research use only.** A small model of one tumour's section and few donors: not for diagnosis, and no evidence that \
         a cell was at the place where it is drawn.\n",
        description.name,
        description.version,
        description.tissue,
        description.species,
        description.panel.len()
    );
    let _ = writeln!(
        text,
        "## How small it is\n\n\
         - Encoder: {} layers, hidden {}, {} heads, feed-forward {}, {} genes, at most {} tokens a cell. Geneformer V1-10M, \
         whose architecture this is, has 6 layers, hidden 256 and saw 30 million cells.\n\
         - Pretrained for {} steps of {} cells ({} cells to draw from), fine-tuned for at most {} steps of {} dissociated and \
         {} spatial cells; the weights of step {} were the best on the validation split.\n\
         - Weights in one byte each (blocks of 32 with a scale), norms and biases in four.\n\
         - Trained on: {machine}. Seed {}.\n",
        encoder.layers,
        encoder.hidden,
        encoder.heads,
        encoder.feed_forward,
        encoder.vocabulary - encoder.special_tokens,
        description.max_tokens,
        log["pretraining"]["steps"],
        config.pretrain.cells_per_step,
        log["pretraining"]["cells"],
        config.finetune.steps,
        config.finetune.dissociated_per_step,
        config.finetune.spatial_per_step,
        log["best_step"],
        config.seed
    );
    let _ = writeln!(text, "## What it was trained on\n");
    for source in &description.sources {
        let _ = writeln!(text, "- {} ({}): {}", source.name, source.licence, source.url);
    }
    let _ = writeln!(text, "\nHow the cells were split, with their states:\n");
    for line in data.summary() {
        let _ = writeln!(text, "- {line}");
    }
    let test: Vec<&str> =
        config.section.iter().filter(|s| s.role == Role::Test).map(|section| section.name.as_str()).collect();
    let _ = writeln!(
        text,
        "\nStates are clusters of the training sections' cells (k-means, {} clusters), named by marker genes; they are not a \
         pathologist's labels. All spatial sections are of one tumour: {} was held out, but it is the same patient. The \
         dissociated test cells are held-out cells of donors that were trained on.\n\n## Scores on the test split\n",
        config.states.clusters,
        test.join(", ")
    );
    text.push_str(&markdown(evaluation));
    let _ = writeln!(text, "\n{}", verdict(evaluation));
    let _ = writeln!(
        text,
        "\n## Idea\n\nBoyd et al., *Single-Cell Cross-Modal Transfer by Adversarial Fine-Tuning of Foundation Models*, arXiv \
         2606.07676. This is an independent, much smaller implementation and does not reproduce that paper's numbers.\n\n\
         ## Attribution\n\n{}\n",
        description.sections.iter().map(|section| section.attribution.as_str()).collect::<Vec<_>>().join("\n")
    );
    text
}

/// Where the model is no better than a baseline, in words.
fn verdict(evaluation: &Evaluation) -> String {
    let mut worse = Vec::new();
    if let Some((own, others)) = evaluation.whereabouts.split_first() {
        for other in others {
            if other.composition_distance.mean <= own.composition_distance.mean {
                worse.push(format!("composition distance: {}", other.name));
            }
            if other.niche_macro_f1 >= own.niche_macro_f1 {
                worse.push(format!("niche F1: {}", other.name));
            }
            for ((k, hits), (_, own_hits)) in other.neighbour_hits.iter().zip(&own.neighbour_hits) {
                if hits.mean >= own_hits.mean {
                    worse.push(format!("hits at {k}: {}", other.name));
                }
            }
            if let (Some(theirs), Some(ours)) = (other.distance_spearman, own.distance_spearman)
                && theirs.mean >= ours.mean
            {
                worse.push(format!("Spearman of distances: {}", other.name));
            }
        }
    }
    if let Some((own, others)) = evaluation.likeness.split_first() {
        for other in others {
            if (other.two_sample_auc.mean - 0.5).abs() <= (own.two_sample_auc.mean - 0.5).abs() {
                worse.push(format!("AUC: {}", other.name));
            }
            if other.mmd_squared.mean <= own.mmd_squared.mean {
                worse.push(format!("MMD²: {}", other.name));
            }
            if other.wasserstein <= own.wasserstein {
                worse.push(format!("Wasserstein: {}", other.name));
            }
            if other.label_agreement >= own.label_agreement {
                worse.push(format!("label agreement: {}", other.name));
            }
        }
    }
    if worse.is_empty() {
        return "On every score above the translator is better than every method beside it.".to_owned();
    }
    let list: Vec<String> = worse.iter().map(|line| format!("- {line}")).collect();
    format!("**Where the translator is no better than a method beside it:**\n\n{}", list.join("\n"))
}
