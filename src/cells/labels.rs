//! Any annotation as labels: a small set of levels and a code for each row.

use std::collections::BTreeMap;

use super::Column;

/// A column as codes into its levels; −1 is a missing value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    pub codes: Vec<i32>,
    pub levels: Vec<String>,
}

impl Column {
    /// The column as labels, or `None` if it has no level or more than `max_levels`.
    ///
    /// Categories keep their order, used or not. Texts are sorted, "" is missing. Numbers count only if all are whole
    /// (NaN is missing); they are sorted by value.
    pub fn to_labels(&self, max_levels: usize) -> Option<Labels> {
        let labels = match self {
            Self::Categorical { codes, categories } => Labels { codes: codes.clone(), levels: categories.clone() },
            Self::Text(values) => {
                let present = values.iter().map(|value| (!value.is_empty()).then_some(value.as_str()));
                encode(present, max_levels, |text| (*text).to_owned())?
            }
            Self::Numbers(values) => {
                // Beyond 2⁵³ neighbouring whole numbers are one f64.
                let is_whole = |value: &f64| value.fract() == 0.0 && value.abs() < 9.0e15;
                if !values.iter().all(|value| value.is_nan() || is_whole(value)) {
                    return None;
                }
                let present = values.iter().map(|value| (!value.is_nan()).then_some(*value as i64));
                encode(present, max_levels, i64::to_string)?
            }
        };
        (1..=max_levels).contains(&labels.levels.len()).then_some(labels)
    }
}

/// Codes in the order of the keys; gives up beyond `max_levels`.
fn encode<K: Ord + Copy>(
    values: impl Iterator<Item = Option<K>> + Clone,
    max_levels: usize,
    name: impl Fn(&K) -> String,
) -> Option<Labels> {
    let mut codes_of = BTreeMap::new();
    for value in values.clone().flatten() {
        codes_of.insert(value, 0);
        if codes_of.len() > max_levels {
            return None;
        }
    }
    for (code, slot) in codes_of.values_mut().enumerate() {
        *slot = code as i32;
    }
    let codes = values.map(|value| value.and_then(|value| codes_of.get(&value).copied()).unwrap_or(-1)).collect();
    Some(Labels { codes, levels: codes_of.keys().map(name).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_ordered_by_value_and_texts_by_letter() {
        let numbers = Column::Numbers(vec![10.0, 2.0, f64::NAN, 2.0]).to_labels(200).unwrap();
        assert_eq!((numbers.levels, numbers.codes), (vec!["2".into(), "10".into()], vec![1, 0, -1, 0]));
        let texts = Column::Text(["b", "", "a"].map(String::from).to_vec()).to_labels(200).unwrap();
        assert_eq!((texts.levels, texts.codes), (vec!["a".into(), "b".into()], vec![1, -1, 0]));
    }

    #[test]
    fn columns_that_do_not_group_cells_are_no_labels() {
        assert_eq!(Column::Numbers(vec![0.5, 1.0]).to_labels(200), None);
        assert_eq!(Column::Numbers(vec![f64::INFINITY]).to_labels(200), None);
        assert_eq!(Column::Text((0..4).map(|i| i.to_string()).collect()).to_labels(3), None);
        assert_eq!(Column::Text(vec![String::new()]).to_labels(3), None);
    }
}
