//! The cells of all samples, one sample after the other, and their annotations.

use std::collections::{HashMap, HashSet};

use super::super::{
    IoError,
    reader::Reader,
    table::{ColumnInfo, ColumnKind, into_texts},
};
use crate::cells::Column;

/// Names of all cells, in the order of the samples, and whether names that occur in several samples had to be told apart:
/// then each has its sample behind it, as `anndata.concat` writes it.
pub(super) fn names(readers: &[Box<dyn Reader>], samples: &[String]) -> Result<(Vec<String>, bool), IoError> {
    let of_samples = readers.iter().map(|reader| reader.obs().index()).collect::<Result<Vec<_>, _>>()?;
    let mut seen: HashSet<&str> = HashSet::new();
    let mut is_ambiguous = false;
    for names in &of_samples {
        // A name twice in one sample is that sample's own affair.
        let own: HashSet<&str> = names.iter().map(String::as_str).collect();
        is_ambiguous |= own.iter().any(|name| seen.contains(name));
        seen.extend(own);
    }
    let named = of_samples.into_iter().zip(samples);
    let names = match is_ambiguous {
        false => named.flat_map(|(names, _)| names).collect(),
        true => {
            named.flat_map(|(names, sample)| names.into_iter().map(move |name| format!("{name}-{sample}"))).collect()
        }
    };
    Ok((names, is_ambiguous))
}

/// Every column that a sample has, in the order in which they are met; text where the samples disagree on its kind.
pub(super) fn columns(readers: &[Box<dyn Reader>]) -> Vec<ColumnInfo> {
    let mut infos: Vec<ColumnInfo> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for info in readers.iter().flat_map(|reader| reader.obs().columns()) {
        match places.get(&info.name) {
            Some(&at) if infos[at].kind != info.kind => infos[at].kind = ColumnKind::Text,
            Some(_) => {}
            None => {
                places.insert(info.name.clone(), infos.len());
                infos.push(ColumnInfo { levels: None, ..info.clone() });
            }
        }
    }
    infos
}

/// One column of all samples; missing where a sample has none of that name.
pub(super) fn column(readers: &[Box<dyn Reader>], info: &ColumnInfo) -> Result<Column, IoError> {
    let parts = readers.iter().map(|reader| {
        let obs = reader.obs();
        let has_it = obs.columns().iter().any(|own| own.name == info.name);
        let part = has_it.then(|| obs.column(&info.name)).transpose()?;
        Ok((obs.n_rows(), part))
    });
    let parts = parts.collect::<Result<Vec<_>, IoError>>()?;
    Ok(match info.kind {
        ColumnKind::Numbers => Column::Numbers(joined(parts, &f64::NAN, |part| match part {
            Column::Numbers(values) => Some(values),
            _ => None,
        })),
        ColumnKind::Text => Column::Text(joined(parts, &String::new(), |part| Some(into_texts(part)))),
        ColumnKind::Categorical => {
            let mut levels = Levels::default();
            let codes = joined(parts, &-1, |part| Some(levels.codes(part)));
            Column::Categorical { codes, categories: levels.categories }
        }
    })
}

/// The parts behind each other; `missing` for the rows of a sample without the column.
fn joined<T: Clone>(
    parts: Vec<(usize, Option<Column>)>,
    missing: &T,
    mut values: impl FnMut(Column) -> Option<Vec<T>>,
) -> Vec<T> {
    let part = |(n_rows, part): (usize, Option<Column>)| {
        part.and_then(&mut values)
            .filter(|values| values.len() == n_rows)
            .unwrap_or_else(|| vec![missing.clone(); n_rows])
    };
    parts.into_iter().flat_map(part).collect()
}

/// Categories of several samples as one list, in the order in which they are met.
#[derive(Default)]
struct Levels {
    categories: Vec<String>,
    codes: HashMap<String, i32>,
}

impl Levels {
    fn codes(&mut self, part: Column) -> Vec<i32> {
        match part {
            Column::Categorical { codes, categories } => {
                let renumbered: Vec<i32> = categories.into_iter().map(|category| self.code(category)).collect();
                let code = |code: i32| usize::try_from(code).ok().and_then(|code| renumbered.get(code)).copied();
                codes.into_iter().map(|old| code(old).unwrap_or(-1)).collect()
            }
            other => into_texts(other).into_iter().map(|text| self.code(text)).collect(),
        }
    }

    fn code(&mut self, category: String) -> i32 {
        let next = self.categories.len() as i32;
        let code = *self.codes.entry(category.clone()).or_insert(next);
        if code == next {
            self.categories.push(category);
        }
        code
    }
}
