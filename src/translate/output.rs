//! Translated cells as files: h5ad for scanpy and squidpy, CSV for spreadsheets.

use super::{NO_LABEL, TranslateError, Translation};
use crate::Error;
use crate::cells::Column;
use crate::io::{Csv, Dataset, Embedding, Field, H5adContents, Numbers, Table, Uns, Values, write_h5ad};

/// What every file says of its positions: they look like measured ones, and are not.
const ABOUT_POSITIONS: &str = "Positions are on the translator's reference section, in µm: where a reference cell of the \
                               most similar surroundings lies. They are not positions in the tissue the cells come from.";
const ABOUT_EXPRESSION: &str = "X holds the counts that the translator expects on its spatial platform. They are predicted, \
                                not measured.";
const ABOUT_EMPTY_CELLS: &str = "Cells without a count of a known gene have NaN everywhere and no state. Leave them out before \
                                 statistics: adata[adata.obs['resitu_state'].notna()].";

impl Translation {
    /// An h5ad file that scanpy and squidpy open, with the names and labels that `dataset` gives to its cells.
    ///
    /// | where | what |
    /// |---|---|
    /// | `X` | expected counts, cells × panel |
    /// | `obs` | the label columns of the file; `resitu_state`, `resitu_niche`, `resitu_confidence`, `resitu_spread_um` |
    /// | `var` | index: symbols; `ensembl` |
    /// | `obsm` | `spatial`: positions in µm; `resitu_composition` |
    /// | `uns` | `resitu`: provenance, names, attribution and what the numbers are |
    ///
    /// Holds the contents about twice in memory besides the translation.
    ///
    /// # Errors
    /// `translate.other-input` if `dataset` has another number of cells; those of reading and writing.
    pub fn to_h5ad(&self, dataset: &Dataset) -> Result<Vec<u8>, Error> {
        let index = self.names(dataset)?;
        let mut columns = labels(dataset);
        columns.extend([
            ("resitu_state".into(), categorical(&self.state, &self.states)),
            ("resitu_niche".into(), categorical(&self.niche, &self.niches)),
            ("resitu_confidence".into(), numbers(&self.confidence)),
            ("resitu_spread_um".into(), numbers(&self.spread_um)),
        ]);
        let ensembl = ("ensembl".into(), Column::Text(self.panel_ensembl.clone()));
        let composition = Embedding { width: self.states.len(), values: Numbers::F32(&self.composition) };
        let contents = H5adContents {
            x: Values::Dense(&self.expression),
            obs: Table { index, columns },
            var: Table { index: self.panel.clone(), columns: vec![ensembl] },
            layers: Vec::new(),
            obsm: vec![
                ("spatial".into(), Embedding { width: 2, values: Numbers::F32(&self.positions) }),
                ("resitu_composition".into(), composition),
            ],
            obsp: Vec::new(),
            uns: vec![("resitu".into(), Uns::Nested(self.notes()))],
        };
        Ok(write_h5ad(&contents)?)
    }

    /// A table with one line a cell: name, state, niche, position, spread, confidence, composition and expected counts. The
    /// fields of cells without counts are empty.
    ///
    /// # Errors
    /// `translate.other-input` if `dataset` has another number of cells; those of reading.
    pub fn to_csv(&self, dataset: &Dataset) -> Result<Vec<u8>, Error> {
        let names = self.names(dataset)?;
        let fixed = ["cell", "state", "niche", "reference_x_um", "reference_y_um", "spread_um", "confidence"];
        let composition: Vec<String> = self.states.iter().map(|state| format!("neighbours: {state}")).collect();
        let header = fixed.into_iter().chain(composition.iter().chain(&self.panel).map(String::as_str));
        let mut csv = Csv::new();
        csv.line(header.map(Field::Text));
        for (row, name) in names.iter().enumerate() {
            let label = |code: u8, names| Field::Text(named(code, names).unwrap_or(""));
            let labels =
                [Field::Text(name), label(self.state[row], &self.states), label(self.niche[row], &self.niches)];
            let place =
                [self.positions[row * 2], self.positions[row * 2 + 1], self.spread_um[row], self.confidence[row]];
            let numbers = place.iter().chain(self.composition_of(row)).chain(self.expression_of(row));
            csv.line(labels.into_iter().chain(numbers.map(|value| Field::Float(*value))));
        }
        Ok(csv.finish())
    }

    fn names(&self, dataset: &Dataset) -> Result<Vec<String>, Error> {
        let names = dataset.obs_names()?;
        if names.len() == self.n_cells { Ok(names) } else { Err(TranslateError::OtherInput.into()) }
    }

    fn notes(&self) -> Vec<(String, Uns)> {
        let from = &self.provenance;
        let text = |name: &str, value: &str| (name.to_owned(), Uns::from(value));
        let integer =
            |name: &str, value: u64| (name.to_owned(), Uns::Integer(i64::try_from(value).unwrap_or(i64::MAX)));
        vec![
            text("version", &from.resitu),
            text("translator_sha256", &from.translator),
            text("device", &from.device),
            integer("seed", from.seed),
            integer("genes_matched", from.genes_matched as u64),
            ("counts_matched".into(), Uns::Number(from.counts_matched)),
            integer("empty_cells", self.empty_cells as u64),
            ("states".into(), Uns::Texts(self.states.clone())),
            ("niches".into(), Uns::Texts(self.niches.clone())),
            text("reference_attribution", &self.attribution),
            text("about_positions", ABOUT_POSITIONS),
            text("about_expression", ABOUT_EXPRESSION),
            text("about_empty_cells", ABOUT_EMPTY_CELLS),
        ]
    }
}

/// The columns of the file that can serve as labels. One that cannot be read must not cost the person the whole result.
fn labels(dataset: &Dataset) -> Vec<(String, Column)> {
    let listed = dataset.summary().map(|summary| summary.labels).unwrap_or_default();
    let column = |name: &str| {
        let labels = dataset.labels(name).ok()?;
        Some((name.to_owned(), Column::Categorical { codes: labels.codes, categories: labels.levels }))
    };
    // A translated file may be translated again: the new columns take the place of the old.
    let own = listed.iter().filter(|label| !label.name.starts_with("resitu_"));
    own.filter_map(|label| column(&label.name)).collect()
}

fn named(code: u8, names: &[String]) -> Option<&str> {
    names.get(usize::from(code)).map(String::as_str)
}

fn categorical(codes: &[u8], names: &[String]) -> Column {
    let code = |code: &u8| if *code == NO_LABEL { -1 } else { i32::from(*code) };
    Column::Categorical { codes: codes.iter().map(code).collect(), categories: names.to_vec() }
}

fn numbers(values: &[f32]) -> Column {
    Column::Numbers(values.iter().map(|value| f64::from(*value)).collect())
}
