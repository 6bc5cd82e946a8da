//! Scores as Markdown, for model cards: every row as it came out, the best of a column in bold.

use std::fmt::Write;

use super::{Estimate, Evaluation};

/// Two tables with their reading notes.
pub fn markdown(evaluation: &Evaluation) -> String {
    let mut text = String::new();
    let sections = evaluation.test_sections.join(", ");
    let _ = writeln!(
        text,
        "### T1: cells whose coordinates were hidden ({} cells of {sections})\n\n\
         Composition distance: Jensen–Shannon distance of neighbour composition, 20 neighbours (0 best). Niche F1: macro-F1 \
         of the niche (1 best). Hits: share of true neighbours found among as many (1 best; the test section is not in the \
         reference, so cells can only be put where such cells sit). Spearman: of distances to all other cells (1 best). \
         In brackets 95 % bootstrap intervals over cells, which take cells as independent.\n",
        evaluation.spatial_cells
    );
    let hits: Vec<String> =
        evaluation.chance_hits.iter().map(|(k, chance)| format!("hits at {k} (chance {chance:.4})")).collect();
    let _ = writeln!(text, "| method | composition distance | niche F1 | {} | Spearman |", hits.join(" | "));
    let _ = writeln!(text, "|---|---|---|{}---|", "---|".repeat(hits.len()));
    let rows = &evaluation.whereabouts;
    let least = rows.iter().map(|row| row.composition_distance.mean).fold(f64::INFINITY, f64::min);
    let best_f1 = rows.iter().map(|row| row.niche_macro_f1).fold(0.0, f64::max);
    for row in rows {
        let cells: Vec<String> = (0..hits.len())
            .map(|i| {
                let most = rows.iter().map(|row| row.neighbour_hits[i].1.mean).fold(0.0, f64::max);
                interval(row.neighbour_hits[i].1, 4, row.neighbour_hits[i].1.mean >= most)
            })
            .collect();
        let most = rows.iter().filter_map(|row| row.distance_spearman).map(|e| e.mean).fold(-1.0, f64::max);
        let spearman = row.distance_spearman.map_or("–".to_owned(), |e| interval(e, 3, e.mean >= most));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {spearman} |",
            row.name,
            interval(row.composition_distance, 3, row.composition_distance.mean <= least),
            bold(format!("{:.3}", row.niche_macro_f1), row.niche_macro_f1 >= best_f1),
            cells.join(" | ")
        );
    }
    let _ = writeln!(
        text,
        "\n### T5: translated cells beside measured ones ({} held-out dissociated cells; partners of the same state from {sections})\n\n\
         AUC: of a classifier between translated and measured cells (0.5 best: it cannot tell them apart). MMD²: 0 best. \
         Wasserstein: mean over genes, of log1p counts (0 best). In brackets the range over five samplings of counts. Label \
         agreement: cells whose ten most similar translations mostly share their label (1 best; the random cell of the same \
         state is told the label).\n",
        evaluation.dissociated_cells
    );
    let _ = writeln!(text, "| method | AUC | MMD² | Wasserstein | label agreement |\n|---|---|---|---|---|");
    let rows = &evaluation.likeness;
    let nearest = rows.iter().map(|row| (row.two_sample_auc.mean - 0.5).abs()).fold(f64::INFINITY, f64::min);
    let least_mmd = rows.iter().map(|row| row.mmd_squared.mean).fold(f64::INFINITY, f64::min);
    let least_distance = rows.iter().map(|row| row.wasserstein).fold(f64::INFINITY, f64::min);
    let most = rows.iter().map(|row| row.label_agreement).fold(0.0, f64::max);
    for row in rows {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            row.name,
            interval(row.two_sample_auc, 3, (row.two_sample_auc.mean - 0.5).abs() <= nearest),
            interval(row.mmd_squared, 4, row.mmd_squared.mean <= least_mmd),
            bold(format!("{:.4}", row.wasserstein), row.wasserstein <= least_distance),
            bold(format!("{:.3}", row.label_agreement), row.label_agreement >= most),
        );
    }
    text
}

fn interval(estimate: Estimate, digits: usize, best: bool) -> String {
    let mean = bold(format!("{:.digits$}", estimate.mean), best);
    format!("{mean} [{:.digits$}, {:.digits$}]", estimate.low, estimate.high)
}

fn bold(text: String, best: bool) -> String {
    if best { format!("**{text}**") } else { text }
}
