//! Statistics of labels over distance: co-occurrence and Ripley's functions.

use js_sys::{Array, Function};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::{numbers, options};
use crate::{
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
        report: &Function,
    ) -> JsResult<JsValue> {
        let CoOccurrenceOptions { sections, steps, distances } = options(wanted)?;
        let labels = self.labels(column)?;
        let intervals = distances.map_or(Intervals::Even(steps as usize), Intervals::Distances);
        let params = CoOccurrenceParams { intervals };
        let sections = self.sections(sections.as_deref())?;
        let (positions, codes, n_labels) = (self.positions()?, &labels.codes, labels.levels.len());
        let mut report = Report::new(report);
        let found = co_occurrence(&positions, codes, n_labels, sections.as_deref(), &params, &mut report.tick())
            .map_err(to_js)?;
        Ok(object(&[
            ("labels", strings(&labels.levels)),
            ("distances", numbers(&found.interval)),
            ("ratio", numbers(&found.ratio)),
        ]))
    }

    #[wasm_bindgen(unchecked_return_type = "page.RipleyTable")]
    pub fn ripley(
        &self,
        column: &str,
        #[wasm_bindgen(unchecked_param_type = "protocol.RipleyParams")] wanted: JsValue,
        report: &Function,
    ) -> JsResult<JsValue> {
        let wanted: RipleyOptions = options(wanted)?;
        let labels = self.labels(column)?;
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
        let sections = self.sections(wanted.sections.as_deref())?;
        let (positions, codes, n_labels) = (self.positions()?, &labels.codes, labels.levels.len());
        let mut report = Report::new(report);
        let found =
            ripley(&positions, codes, n_labels, sections.as_deref(), &params, &mut report.tick()).map_err(to_js)?;
        let curves: Array = found.curves.iter().map(curve).collect();
        Ok(object(&[
            ("labels", strings(&labels.levels)),
            ("distances", numbers(&found.distances)),
            ("curves", curves.into()),
            ("edgeCorrection", name_of(found.correction).into()),
            ("area", found.area.into()),
        ]))
    }
}

fn curve(curve: &RipleyCurve) -> JsValue {
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
