//! What the genes of a file are, for people and for JavaScript, and files that go by the names of another species.

use serde::Serialize;

use super::Dataset;
use crate::Error;
use crate::cells::Csr;
use crate::genes::{GeneIdentity, GeneMatch, GenesError, KnownGenes, Species};

/// The `GeneSummary` of `www/src/types.ts`, field by field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GeneSummary {
    /// The `var` column that names the genes best.
    pub column: String,
    /// `human` or `mouse`; `None` if the names do not tell.
    pub species: Option<&'static str>,
    /// How the species was told: a sentence.
    pub species_reason: String,
    /// Genes of the file; each is matched, ambiguous or unknown.
    pub total: usize,
    pub matched: usize,
    pub ambiguous: usize,
    pub unknown: usize,
    /// At most ten unknown names, for the person to recognise. The user's data: for the screen, never for logs.
    pub first_unknown: Vec<String>,
    /// Matched by another spelling, an alias or a previous symbol.
    pub renamed: usize,
    /// Matched by the name in another column.
    pub from_other_columns: usize,
    /// Matched genes that another row of `var` names too.
    pub duplicates: usize,
    /// Matched genes with a one-to-one ortholog in the other species.
    pub with_ortholog: usize,
    /// Share (0..1) of the counts that fall on matched genes, in a sample of `sampled_cells`; `None` if they have none.
    pub counts_matched: Option<f64>,
    pub sampled_cells: usize,
}

impl Dataset {
    /// Looks the genes up in the packaged table, without any translator. `species` overrules the guess. Reads a sample of at
    /// most 256 cells.
    ///
    /// # Errors
    /// `genes.no-names`, and those of reading.
    pub fn gene_summary(&self, known: &KnownGenes, species: Option<Species>) -> Result<GeneSummary, Error> {
        let identity = known.identify(self.var_columns(), species)?;
        let rows = self.sample_rows()?;
        let report = identity.matching.report;
        Ok(GeneSummary {
            species: identity.species.and_then(Species::name),
            species_reason: reason(&identity, species),
            total: report.total,
            matched: report.matched,
            ambiguous: report.ambiguous,
            unknown: report.unknown,
            first_unknown: self.first_unknown(&identity.matching),
            renamed: report.renamed,
            from_other_columns: report.from_other_columns,
            duplicates: report.duplicates,
            with_ortholog: identity.with_ortholog,
            counts_matched: counts_matched(&rows, &identity.matching),
            sampled_cells: rows.n_rows(),
            column: identity.matching.column,
        })
    }

    /// Names of the first genes that a match left unknown, from the column that it chose.
    pub fn first_unknown(&self, matching: &GeneMatch) -> Vec<String> {
        let chosen = self.match_columns().iter().chain(self.var_columns()).find(|(name, _)| *name == matching.column);
        let names = match chosen {
            // A mapped column has nothing but blanks where there is no ortholog: the file's own name says more.
            Some(_) if !self.orthologs.is_empty() => self.gene_names(),
            Some((_, names)) => names,
            None => return Vec::new(),
        };
        matching.first_unknown.iter().filter_map(|&gene| names.get(gene as usize).cloned()).collect()
    }

    /// From here on the genes are matched as their one-to-one orthologs in `to`; see [`KnownGenes::map_orthologs`]. Names in
    /// results stay the file's own. Choosing another matrix undoes it.
    ///
    /// Nothing happens where the names do not say that the file is of another species than `to`.
    ///
    /// # Errors
    /// `genes.no-names`; `genes.no-orthologs` if the species of the file is not known or `to` is not in the table.
    pub fn use_orthologs(&mut self, known: &KnownGenes, to: Species) -> Result<(), GenesError> {
        if known.identify(self.var_columns(), None)?.species != Some(to) {
            self.orthologs = known.map_orthologs(self.var_columns(), to)?;
        }
        Ok(())
    }

    /// What genes are matched by: the columns of `var`, or their orthologs after [`Dataset::use_orthologs`].
    pub fn match_columns(&self) -> &[(String, Vec<String>)] {
        if self.orthologs.is_empty() { self.var_columns() } else { &self.orthologs }
    }

    /// A sentence about genes that go by other names than the file's.
    pub(super) fn ortholog_note(&self) -> Option<String> {
        let mapped = |(_, names): &(String, Vec<String>)| names.iter().filter(|name| !name.is_empty()).count();
        let mapped = self.orthologs.iter().map(mapped).max()?;
        Some(format!(
            "{mapped} of {} genes are matched as their one-to-one orthologs; the others are left out.",
            self.n_genes()
        ))
    }
}

fn reason(identity: &GeneIdentity, given: Option<Species>) -> String {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let shares =
        format!("{} of the names are human, {} mouse", percent(identity.human_share), percent(identity.mouse_share));
    match (given, identity.species) {
        (Some(_), _) => format!("It was given. Of the table, {shares}."),
        (None, None) => format!("Too few names are known: {shares}."),
        (None, Some(_)) => format!("{shares}."),
    }
}

fn counts_matched(rows: &Csr, matching: &GeneMatch) -> Option<f64> {
    let (mut all, mut of_matched) = (0.0, 0.0);
    for row in 0..rows.n_rows() {
        let (columns, values) = rows.row(row);
        for (column, value) in columns.iter().zip(values).filter(|(_, value)| value.is_finite()) {
            // Scaled values have both signs: their size is what is shared out.
            let size = f64::from(value.abs());
            all += size;
            if matching.token_of.get(*column as usize).copied().flatten().is_some() {
                of_matched += size;
            }
        }
    }
    (all > 0.0).then(|| of_matched / all)
}
