//! The findings of all metrics, put together: a summary, one JSON, CSV files, or an h5ad.

use std::path::Path;

use resitu::cells::{Column, Csr};
use resitu::io::{Coordinates, Dataset, Embedding, H5adContents, IoError, Numbers, Table, Uns, Values, write_h5ad};
use serde_json::{Map, Value};

use super::finding::{Finding, json, to_uns};
use super::input::{GraphReport, Input};
use crate::files::write_whole;

/// Everything that a run has to say.
pub struct Report {
    pub input: Input,
    pub graph: GraphReport,
    pub findings: Vec<Finding>,
    pub notes: Vec<String>,
}

impl Report {
    /// The summary for people.
    pub fn text(&self) -> String {
        let Input { cells, genes, matrix, value_kind, transform, coordinates, .. } = &self.input;
        let mut lines = vec![
            format!("cells        {cells}, {genes} genes, positions from {coordinates}"),
            format!("values       {matrix} ({value_kind}), transform {transform}"),
            self.graph.line(),
        ];
        lines.extend(self.findings.iter().flat_map(|finding| finding.text.iter().cloned()));
        lines.extend(self.notes.iter().map(|note| format!("note         {note}")));
        lines.join("\n") + "\n"
    }

    /// Everything in one object.
    ///
    /// # Errors
    /// `io.write-failed`.
    pub fn json(&mut self) -> Result<Vec<u8>, IoError> {
        let mut entries = Map::new();
        entries.insert("resitu".to_owned(), env!("CARGO_PKG_VERSION").into());
        entries.insert("input".to_owned(), json(&self.input)?);
        entries.insert("graph".to_owned(), json(&self.graph)?);
        let found = self.findings.iter_mut().flat_map(|finding| finding.json.drain(..));
        entries.extend(found.map(|(name, value)| (name.to_owned(), value)));
        entries.insert("notes".to_owned(), self.notes.clone().into());
        serde_json::to_vec_pretty(&Value::Object(entries)).map_err(|error| IoError::WriteFailed(error.to_string()))
    }

    /// The first table goes to `out`, the others beside it: `metrics.csv`, `metrics.enrichment.csv`.
    ///
    /// # Errors
    /// `io.write-failed`.
    pub fn write_csv(&self, out: &Path) -> Result<(), IoError> {
        let mut first = true;
        for finding in &self.findings {
            let Some(table) = &finding.csv else { continue };
            match first {
                true => write_whole(out, table)?,
                false => write_whole(&out.with_extension(format!("{}.csv", finding.name)), table)?,
            }
            first = false;
        }
        Ok(())
    }

    /// The cells with their annotations and positions; results in `uns`, `obs` and `obsm` under squidpy's names where
    /// it has them, and how they were made in `uns["resitu"]`.
    ///
    /// # Errors
    /// Those of reading the annotations, `io.write-failed`.
    pub fn h5ad(&mut self, cells: &Dataset, coordinates: &Coordinates, values: &Csr) -> Result<Vec<u8>, IoError> {
        let mut obs = Table { index: cells.obs_names()?, columns: Vec::new() };
        for info in cells.obs_columns() {
            obs.columns.push((info.name.clone(), cells.obs_column(&info.name)?));
        }
        let mut var = Table { index: cells.gene_names().to_vec(), columns: Vec::new() };
        for (name, texts) in cells.var_columns() {
            if name != cells.gene_names_from() {
                var.columns.push((name.clone(), Column::Text(texts.clone())));
            }
        }
        let mut uns = vec![("resitu".to_owned(), self.how()?)];
        for finding in &mut self.findings {
            uns.append(&mut finding.uns);
            obs.columns.append(&mut finding.obs);
        }
        let positions = coordinates.xy.concat();
        let mut obsm = vec![("spatial".to_owned(), Embedding { width: 2, values: Numbers::F64(&positions) })];
        obsm.extend(
            self.findings
                .iter()
                .flat_map(|finding| &finding.obsm)
                .map(|(name, width, values)| (name.clone(), Embedding { width: *width, values: Numbers::F32(values) })),
        );
        write_h5ad(&H5adContents {
            x: Values::Sparse(values),
            obs,
            var,
            layers: Vec::new(),
            obsm,
            obsp: Vec::new(),
            uns,
        })
    }

    /// Everything that is not a result.
    fn how(&mut self) -> Result<Uns, IoError> {
        let mut entries = vec![
            ("version".to_owned(), Some(Uns::from(env!("CARGO_PKG_VERSION")))),
            ("input".to_owned(), to_uns(&json(&self.input)?)),
            ("graph".to_owned(), to_uns(&json(&self.graph)?)),
            ("notes".to_owned(), Some(Uns::Texts(self.notes.clone())).filter(|_| !self.notes.is_empty())),
        ];
        let found = self.findings.iter_mut().flat_map(|finding| finding.how.drain(..));
        entries.extend(found.map(|(name, value)| (name.to_owned(), Some(value))));
        Ok(Uns::Nested(entries.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()))
    }
}
