//! Where a gene clusters, cell by cell, and which genes go together.

use js_sys::{Array, Function, Uint8Array};
use wasm_bindgen::prelude::*;

use super::{draws::draw, numbers};
use crate::{
    progress::ignore,
    spatial::{BivariateParams, Kept, LocalNull, LocalParams, Score, bivariate, getis_ord, local_moran},
    wasm::{
        convert::object,
        error::{JsResult, SurfaceError, to_js},
        section::{Report, WasmSection},
    },
};

#[wasm_bindgen]
impl WasmSection {
    /// Local Moran's I and Getis–Ord G* of one gene: arrays over all cells, NaN for those without position or neighbour.
    #[wasm_bindgen(unchecked_return_type = "page.LocalTable")]
    pub fn local(
        &self,
        gene: &str,
        #[wasm_bindgen(unchecked_param_type = "protocol.GraphParams")] graph: &JsValue,
        permutations: u32,
        seed: u32,
        #[wasm_bindgen(unchecked_param_type = "protocol.DrawParams | null")] draws: JsValue,
        report: &Function,
    ) -> JsResult<JsValue> {
        let mut report = Report::new(report);
        let mut cells = self.cells_measured(graph, &mut report)?;
        let column = cells.genes.iter().position(|name| name == gene).ok_or(SurfaceError::BadOptions)?;
        cells.values = cells.values.map(|values| values.columns(column..column + 1));
        let params = LocalParams { permutations: permutations as usize, seed: seed.into(), ..LocalParams::default() };
        let here = cells.here();
        let (graph, values) = (here.graph().map_err(to_js)?, here.values());
        let moran = local_moran(&graph, &values, LocalNull::default(), &params, &mut report.tick()).map_err(to_js)?;
        let hot = getis_ord(&graph, &values, true, &params, &mut report.tick()).map_err(to_js)?;
        let (Some(moran), Some(hot)) = (moran.first(), hot.first()) else {
            return Err(SurfaceError::BadOptions.into());
        };
        let untested = LocalParams { permutations: 0, ..params };
        let drawn = draw(self, &cells, draws, &mut report, |at| {
            let (graph, values) = (at.graph()?, at.values());
            let moran = local_moran(&graph, &values, LocalNull::default(), &untested, &mut ignore)?;
            let hot = getis_ord(&graph, &values, true, &untested, &mut ignore)?;
            let moran = moran.iter().flat_map(|gene| gene.scores.iter().map(|score| score.value)).collect();
            let hot = hot.iter().flat_map(|gene| gene.scores.iter().map(|score| score.z)).collect();
            Ok([at.still.spread(moran, f64::NAN), at.still.spread(hot, f64::NAN)].concat())
        })?;
        let quadrants = moran.quadrants.iter().map(|side| side.map_or(0, |side| side as u8)).collect();
        let quadrants = cells.kept.spread(quadrants, 0);
        let mut fields = vec![
            ("gene", gene.into()),
            ("moran", scores(&cells.kept, &moran.scores)),
            ("quadrant", Uint8Array::from(quadrants.as_slice()).into()),
            ("getisOrd", scores(&cells.kept, &hot.scores)),
        ];
        fields.extend(drawn.map(|drawn| {
            let n = cells.kept.n_kept();
            let moran = drawn.by_cell(0..n, &cells.kept);
            ("intervals", object(&[("moran", moran), ("getisOrdZ", drawn.by_cell(n..2 * n, &cells.kept))]))
        }));
        Ok(object(&fields))
    }

    /// Bivariate Moran's I and Lee's L of pairs of genes: `x` and `y` name them, pair by pair.
    #[wasm_bindgen(unchecked_return_type = "page.BivariateRow[]")]
    #[expect(clippy::too_many_arguments, reason = "one for each field of the call")]
    pub fn bivariate(
        &self,
        x: Vec<String>,
        y: Vec<String>,
        #[wasm_bindgen(unchecked_param_type = "protocol.GraphParams")] graph: &JsValue,
        permutations: u32,
        seed: u32,
        #[wasm_bindgen(unchecked_param_type = "protocol.DrawParams | null")] draws: JsValue,
        report: &Function,
    ) -> JsResult<JsValue> {
        let mut report = Report::new(report);
        let cells = self.cells_measured(graph, &mut report)?;
        let column = |name: &String| {
            let place = cells.genes.iter().position(|gene| gene == name).and_then(|place| u32::try_from(place).ok());
            place.ok_or(JsValue::from(SurfaceError::BadOptions))
        };
        let pairs: JsResult<Vec<(u32, u32)>> = x.iter().zip(&y).map(|(x, y)| Ok((column(x)?, column(y)?))).collect();
        let pairs = pairs?;
        let params =
            BivariateParams { permutations: permutations as usize, seed: seed.into(), ..BivariateParams::default() };
        let here = cells.here();
        let graph = here.graph().map_err(to_js)?;
        let found = bivariate(&graph, &here.values(), &pairs, &params, &mut report.tick()).map_err(to_js)?;
        let untested = BivariateParams { permutations: 0, ..params };
        let drawn = draw(self, &cells, draws, &mut report, |at| {
            let found = bivariate(&at.graph()?, &at.values(), &pairs, &untested, &mut ignore)?;
            Ok(found.iter().flat_map(|pair| [pair.moran.value, pair.lee.value]).collect())
        })?;
        let rows: Array = found
            .iter()
            .zip(x.iter().zip(&y))
            .enumerate()
            .map(|(at, (pair, (x, y)))| {
                let mut fields = vec![
                    ("x", x.as_str().into()),
                    ("y", y.as_str().into()),
                    ("moranI", pair.moran.value.into()),
                    ("moranP", pair.moran.p.into()),
                    ("moranQ", pair.moran.q.into()),
                    ("leeL", pair.lee.value.into()),
                ];
                if let (Some(moran), Some(lee)) = (pair.moran.simulated, pair.lee.simulated) {
                    fields.extend([("moranPSim", moran.p.into()), ("leePSim", lee.p.into())]);
                }
                if let Some(drawn) = &drawn {
                    fields.extend([("moranInterval", drawn.one(2 * at)), ("leeInterval", drawn.one(2 * at + 1))]);
                }
                object(&fields)
            })
            .collect();
        Ok(rows.into())
    }
}

/// `LocalScores` of `types.ts`; p and q are those by permutation where there are any.
fn scores(kept: &Kept, scores: &[Score]) -> JsValue {
    let over = |pick: fn(&Score) -> f64| {
        let values: Vec<f64> = scores.iter().map(pick).collect();
        numbers(&kept.spread(values, f64::NAN))
    };
    object(&[
        ("value", over(|score| score.value)),
        ("z", over(|score| score.z)),
        ("p", over(|score| score.simulated.map_or(score.p, |test| test.p))),
        ("q", over(|score| score.simulated.map_or(score.q, |test| test.q))),
    ])
}
