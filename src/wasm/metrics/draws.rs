//! Intervals of any statistic, for cells whose positions are a distribution: the same numbers over draws of it.

use std::ops::Range;

use js_sys::{Float64Array, Uint32Array};
use serde::Deserialize;
use wasm_bindgen::JsValue;

use super::{numbers, options};
use crate::{
    Error,
    spatial::{
        Kept,
        resampled::{ResampleParams, Resampled, label_matched, resampled},
    },
    translate::draw_positions,
    wasm::{
        convert::object,
        error::{JsResult, to_js},
        measured::{At, Measured},
        section::{Report, WasmSection},
    },
};

/// `DrawParams` of `protocol.ts`.
#[derive(Deserialize, Clone, Copy)]
struct DrawOptions {
    draws: u32,
    level: f64,
    seed: u32,
    null: bool,
}

/// The numbers of a statistic over draws of the positions, and over places that the labels alone give.
pub(super) struct Drawn {
    own: Resampled,
    null: Option<Resampled>,
}

/// Computes `statistic` on draws of where the cells may be; `None` unless asked for. It must give its numbers in one order
/// whatever the places, and no tests.
pub(super) fn draw(
    section: &WasmSection,
    measured: &Measured,
    wanted: JsValue,
    report: &mut Report,
    mut statistic: impl FnMut(&At) -> Result<Vec<f64>, Error>,
) -> JsResult<Option<Drawn>> {
    if wanted.is_null() || wanted.is_undefined() {
        return Ok(None);
    }
    let DrawOptions { draws, level, seed, null } = options(wanted)?;
    let params = ResampleParams { draws: draws as usize, seed: seed.into(), level };
    let likely = section.likely_positions()?;
    let mut values = |positions: &[[f64; 2]], _| statistic(&measured.at(positions)?);
    let places = |draw| Ok(draw_positions(&likely, params.seed, draw));
    let own = resampled::<Error>(&params, places, &mut values, &mut report.tick()).map_err(to_js)?;
    let null = match null {
        false => None,
        true => {
            let (reference, states) = section.reference()?;
            // Apart from the draws of the same seed, as the command line does it.
            let places =
                |draw| Ok(label_matched(&states, &reference.states, &reference.positions, !params.seed, draw)?);
            Some(resampled::<Error>(&params, places, &mut values, &mut report.tick()).map_err(to_js)?)
        }
    };
    Ok(Some(Drawn { own, null }))
}

impl Drawn {
    /// `Interval` of `spatial-types.ts`: of the numbers `range`.
    pub(super) fn list(&self, range: Range<usize>) -> JsValue {
        self.both(|of| list(of, range.clone(), None))
    }

    /// The same with one number a cell that takes part, put where these stand among all cells.
    pub(super) fn by_cell(&self, range: Range<usize>, kept: &Kept) -> JsValue {
        self.both(|of| list(of, range.clone(), Some(kept)))
    }

    /// `NumberInterval` of `spatial-types.ts`: of one number.
    pub(super) fn one(&self, place: usize) -> JsValue {
        self.both(|of| {
            let number = |values: &[f64]| values.get(place).copied().unwrap_or(f64::NAN).into();
            let undefined = of.undefined.get(place).map_or(f64::NAN, |draws| *draws as f64);
            vec![
                ("mean", number(&of.mean)),
                ("deviation", number(&of.deviation)),
                ("low", number(&of.low)),
                ("high", number(&of.high)),
                ("undefined", undefined.into()),
            ]
        })
    }

    fn both(&self, fields: impl Fn(&Resampled) -> Vec<(&'static str, JsValue)>) -> JsValue {
        let mut own = fields(&self.own);
        if let Some(null) = &self.null {
            own.push(("null", object(&fields(null))));
        }
        object(&own)
    }
}

fn list(of: &Resampled, range: Range<usize>, kept: Option<&Kept>) -> Vec<(&'static str, JsValue)> {
    let spread = |values: &[f64]| match kept {
        Some(kept) => Float64Array::from(kept.spread(values.to_vec(), f64::NAN).as_slice()).into(),
        None => numbers(values),
    };
    let part = |values: &[f64]| values.get(range.clone()).map_or(JsValue::UNDEFINED, &spread);
    let undefined: Vec<u32> =
        of.undefined.get(range.clone()).unwrap_or(&[]).iter().map(|draws| *draws as u32).collect();
    let undefined = match kept {
        // A cell that does not take part has no number in any draw.
        Some(kept) => kept.spread(undefined, of.draws as u32),
        None => undefined,
    };
    vec![
        ("mean", part(&of.mean)),
        ("deviation", part(&of.deviation)),
        ("low", part(&of.low)),
        ("high", part(&of.high)),
        ("undefined", Uint32Array::from(undefined.as_slice()).into()),
    ]
}
