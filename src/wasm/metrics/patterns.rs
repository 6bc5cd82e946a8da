//! Statistics of labels over distance: co-occurrence and Ripley's functions.

use js_sys::{Array, Function};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::{draws::draw, numbers, options};
use crate::{
    progress::ignore,
    spatial::{
        CoOccurrenceParams, Intervals, co_occurrence,
        ripley::{EdgeCorrection, PointNull, RipleyCurve, RipleyFunction, RipleyParams, ripley},
    },
    wasm::{
        convert::{object, strings},
        error::{JsResult, SurfaceError, to_js},
        section::{Report, WasmSection},
    },
};

/// `CoOccurrenceParams` of `protocol.ts`.
#[derive(Deserialize)]
struct CoOccurrenceOptions {
    sections: Option<String>,
    steps: u32,
    distances: Option<Vec<f64>>,
}

/// `RipleyParams` of `protocol.ts`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RipleyOptions {
    sections: Option<String>,
    function: String,
    edge_correction: Option<String>,
    null: String,
    max_distance: Option<f64>,
    steps: u32,
    simulations: u32,
    seed: u32,
}

#[wasm_bindgen]
impl WasmSection {
    #[wasm_bindgen(js_name = coOccurrence, unchecked_return_type = "page.CoOccurrenceTable")]
    pub fn co_occurrence(
        &self,
        column: &str,
        #[wasm_bindgen(unchecked_param_type = "protocol.CoOccurrenceParams")] wanted: JsValue,
        #[wasm_bindgen(unchecked_param_type = "protocol.DrawParams | null")] draws: JsValue,
        report: &Function,
    ) -> JsResult<JsValue> {
        let CoOccurrenceOptions { sections, steps, distances } = options(wanted)?;
        let cells = self.cells_in(sections.as_deref())?;
        let labels = cells.pick(self.labels(column)?);
        let intervals = distances.map_or(Intervals::Even(steps as usize), Intervals::Distances);
        let params = CoOccurrenceParams { intervals };
        let mut report = Report::new(report);
        let (n, sections) = (labels.levels.len(), cells.sections.as_deref());
        let found =
            co_occurrence(&cells.positions, &labels.codes, n, sections, &params, &mut report.tick()).map_err(to_js)?;
        let same = CoOccurrenceParams { intervals: Intervals::Distances(found.interval.clone()) };
        let drawn = draw(self, &cells, draws, &mut report, |at| {
            let codes = at.codes(&labels);
            Ok(co_occurrence(&at.positions, &codes, n, at.sections.as_deref(), &same, &mut ignore)?.ratio)
        })?;
        let mut fields = vec![
            ("labels", strings(&labels.levels)),
            ("distances", numbers(&found.interval)),
            ("ratio", numbers(&found.ratio)),
        ];
        fields.extend(drawn.map(|drawn| ("intervals", object(&[("ratio", drawn.list(0..found.ratio.len()))]))));
        Ok(object(&fields))
    }

    #[wasm_bindgen(unchecked_return_type = "page.RipleyTable")]
    pub fn ripley(
        &self,
        column: &str,
        #[wasm_bindgen(unchecked_param_type = "protocol.RipleyParams")] wanted: JsValue,
        #[wasm_bindgen(unchecked_param_type = "protocol.DrawParams | null")] draws: JsValue,
        report: &Function,
    ) -> JsResult<JsValue> {
        let wanted: RipleyOptions = options(wanted)?;
        let cells = self.cells_in(wanted.sections.as_deref())?;
        let labels = cells.pick(self.labels(column)?);
        let params = RipleyParams {
            function: function_of(&wanted.function)?,
            correction: wanted.edge_correction.as_deref().map(correction_of).transpose()?,
            null: if wanted.null == "labels" { PointNull::Labels } else { PointNull::Uniform },
            max_distance: wanted.max_distance,
            steps: wanted.steps as usize,
            simulations: wanted.simulations as usize,
            seed: wanted.seed.into(),
            ..RipleyParams::default()
        };
        let mut report = Report::new(report);
        let (n, sections) = (labels.levels.len(), cells.sections.as_deref());
        let found = ripley(&cells.positions, &labels.codes, n, sections, &params, &mut report.tick()).map_err(to_js)?;
        let untested = RipleyParams { simulations: 0, max_distance: found.distances.last().copied(), ..params };
        let drawn = draw(self, &cells, draws, &mut report, |at| {
            let codes = at.codes(&labels);
            let found = ripley(&at.positions, &codes, n, at.sections.as_deref(), &untested, &mut ignore)?;
            Ok(found.curves.into_iter().flat_map(|curve| curve.value).collect())
        })?;
        let steps = found.distances.len();
        let interval = |at: usize| drawn.as_ref().map(|drawn| drawn.list(at * steps..(at + 1) * steps));
        let curves: Array = found.curves.iter().enumerate().map(|(at, one)| curve(one, interval(at))).collect();
        Ok(object(&[
            ("labels", strings(&labels.levels)),
            ("distances", numbers(&found.distances)),
            ("curves", curves.into()),
            ("edgeCorrection", name_of(found.correction).into()),
            ("area", found.area.into()),
        ]))
    }
}

fn curve(curve: &RipleyCurve, interval: Option<JsValue>) -> JsValue {
    let mut fields = vec![
        ("label", (curve.label as f64).into()),
        ("value", numbers(&curve.value)),
        ("theoretical", numbers(&curve.theoretical)),
    ];
    if let Some(test) = &curve.test {
        fields.extend([
            ("mean", numbers(&test.mean)),
            ("low", numbers(&test.low)),
            ("high", numbers(&test.high)),
            ("p", numbers(&test.p)),
            ("globalP", test.global_p.into()),
        ]);
    }
    fields.extend(interval.map(|interval| ("interval", interval)));
    object(&fields)
}

fn function_of(name: &str) -> JsResult<RipleyFunction> {
    Ok(match name {
        "F" => RipleyFunction::F,
        "G" => RipleyFunction::G,
        "K" => RipleyFunction::K,
        "L" => RipleyFunction::L,
        "g" => RipleyFunction::PairCorrelation,
        _ => return Err(SurfaceError::BadOptions.into()),
    })
}

const CORRECTIONS: [(EdgeCorrection, &str); 5] = [
    (EdgeCorrection::Uncorrected, "none"),
    (EdgeCorrection::Border, "border"),
    (EdgeCorrection::KaplanMeier, "kaplan-meier"),
    (EdgeCorrection::Isotropic, "isotropic"),
    (EdgeCorrection::Translation, "translation"),
];

fn correction_of(name: &str) -> JsResult<EdgeCorrection> {
    let found = CORRECTIONS.into_iter().find(|(_, known)| *known == name);
    Ok(found.map(|(correction, _)| correction).ok_or(SurfaceError::BadOptions)?)
}

fn name_of(correction: EdgeCorrection) -> &'static str {
    CORRECTIONS.into_iter().find(|(known, _)| *known == correction).map_or("", |(_, name)| name)
}
