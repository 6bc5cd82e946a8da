//! The findings of all metrics, put together: a summary, one JSON, CSV files, or an h5ad.

use std::collections::BTreeMap;
use std::path::Path;

use resitu::cells::{Column, Csr, Labels};
use resitu::io::{Coordinates, Dataset, FileSink, H5adWriter, IoError, Place, Sink, Table, Uns};
use resitu::progress::Progress;
use serde_json::{Map, Value};

use super::VALUES_AT_ONCE;
use super::carry;
use super::finding::{Finding, json, to_uns};
use super::input::{CONNECTIVITIES, DISTANCES, GraphReport, Input};
use super::measured::Measured;
use crate::failure::Failure;
use crate::files::{unwritten, write_whole};
use crate::watch::Watch;

/// Names of entries that a note lists.
const NAMED: usize = 12;

/// What an h5ad output carries besides results.
pub struct Contents<'a> {
    pub cells: &'a Dataset,
    pub coordinates: &'a Coordinates,
    /// Those with a position, and the graph between them.
    pub placed: &'a Measured,
    /// The values as they are in the file, if they are in memory.
    pub values: Option<&'a Csr>,
    /// The columns that were used as labels.
    pub labelled: BTreeMap<String, Labels>,
}

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

    /// The cells with their annotations, values, positions and graph; results in `uns`, `obs` and `obsm` under squidpy's
    /// names where it has them, and how they were made in `uns["resitu"]`.
    ///
    /// Values are written while they are read, unless a metric has them in memory.
    ///
    /// # Errors
    /// Those of reading the file, `io.write-failed`, `job.cancelled`.
    pub fn write_h5ad(&mut self, out: &Path, contents: &Contents, watch: &mut Watch) -> Result<(), Failure> {
        let Contents { cells, coordinates, placed: Measured { kept, graph, .. }, values, labelled } = contents;
        let sink = FileSink::create(out).map_err(unwritten)?;
        let mut file = H5adWriter::new(sink, cells.n_genes())?;
        match values {
            Some(values) => file.sparse(Place::X, values)?,
            None => copy_values(&mut file, cells, watch)?,
        }
        let new: Vec<&str> =
            self.findings.iter().flat_map(|finding| &finding.obs).map(|(name, _)| name.as_str()).collect();
        let mut left_out = 0;
        // Results of an earlier run give way to those of this one.
        for info in cells.obs_columns().iter().filter(|info| !new.contains(&info.name.as_str())) {
            if let Some(Labels { codes, levels }) = labelled.get(&info.name) {
                let column = Column::Categorical { codes: codes.clone(), categories: levels.clone() };
                file.obs_column(&info.name, &column)?;
                continue;
            }
            // One that cannot be read must not cost the person the whole result.
            match cells.obs_column(&info.name) {
                Ok(column) => file.carried_obs_column(&info.name, &column)?,
                Err(error @ IoError::ReadFailed(_)) => return Err(error.into()),
                Err(_) => left_out += 1,
            }
        }
        if left_out > 0 {
            self.notes.push(format!("{left_out} columns of obs could not be read and were not carried over."));
        }
        let mut carried = cells.carried()?;
        carried.left_out.append(&mut carry::matrices(&mut file, cells, watch)?);
        let own = self.findings.iter().flat_map(|finding| finding.obsm.iter().map(|(name, ..)| name.as_str()));
        let own: Vec<&str> = own.chain(["spatial"]).collect();
        carry::embeddings(&mut file, cells, &carried, &own, watch)?;
        // The graph takes the place of an earlier one.
        let own = [CONNECTIVITIES, DISTANCES].map(|name| format!("obsp/{name}"));
        carried.left_out.retain(|path| !own.contains(path) && path != "raw/X");
        carried.left_out.append(&mut carry::aligned(&mut file, cells, &carried, &own, watch)?);
        if !carried.left_out.is_empty() {
            self.notes.push(not_carried(&carried.left_out));
        }
        let width = if coordinates.z.is_some() { 3 } else { 2 };
        let spatial = file.embedding("spatial", width, true)?;
        let z = coordinates.z.iter().flatten().map(Some).chain(std::iter::repeat(None));
        let rows = coordinates.xy.iter().zip(z).flat_map(|(&[x, y], z)| [x, y].into_iter().chain(z.copied()));
        file.push_f64(spatial, &rows.collect::<Vec<_>>())?;

        let (indptr, neighbours) = kept.spread_graph(graph);
        // squidpy keeps 1 for an edge and standardises when it computes.
        file.pairs(CONNECTIVITIES, &indptr, &neighbours, &vec![1.0; neighbours.len()])?;
        if let Some(distances) = graph.distances() {
            file.pairs(DISTANCES, &indptr, &neighbours, distances)?;
        }
        let mut uns = vec![("resitu".to_owned(), self.how()?), ("spatial_neighbors".to_owned(), self.graph.squidpy())];
        for finding in &mut self.findings {
            uns.append(&mut finding.uns);
            for (name, column) in &finding.obs {
                file.obs_column(name, column)?;
            }
            for (name, width, values) in &finding.obsm {
                let embedding = file.embedding(name, *width, false)?;
                file.push_f32(embedding, values)?;
            }
        }
        carry::notes(&mut uns, carried.uns);
        let mut var = Table { index: cells.gene_names().to_vec(), columns: Vec::new() };
        for (name, texts) in cells.var_columns() {
            if name != cells.gene_names_from() {
                var.columns.push((name.clone(), Column::Text(texts.clone())));
            }
        }
        let names = cells.obs_names()?;
        let sink = file.finish(names.iter().map(String::as_str), &var, &uns)?;
        Ok(sink.finish().map_err(unwritten)?)
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

/// Names what stays behind, the first of it.
fn not_carried(paths: &[String]) -> String {
    let named = paths.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = paths.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("Not carried over into the h5ad: {named}{more}.")
}

/// Copies the matrix in use by parts.
fn copy_values<S: Sink>(file: &mut H5adWriter<S>, cells: &Dataset, watch: &mut Watch) -> Result<(), Failure> {
    let total = cells.n_cells();
    let x = file.sparse_rows(Place::X, total as u64 * cells.n_genes() as u64)?;
    let (mut start, mut part) = (0, Csr::empty(0));
    while start < total {
        let end = cells.range_end(start, VALUES_AT_ONCE)?;
        cells.rows_into(start..end, &mut part)?;
        file.push_rows(x, &part)?;
        start = end;
        let progress = Progress { stage: "copying cells", done: start as u64, total: total as u64 };
        if watch.tick(progress).is_break() {
            return Err(Failure::Cancelled);
        }
    }
    Ok(())
}
