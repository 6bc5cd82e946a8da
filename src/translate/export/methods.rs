//! The methods paragraph for a paper: what was done, with what, and whom to cite.

use std::fmt::Write;

use super::super::Translation;

/// What every file says of its positions: they look like measured ones, and are not.
pub(super) const ABOUT_POSITIONS: &str = "Positions are on the translator's reference section, in µm: where a reference \
                                          cell of the most similar surroundings lies. They are not positions in the \
                                          tissue the cells come from.";
pub(super) const ABOUT_EXPRESSION: &str = "X holds the counts that the translator expects on its spatial platform. They \
                                           are predicted, not measured.";
pub(super) const ABOUT_EMPTY_CELLS: &str = "Cells without a count of a known gene have NaN everywhere and no state. Leave \
                                            them out before statistics: adata[adata.obs['resitu_state'].notna()].";

/// What the method rests on; what a paper that uses a translation should cite beside the data.
const REFERENCES: [&str; 3] = [
    "Theodoris CV et al. Transfer learning enables predictions in network biology. Nature 618, 616–624 (2023). \
     https://doi.org/10.1038/s41586-023-06139-9 (rank-value encoding and encoder)",
    "Boyd et al. Single-Cell Cross-Modal Transfer by Adversarial Fine-Tuning of Foundation Models. arXiv 2606.07676 \
     (unpaired training)",
    "Virshup I et al. anndata: Access and store annotated data matrices. Journal of Open Source Software 9, 4371 (2024). \
     https://doi.org/10.21105/joss.04371 (file format)",
];

/// Markdown: a paragraph to adapt, the parameters one by one, and the references. `n_genes` are those of the input.
///
/// `n_cells` and `n_genes` are those of the input. Made from the provenance alone: it names no cell, gene or file of the user.
pub fn methods(translation: &Translation, n_cells: usize, n_genes: usize) -> String {
    let (from, origin) = (&translation.provenance, &translation.origin);
    let panel = translation.panel.len();
    let share = from.counts_matched * 100.0;
    let mut text = String::from("# Methods\n\nA paragraph to adapt; the numbers are those of this result.\n\n");
    // Writing into a String cannot fail.
    let _ = writeln!(
        text,
        "{n_cells} dissociated cells were translated to a panel of {panel} genes of a spatial platform with resitu {} and the \
         translator “{}” version {} (SHA-256 {}; {}, {}). {} of the {n_genes} genes of the input were in the translator's \
         vocabulary; they carried {share:.1} % of the counts. Each cell was encoded by its genes in descending order of \
         counts per 10,000 over the gene's median in the training cells [1]. From this encoding the network, trained on \
         unpaired dissociated and spatial cells [2], predicts the cell's state, the composition of its neighbourhood over \
         {} states, and its expected counts on the panel. A cell was assigned the niche of nearest mean composition (of {}), \
         and placed on the reference section where the reference cells of most similar surroundings lie densest; its \
         confidence is the share of validation cells that are no more like the reference than it is. {} without a count \
         of a known gene {} not translated. The arithmetic ran on {}; it draws no random numbers (seed {}, recorded only).",
        from.resitu,
        origin.name,
        origin.version,
        from.translator,
        origin.species,
        origin.tissue,
        from.genes_matched,
        translation.states.len(),
        translation.niches.len(),
        match translation.empty_cells {
            1 => "One cell".to_owned(),
            n => format!("{n} cells"),
        },
        if translation.empty_cells == 1 { "was" } else { "were" },
        from.device,
        from.seed,
    );
    let _ = write!(text, "\n## What the numbers are\n\n");
    for sentence in [ABOUT_EXPRESSION, ABOUT_POSITIONS, ABOUT_EMPTY_CELLS] {
        let _ = writeln!(text, "- {sentence}");
    }
    let _ = write!(text, "\n## The translator\n\n");
    let _ = writeln!(text, "- Reference section: {}", translation.attribution);
    let _ = writeln!(text, "- Licence of the weights: {}", origin.licence);
    for source in &origin.sources {
        let _ = writeln!(text, "- Trained on: {} ({}). {}", source.name, source.licence, source.url);
    }
    let _ = write!(text, "\n## References\n\n");
    for (i, reference) in REFERENCES.iter().enumerate() {
        let _ = writeln!(text, "{}. {reference}", i + 1);
    }
    let _ = writeln!(text, "{}. resitu {}. {}", REFERENCES.len() + 1, from.resitu, env!("CARGO_PKG_REPOSITORY"));
    text
}
