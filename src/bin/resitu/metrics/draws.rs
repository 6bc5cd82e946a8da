//! Intervals for translated cells, whose positions are only likely: every statistic on many draws of them, and on positions
//! that the labels alone would give.

use std::borrow::Cow;
use std::path::PathBuf;

use resitu::Error;
use resitu::cells::{Column, Csr, Labels};
use resitu::io::{Coordinates, Csv, Dataset, Field, Table, Uns};
use resitu::progress::{Tick, ignore};
use resitu::spatial::resampled::{ResampleParams, Resampled, label_matched, resampled};
use resitu::spatial::{GraphParams, Kept};
use resitu::translate::{LIKELY_POSITIONS, POSITIONS_KEPT, Translator, draw_positions};
use serde_json::json;

use super::finding::{Finding, Number, json};
use super::graph::GraphOptions;
use super::measured::Measured;
use super::metric::{Common, Groups, Metric, Section};
use crate::device::DeviceChoice;
use crate::failure::Failure;
use crate::translate::read_model;

/// The column of obs by which a translation says the state of each cell.
const STATE: &str = "resitu_state";
/// Statistics that the printed summary shows.
const SHOWN: usize = 20;

#[derive(clap::Args)]
pub struct Draws {
    /// For a file of `resitu translate`: give every statistic an interval of 95 %, from N draws of where its cells may be.
    #[arg(long, value_name = "N")]
    draws: Option<usize>,
    /// With --draws: also what the labels alone would give, with each cell at the place of a random reference cell of its
    /// state. The reference is that of the translator, a .resitu file.
    #[arg(long, value_name = "TRANSLATOR", requires = "draws")]
    null_from: Option<PathBuf>,
}

/// What a draw is measured with.
pub struct Setting<'a> {
    pub graph: &'a GraphOptions,
    pub params: &'a GraphParams,
    pub metrics: &'a [&'a dyn Metric],
}

impl Draws {
    pub fn asked(&self) -> bool {
        self.draws.is_some()
    }

    fn params(&self, common: &Common) -> ResampleParams {
        let default = ResampleParams::default();
        ResampleParams { draws: self.draws.unwrap_or(default.draws), seed: common.seed, ..default }
    }

    /// Refuses what cannot be meant, before the file is opened.
    ///
    /// # Errors
    /// `spatial.bad-parameter`; `usage` if no metric gives numbers that draws change.
    pub fn check(&self, common: &Common, metrics: &[&dyn Metric]) -> Result<(), Failure> {
        if !self.asked() {
            return Ok(());
        }
        self.params(common).check()?;
        match metrics.iter().any(|metric| metric.in_draws()) {
            true => Ok(()),
            false => Err(Failure::Usage {
                sentence: "None of these metrics gets an interval from draws of the positions.".into(),
                hint: "Ask for another one too, such as --autocorr or --enrichment, or leave --draws out.",
            }),
        }
    }

    /// The statistics of the section at its stored positions, with their intervals; nothing unless asked for.
    ///
    /// # Errors
    /// `usage` if the file has no likely positions, or the translator none of its states; those of the metrics.
    pub fn measure(
        &self,
        groups: &Groups,
        setting: &Setting,
        common: &Common,
        tick: Tick,
    ) -> Result<Option<Finding>, Failure> {
        if !self.asked() {
            return Ok(None);
        }
        let section = &groups.placed;
        let likely = likely_positions(section.cells)?;
        let params = self.params(common);
        // Tests by permutation say nothing that the draws do not; the moments of the enrichment are exact without.
        let common = Common { permutations: Some(0), ..*common };
        let measure = |positions: &[[f64; 2]]| numbers(groups, setting, &common, positions);
        let stored = measure(&section.kept.spread(section.coordinates.xy.clone(), [f64::NAN; 2]))?;
        let values = |positions: &[[f64; 2]], _| {
            let found = measure(positions)?;
            Ok::<_, Failure>(found.into_iter().map(|number| number.value).collect())
        };
        let drawn = resampled(&params, |draw| Ok(draw_positions(&likely, params.seed, draw)), values, &mut *tick)?;
        let null = match &self.null_from {
            None => None,
            Some(model) => {
                let reference = Reference::read(model, section)?;
                // Apart from the draws of the same seed.
                let places = |draw| Ok(reference.places(!params.seed, draw)?);
                Some(resampled(&params, places, values, tick)?)
            }
        };
        Ok(Some(Report { params, numbers: stored, drawn, null }.finding()?))
    }
}

/// All numbers of the metrics with all cells of the file at these positions.
fn numbers(
    groups: &Groups,
    setting: &Setting,
    common: &Common,
    positions: &[[f64; 2]],
) -> Result<Vec<Number>, Failure> {
    let mut numbers = Vec::new();
    let mut measure = |section: &Section, of_genes: Option<bool>| -> Result<(), Failure> {
        let wanted = |metric: &&&dyn Metric| metric.in_draws() && of_genes.is_none_or(|of| of == metric.needs_values());
        let mut metrics = setting.metrics.iter().filter(wanted).peekable();
        if metrics.peek().is_none() {
            return Ok(());
        }
        let moved = Moved::new(section, setting, positions)?;
        let section = moved.section(section);
        for metric in metrics {
            let found = metric.measure(&section, common, &mut ignore)?;
            numbers.extend(found.into_iter().flat_map(|finding| finding.numbers));
        }
        Ok(())
    };
    match &groups.measured {
        None => measure(&groups.placed, None)?,
        Some(measured) => {
            measure(measured, Some(true))?;
            measure(&groups.placed, Some(false))?;
        }
    }
    Ok(numbers)
}

/// Cells at other places, where they have one.
struct Moved<'a> {
    part: Measured,
    values: Option<Cow<'a, Csr>>,
}

impl<'a> Moved<'a> {
    fn new(section: &Section<'a>, setting: &Setting, positions: &[[f64; 2]]) -> Result<Self, Failure> {
        let here = section.kept.pick(positions);
        // The null has no place for a cell whose label no reference cell has.
        let still = Kept::with_position(&here);
        let coordinates =
            Coordinates { key: section.coordinates.key.clone(), xy: still.pick(&here).into_owned(), z: None };
        let sections = section.sections.map(|sections| still.pick(sections).into_owned());
        let (graph, dimensions) = setting.graph.build(&coordinates, sections.as_deref(), setting.params)?;
        let values = section.values.map(|values| still.pick_rows(values)).transpose()?;
        let part = Measured { kept: section.kept.then(&still), coordinates, sections, graph, dimensions };
        Ok(Self { part, values })
    }

    fn section<'b>(&'b self, like: &Section<'b>) -> Section<'b> {
        Section { values: self.values.as_deref(), for_squidpy: false, drawn: true, ..self.part.section(like) }
    }
}

fn likely_positions(cells: &Dataset) -> Result<Vec<f32>, Failure> {
    match cells.embedding_width(LIKELY_POSITIONS)? {
        Some(width) if width == 2 * POSITIONS_KEPT => {
            Ok(cells.embedding(LIKELY_POSITIONS)?.map_or(Vec::new(), |(_, likely)| likely))
        }
        _ => Err(Failure::Usage {
            sentence: format!("The file does not say where else its cells may be: it has no obsm/{LIKELY_POSITIONS}."),
            hint: "Leave --draws out, or measure an h5ad that `resitu translate` wrote.",
        }),
    }
}

/// The reference cells of a translator, and the states of the cells in its numbering.
struct Reference {
    positions: Vec<[f64; 2]>,
    states: Vec<i32>,
    cells: Vec<i32>,
}

impl Reference {
    fn read(model: &std::path::Path, section: &Section) -> Result<Self, Failure> {
        let device = DeviceChoice::Cpu;
        let translator = Translator::load(&read_model(model)?, device.open()?, device.name())?;
        // Of all cells, as the positions of a draw are.
        let Labels { codes, levels } = section.cells.labels(STATE)?;
        let known = &translator.description().states;
        let level = |name: &String| known.iter().position(|state| state.name == *name).map_or(-1, |state| state as i32);
        let levels: Vec<i32> = levels.iter().map(level).collect();
        if levels.iter().all(|level| *level < 0) {
            return Err(Failure::Usage {
                sentence: "The translator knows none of the states of these cells.".into(),
                hint: "Name the translator that the cells were translated with.",
            });
        }
        let cells = codes.iter().map(|&code| usize::try_from(code).map_or(-1, |code| levels[code])).collect();
        let reference = translator.reference();
        Ok(Self {
            positions: reference.positions.iter().map(|place| place.map(f64::from)).collect(),
            states: reference.state.iter().map(|state| i32::from(*state)).collect(),
            cells,
        })
    }

    fn places(&self, seed: u64, draw: u64) -> Result<Vec<[f64; 2]>, Error> {
        Ok(label_matched(&self.cells, &self.states, &self.positions, seed, draw)?)
    }
}

struct Report {
    params: ResampleParams,
    /// At the stored positions.
    numbers: Vec<Number>,
    drawn: Resampled,
    null: Option<Resampled>,
}

impl Report {
    /// Names of the columns of numbers, and these.
    fn columns(&self) -> Vec<(&'static str, Vec<f64>)> {
        let values = self.numbers.iter().map(|number| number.value).collect();
        let counts = |of: &Resampled| of.undefined.iter().map(|draws| *draws as f64).collect();
        let drawn = &self.drawn;
        let mut columns = vec![
            ("value", values),
            ("mean", drawn.mean.clone()),
            ("deviation", drawn.deviation.clone()),
            ("low", drawn.low.clone()),
            ("high", drawn.high.clone()),
            ("undefined", counts(drawn)),
        ];
        if let Some(null) = &self.null {
            columns.extend([
                ("null_mean", null.mean.clone()),
                ("null_low", null.low.clone()),
                ("null_high", null.high.clone()),
                ("null_undefined", counts(null)),
            ]);
        }
        columns
    }

    fn finding(&self) -> Result<Finding, Failure> {
        let columns = self.columns();
        let mut csv = Csv::new();
        let names = ["statistic", "of", "with", "distance"].into_iter().chain(columns.iter().map(|(name, _)| *name));
        csv.line(names.map(Field::Text));
        let mut rows = Vec::with_capacity(self.numbers.len());
        for (row, number) in self.numbers.iter().enumerate() {
            let Number { statistic, of, with, distance, .. } = number;
            let values = columns.iter().map(|(_, values)| Field::Number(values[row]));
            csv.line(
                [statistic, of.as_str(), with]
                    .map(Field::Text)
                    .into_iter()
                    .chain([Field::Number(*distance)])
                    .chain(values),
            );
            let mut entry = json!({ "statistic": statistic, "of": of });
            if !with.is_empty() {
                entry["with"] = json!(with);
            }
            if !distance.is_nan() {
                entry["distance"] = json(distance)?;
            }
            for (name, values) in &columns {
                entry[*name] = json(&values[row])?;
            }
            rows.push(entry);
        }
        let texts =
            |of: &dyn Fn(&Number) -> &str| Column::Text(self.numbers.iter().map(|n| of(n).to_owned()).collect());
        let mut table = vec![
            ("statistic".to_owned(), texts(&|number| number.statistic)),
            ("of".to_owned(), texts(&|number| &number.of)),
            ("with".to_owned(), texts(&|number| &number.with)),
            ("distance".to_owned(), Column::Numbers(self.numbers.iter().map(|number| number.distance).collect())),
        ];
        table.extend(columns.into_iter().map(|(name, values)| (name.to_owned(), Column::Numbers(values))));
        let index = (0..self.numbers.len()).map(|row| row.to_string()).collect();
        let ResampleParams { draws, seed, level } = self.params;
        let how = vec![
            ("draws".to_owned(), Uns::Integer(draws as i64)),
            ("level".to_owned(), Uns::Number(level)),
            ("null".to_owned(), Uns::from(if self.null.is_some() { "label-matched" } else { "none" })),
        ];
        Ok(Finding {
            name: "draws",
            json: vec![("draws", json!({ "draws": draws, "seed": seed, "level": level, "statistics": rows }))],
            csv: Some(csv.finish()),
            uns: vec![("resitu_draws".to_owned(), Uns::Table(Table { index, columns: table }))],
            how: vec![("draws", Uns::Nested(how))],
            text: self.lines(),
            ..Finding::default()
        })
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("draws        {} of the positions; mean, 95 % interval", self.params.draws)];
        for (row, number) in self.numbers.iter().enumerate().take(SHOWN) {
            let Number { statistic, of, with, distance, .. } = number;
            let at = if distance.is_nan() { String::new() } else { format!(" at {distance:.4}") };
            let with = if with.is_empty() { String::new() } else { format!(", {with}") };
            let [mean, low, high] = [&self.drawn.mean, &self.drawn.low, &self.drawn.high].map(|values| values[row]);
            let null = self
                .null
                .as_ref()
                .map_or(String::new(), |null| format!("  by labels {:.4} to {:.4}", null.low[row], null.high[row]));
            lines.push(format!("{mean:>10.4}  {low:.4} to {high:.4}{null}  {statistic} of {of}{with}{at}"));
        }
        if self.numbers.len() > SHOWN {
            lines.push(format!("… {} more with --output", self.numbers.len() - SHOWN));
        }
        lines
    }
}
