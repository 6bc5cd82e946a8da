//! Where a gene clusters, cell by cell, and which genes go together.

use js_sys::{Array, Function, Uint8Array};
use wasm_bindgen::prelude::*;

use super::numbers;
use crate::{
    spatial::{BivariateParams, LocalNull, LocalParams, Score, bivariate, getis_ord, local_moran},
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
        report: &Function,
    ) -> JsResult<JsValue> {
        let graph = self.graph(graph)?;
        let mut report = Report::new(report);
        let (values, genes) = self.values(&mut report)?;
        let column = genes.iter().position(|name| name == gene).ok_or(SurfaceError::BadOptions)?;
        let values = values.columns(column..column + 1);
        let params = LocalParams { permutations: permutations as usize, seed: seed.into(), ..LocalParams::default() };
        let moran = local_moran(&graph, &values, LocalNull::default(), &params, &mut report.tick()).map_err(to_js)?;
        let hot = getis_ord(&graph, &values, true, &params, &mut report.tick()).map_err(to_js)?;
        let (Some(moran), Some(hot)) = (moran.first(), hot.first()) else {
            return Err(SurfaceError::BadOptions.into());
        };
        let quadrants: Vec<f64> =
            moran.quadrants.iter().map(|side| side.map_or(0.0, |side| f64::from(side as u8))).collect();
        let quadrants: Vec<u8> = self.over_all_cells(&quadrants, 0.0).iter().map(|side| *side as u8).collect();
        Ok(object(&[
            ("gene", gene.into()),
            ("moran", self.scores(&moran.scores)),
            ("quadrant", Uint8Array::from(quadrants.as_slice()).into()),
            ("getisOrd", self.scores(&hot.scores)),
        ]))
    }

    /// Bivariate Moran's I and Lee's L of pairs of genes: `x` and `y` name them, pair by pair.
    #[wasm_bindgen(unchecked_return_type = "page.BivariateRow[]")]
    pub fn bivariate(
        &self,
        x: Vec<String>,
        y: Vec<String>,
        #[wasm_bindgen(unchecked_param_type = "protocol.GraphParams")] graph: &JsValue,
        permutations: u32,
        seed: u32,
        report: &Function,
    ) -> JsResult<JsValue> {
        let graph = self.graph(graph)?;
        let mut report = Report::new(report);
        let (values, genes) = self.values(&mut report)?;
        let column = |name: &String| {
            let place = genes.iter().position(|gene| gene == name).and_then(|place| u32::try_from(place).ok());
            place.ok_or(JsValue::from(SurfaceError::BadOptions))
        };
        let pairs: JsResult<Vec<(u32, u32)>> = x.iter().zip(&y).map(|(x, y)| Ok((column(x)?, column(y)?))).collect();
        let params =
            BivariateParams { permutations: permutations as usize, seed: seed.into(), ..BivariateParams::default() };
        let found = bivariate(&graph, &values, &pairs?, &params, &mut report.tick()).map_err(to_js)?;
        let rows: Array = found
            .iter()
            .zip(x.iter().zip(&y))
            .map(|(pair, (x, y))| {
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
                object(&fields)
            })
            .collect();
        Ok(rows.into())
    }
}

impl WasmSection {
    /// `LocalScores` of `types.ts`; p and q are those by permutation where there are any.
    fn scores(&self, scores: &[Score]) -> JsValue {
        let over = |pick: fn(&Score) -> f64| {
            let values: Vec<f64> = scores.iter().map(pick).collect();
            numbers(&self.over_all_cells(&values, f64::NAN))
        };
        object(&[
            ("value", over(|score| score.value)),
            ("z", over(|score| score.z)),
            ("p", over(|score| score.simulated.map_or(score.p, |test| test.p))),
            ("q", over(|score| score.simulated.map_or(score.q, |test| test.q))),
        ])
    }
}
