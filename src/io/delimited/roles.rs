//! What the columns of a table are: genes, annotations, or nothing.

use std::collections::HashSet;

use super::{
    super::coordinates,
    orientation::is_gene,
    survey::{FieldInfo, Survey},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The names of the rows.
    Name,
    Value,
    Annotation,
    /// An empty column without a name, as a delimiter at the end of every line makes.
    Nothing,
}

/// Columns of numbers that describe a cell: those that instruments and tools write beside positions.
const MEASURES: [&str; 30] = [
    "fov",
    "cell_ID",
    "cell_id",
    "z_centroid",
    "z_um",
    "center_z",
    "volume",
    "Area",
    "area",
    "cell_area",
    "nucleus_area",
    "nucleus_count",
    "transcript_counts",
    "control_probe_counts",
    "control_codeword_counts",
    "genomic_control_counts",
    "unassigned_codeword_counts",
    "deprecated_codeword_counts",
    "total_counts",
    "n_counts",
    "n_genes",
    "n_genes_by_counts",
    "pct_counts_mt",
    "percent.mt",
    "percent_mito",
    "nCount_RNA",
    "nFeature_RNA",
    "nUMI",
    "nGene",
    "seurat_clusters",
];

/// Columns of numbers that describe a gene, as featureCounts writes them.
const GENE_MEASURES: [&str; 4] = ["Start", "End", "Length", "Chr"];

/// The role of each field of a table of cells × genes. `first_names` says that the first one names the rows.
pub(super) fn of_cells(survey: &Survey, first_names: bool) -> Vec<Role> {
    let has = |name: &str| survey.header.iter().any(|other| other == name);
    roles(survey, first_names, |name| MEASURES.contains(&name) || coordinates::is_of_pair(name, has))
}

/// The role of each field of a table of genes × cells.
pub(super) fn of_genes(survey: &Survey) -> Vec<Role> {
    roles(survey, true, |name| GENE_MEASURES.contains(&name))
}

fn roles(survey: &Survey, first_names: bool, is_measure: impl Fn(&str) -> bool) -> Vec<Role> {
    let n_rows = survey.names.len();
    let role = |(at, (name, info)): (usize, (&String, &FieldInfo))| match () {
        () if at == 0 && first_names => Role::Name,
        () if name.is_empty() && info.n_missing as usize == n_rows => Role::Nothing,
        () if info.is_nearly_number(n_rows) && !is_measure(name) => Role::Value,
        () => Role::Annotation,
    };
    survey.header.iter().zip(&survey.fields).enumerate().map(role).collect()
}

/// Whether the first field names the rows. Tables written without names (`index=False`) begin with a column like any other:
/// numbers, under the name of a gene or with repetitions.
pub(super) fn first_names_rows(survey: &Survey) -> bool {
    let (Some(name), Some(info)) = (survey.header.first(), survey.fields.first()) else { return true };
    if name.is_empty() || !info.is_number() {
        return true;
    }
    let mut seen = HashSet::with_capacity(survey.names.len());
    !is_gene(name) && survey.names.iter().all(|name| seen.insert(name))
}
