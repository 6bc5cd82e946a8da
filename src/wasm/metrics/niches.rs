//! Niches, and what lies around each cell: by labels, or by the expression of chosen genes.

use js_sys::{Float32Array, Float64Array, Function, Int32Array, Uint32Array};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::{draws::draw, numbers, options};
use crate::{
    Error,
    cells::Labels,
    progress::{Tick, ignore},
    spatial::niches::{
        KMeansParams, Profiles, composition_profiles, expression_profiles, kmeans, nearest_centre, silhouette,
    },
    wasm::{
        convert::{object, strings},
        error::{JsResult, SurfaceError, to_js},
        measured::{At, Measured},
        section::{Report, WasmSection},
    },
};

/// Cells that the silhouette is computed on: all pairs of them are. As the command line.
const SILHOUETTE_SAMPLE: usize = 2000;

/// `ProfileParams` of `protocol.ts`: what is around a cell. One of both is given.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProfileOptions {
    column: Option<String>,
    genes: Option<Vec<String>>,
    with_self: bool,
}

/// `NicheParams` of `protocol.ts`.
#[derive(Deserialize)]
struct NicheOptions {
    count: u32,
    starts: u32,
    raw: bool,
    seed: u32,
}

/// What profiles are made of.
struct Around {
    cells: Measured,
    /// Of the columns of the profiles.
    names: Vec<String>,
    by: By,
}

enum By {
    Labels(Labels),
    Genes { columns: Vec<usize>, with_self: bool },
}

impl Around {
    fn profiles(&self, at: &At, tick: Tick) -> Result<Profiles, Error> {
        let graph = at.graph()?;
        Ok(match &self.by {
            By::Labels(labels) => composition_profiles(&graph, &at.codes(labels), labels.levels.len())?,
            By::Genes { columns, with_self } => expression_profiles(&graph, &at.values(), columns, *with_self, tick)?,
        })
    }
}

#[wasm_bindgen]
impl WasmSection {
    /// What lies around every cell, one row a cell of the file.
    #[wasm_bindgen(unchecked_return_type = "page.ProfileTable")]
    pub fn profiles(
        &self,
        #[wasm_bindgen(unchecked_param_type = "protocol.ProfileParams")] by: JsValue,
        #[wasm_bindgen(unchecked_param_type = "protocol.GraphParams")] graph: &JsValue,
        report: &Function,
    ) -> JsResult<JsValue> {
        let mut report = Report::new(report);
        let around = self.around(by, graph, &mut report)?;
        let Profiles { width, values } = around.profiles(&around.cells.here(), &mut report.tick()).map_err(to_js)?;
        let values = around.cells.kept.spread_rows(values, width, f32::NAN);
        let rows = values.len().checked_div(width).unwrap_or(0);
        Ok(object(&[
            ("columns", strings(&around.names)),
            ("data", Float32Array::from(values.as_slice()).into()),
            ("nRows", (rows as f64).into()),
        ]))
    }

    /// Clusters of what lies around the cells.
    #[wasm_bindgen(unchecked_return_type = "page.NicheTable")]
    pub fn niches(
        &self,
        #[wasm_bindgen(unchecked_param_type = "protocol.ProfileParams")] by: JsValue,
        #[wasm_bindgen(unchecked_param_type = "protocol.GraphParams")] graph: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "protocol.NicheParams")] wanted: JsValue,
        #[wasm_bindgen(unchecked_param_type = "protocol.DrawParams | null")] draws: JsValue,
        report: &Function,
    ) -> JsResult<JsValue> {
        let NicheOptions { count, starts, raw, seed } = options(wanted)?;
        let mut report = Report::new(report);
        let around = self.around(by, graph, &mut report)?;
        let kept = &around.cells.kept;
        let plain = around.profiles(&around.cells.here(), &mut report.tick()).map_err(to_js)?;
        let standard = (!raw).then(|| plain.standard());
        let comparable = |plain: &Profiles| {
            let mut profiles = plain.clone();
            standard.iter().for_each(|standard| profiles.standardise_by(standard));
            profiles
        };
        let profiles = comparable(&plain);
        let params =
            KMeansParams { k: count as usize, starts: starts as usize, seed: seed.into(), ..KMeansParams::default() };
        let found = kmeans(&profiles, &params, &mut report.tick()).map_err(to_js)?;
        let silhouette = silhouette(&profiles, &found.codes, SILHOUETTE_SAMPLE, params.seed).map_err(to_js)?;
        let n = found.sizes.len();
        let means = plain.means(&found.codes, n).map_err(to_js)?;
        let drawn = draw(self, &around.cells, draws, &mut report, |at| {
            let plain = around.profiles(at, &mut ignore)?;
            let codes = nearest_centre(&comparable(&plain), &found.centres)?;
            let cells = codes.iter().filter(|code| **code >= 0).count() as f64;
            let share = |niche: usize| codes.iter().filter(|&&code| code == niche as i32).count() as f64 / cells;
            let mut all: Vec<f64> = (0..n).map(share).collect();
            all.extend(plain.means(&codes, n)?);
            let codes = at.still.spread(codes, -1);
            all.extend(codes.iter().zip(&found.codes).map(|(&code, &stored)| match code >= 0 && stored >= 0 {
                true => f64::from(u8::from(code == stored)),
                false => f64::NAN,
            }));
            Ok(all)
        })?;
        let sizes: Vec<u32> = found.sizes.iter().map(|size| *size as u32).collect();
        let width = around.names.len();
        let codes = kept.spread(found.codes.clone(), -1);
        let mut fields = vec![
            ("columns", strings(&around.names)),
            ("codes", Int32Array::from(codes.as_slice()).into()),
            ("sizes", Uint32Array::from(sizes.as_slice()).into()),
            ("means", numbers(&means)),
            ("silhouette", silhouette.into()),
            ("stability", Float64Array::from(found.stability.as_slice()).into()),
            ("inertia", found.inertia.into()),
            ("converged", found.converged.into()),
        ];
        fields.extend(drawn.map(|drawn| {
            let cells = n + n * width..n + n * width + kept.n_kept();
            let all = [
                ("shares", drawn.list(0..n)),
                ("means", drawn.list(n..n + n * width)),
                ("stays", drawn.by_cell(cells, kept)),
            ];
            ("intervals", object(&all))
        }));
        Ok(object(&fields))
    }
}

impl WasmSection {
    fn around(&self, by: JsValue, graph: &JsValue, report: &mut Report) -> JsResult<Around> {
        let ProfileOptions { column, genes, with_self } = options(by)?;
        if let Some(column) = column {
            let cells = self.cells_placed(graph)?;
            let labels = cells.pick(self.labels(&column)?);
            return Ok(Around { names: labels.levels.clone(), by: By::Labels(labels), cells });
        }
        let names = genes.ok_or(SurfaceError::BadOptions)?;
        let cells = self.cells_measured(graph, report)?;
        let column = |name: &String| cells.genes.iter().position(|gene| gene == name);
        let columns: Option<Vec<usize>> = names.iter().map(column).collect();
        let columns = columns.ok_or(SurfaceError::BadOptions)?;
        Ok(Around { names, by: By::Genes { columns, with_self }, cells })
    }
}
