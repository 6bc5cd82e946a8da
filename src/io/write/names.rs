//! Names that HDF5 and pandas accept.

use std::collections::HashSet;

/// Gives each name a form that can be a link in HDF5 and that is unique.
///
/// A slash would make a path of it and a zero byte would end it: both become "_". What is empty, "." or taken gets a
/// number.
#[derive(Default)]
pub(super) struct Names(HashSet<String>);

impl Names {
    /// With some names already taken.
    pub(super) fn reserving(taken: &[&str]) -> Self {
        Self(taken.iter().map(|name| (*name).to_owned()).collect())
    }

    pub(super) fn unique(&mut self, name: &str) -> String {
        let clean = name.replace(['/', '\0'], "_");
        let clean = if clean.is_empty() || clean.bytes().all(|byte| byte == b'.') { "_".to_owned() } else { clean };
        let mut candidate = clean.clone();
        let mut number = 1;
        while !self.0.insert(candidate.clone()) {
            number += 1;
            candidate = format!("{clean}_{number}");
        }
        candidate
    }
}

/// Categories without repeats, which pandas refuses, and the codes that fit them.
pub(super) fn unique_categories(codes: &[i32], categories: &[String]) -> Option<(Vec<i32>, Vec<String>)> {
    let mut first = std::collections::HashMap::new();
    let mut unique = Vec::new();
    let new_codes: Vec<i32> = categories
        .iter()
        .map(|category| {
            *first.entry(category.as_str()).or_insert_with(|| {
                unique.push(category.clone());
                unique.len() as i32 - 1
            })
        })
        .collect();
    let recode = |code: &i32| if *code == -1 { Some(-1) } else { new_codes.get(usize::try_from(*code).ok()?).copied() };
    Some((codes.iter().map(recode).collect::<Option<_>>()?, unique))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_links_and_stay_apart() {
        let mut names = Names::reserving(&["_index"]);
        let given = ["a", "a/b", "a_b", "", ".", "_index", "a"];
        let unique: Vec<String> = given.iter().map(|name| names.unique(name)).collect();
        assert_eq!(unique, ["a", "a_b", "a_b_2", "_", "__2", "_index_2", "a_2"]);
    }

    #[test]
    fn repeated_categories_are_merged() {
        let categories = ["x", "y", "x"].map(String::from);
        let (codes, unique) = unique_categories(&[2, 1, -1, 0], &categories).unwrap();
        assert_eq!((codes, unique), (vec![0, 1, -1, 0], vec!["x".to_owned(), "y".to_owned()]));
        assert_eq!(unique_categories(&[3], &categories), None);
    }
}
