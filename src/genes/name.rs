//! How gene names are spelled: Ensembl ids, symbols, and what the spelling says about the species.

use std::collections::HashSet;
use std::fmt;

/// A species, as far as gene names tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Species {
    Human,
    /// Mouse, or rat: their symbols are spelled alike.
    Mouse,
    Other,
}

impl Species {
    /// The species that resitu has a table of genes of, by the name that reports use: `human` or `mouse`.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Human, Self::Mouse].into_iter().find(|species| species.name() == Some(name))
    }

    /// See [`Species::from_name`].
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Human => Some("human"),
            Self::Mouse => Some("mouse"),
            Self::Other => None,
        }
    }
}

impl fmt::Display for Species {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Human => "human",
            Self::Mouse => "mouse",
            Self::Other => "another species'",
        })
    }
}

/// The Ensembl gene id in `name`: in capitals, without version and without the `_PAR_Y` mark, so that the two copies of a
/// pseudoautosomal gene collapse. `None` if it is not one.
pub(super) fn ensembl_id(name: &str) -> Option<String> {
    let upper = name.trim().to_ascii_uppercase();
    let id = upper.strip_suffix("_PAR_Y").unwrap_or(&upper);
    let (id, version) = id.split_once('.').unwrap_or((id, "0"));
    let digits = id.len().checked_sub(11)?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (prefix, number) = (id.get(..digits)?, id.get(digits..)?);
    let is_prefix =
        prefix.starts_with("ENS") && prefix.ends_with('G') && prefix.bytes().all(|b| b.is_ascii_uppercase());
    (is_prefix && is_number(number) && is_number(version)).then(|| id.to_string())
}

/// What Cell Ranger puts in front of names where several genomes share one reference.
const GENOMES: [&str; 7] = ["GRCh38_", "GRCh37_", "hg38_", "hg19_", "mm10_", "GRCm38_", "GRCm39_"];

/// The parts of a name that tools made of an Ensembl id and a symbol (`GAPDH_ENSG00000111640`, as CELLxGENE tells genes of one
/// symbol apart; `ENSG00000111640|GAPDH`), the id first; or the name without the genome in front. Nothing of other names.
pub(super) fn parts(name: &str) -> impl Iterator<Item = &str> {
    const SEPARATORS: [char; 4] = ['_', '|', ';', ':'];
    let name = name.trim();
    let split = |at: usize| Some((name.get(..at)?, name.get(at + 1..)?));
    let ends = [name.find(SEPARATORS), name.rfind(SEPARATORS)];
    let with_id = ends.into_iter().flatten().filter_map(split).find_map(|(first, last)| {
        match (ensembl_id(first).is_some(), ensembl_id(last).is_some()) {
            (true, _) => Some((first, last)),
            (_, true) => Some((last, first)),
            _ => None,
        }
    });
    let of_genome = GENOMES.iter().find_map(|genome| name.strip_prefix(genome)).map(|rest| rest.trim_matches('_'));
    with_id.map(|(id, symbol)| [id, symbol]).into_iter().flatten().chain(of_genome)
}

/// A symbol with the differences between tools removed: capitals, and `-` for the `.` and `_` that R puts in its place.
pub(super) fn folded(symbol: &str) -> String {
    symbol.trim().chars().map(|c| if matches!(c, '.' | '_') { '-' } else { c.to_ascii_uppercase() }).collect()
}

/// The species that most names point to: by Ensembl prefix, else by the case of the symbol (`CD3E` human, `Cd3e` mouse or
/// rat, `cd3e` others such as zebrafish). `None` if fewer than five distinct names tell, or no species has more than half.
pub(super) fn guess_species<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Species> {
    let distinct: HashSet<&str> = names.into_iter().collect();
    let (mut human, mut mouse, mut other) = (0usize, 0usize, 0usize);
    for name in distinct {
        match species_of(name) {
            Some(Species::Human) => human += 1,
            Some(Species::Mouse) => mouse += 1,
            Some(Species::Other) => other += 1,
            None => {}
        }
    }
    let informative = human + mouse + other;
    if informative < 5 {
        return None;
    }
    [(human, Species::Human), (mouse, Species::Mouse), (other, Species::Other)]
        .into_iter()
        .find_map(|(count, species)| (2 * count > informative).then_some(species))
}

fn species_of(name: &str) -> Option<Species> {
    let name = parts(name).next().unwrap_or(name);
    if let Some(id) = ensembl_id(name) {
        return Some(match &id[..id.len() - 11] {
            "ENSG" => Species::Human,
            "ENSMUSG" => Species::Mouse,
            _ => Species::Other,
        });
    }
    let first_is_upper = name.starts_with(|c: char| c.is_ascii_uppercase());
    let upper = name.bytes().filter(u8::is_ascii_uppercase).count();
    let lower = name.bytes().filter(u8::is_ascii_lowercase).count();
    match (upper, lower) {
        _ if name.contains(char::is_whitespace) => None,
        (0, 0) => None,
        (_, 0) => Some(Species::Human),
        (0, _) => Some(Species::Other),
        (1, _) if first_is_upper => Some(Species::Mouse),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ensembl_ids_lose_case_version_and_copy_mark() {
        for name in ["ENSG00000182378", "ensg00000182378.15", " ENSG00000182378.15_PAR_Y", "ENSG00000182378_PAR_Y"] {
            assert_eq!(ensembl_id(name).as_deref(), Some("ENSG00000182378"), "{name}");
        }
        assert_eq!(ensembl_id("ENSMUSG00000026090.2").as_deref(), Some("ENSMUSG00000026090"));
        for name in
            ["", "TP53", "ENST00000182378", "ENSG0000018237", "ENSG00000182378.", "ENSG00000182378.a", "é0000000000"]
        {
            assert_eq!(ensembl_id(name), None, "{name}");
        }
    }

    #[test]
    fn the_spelling_tells_the_species() {
        let guess = |names: &[&str]| guess_species(names.iter().copied());
        assert_eq!(guess(&["CD3E", "ACTB", "C1orf112", "HLA-A", "H19", "RP11-34P13.7"]), Some(Species::Human));
        assert_eq!(guess(&["Cd3e", "Actb", "mt-Nd1", "Gm1234", "H19", "Acta2", "2010300C02Rik"]), Some(Species::Mouse));
        assert_eq!(guess(&["cd4-1", "actb1", "sox2", "sox10", "mpx"]), Some(Species::Other));
        assert_eq!(guess(&["1", "2", "3", "4", "5", "6"]), None);
        assert_eq!(guess(&["Peaks"; 100]), None, "one name repeated is one name");
        assert_eq!(guess(&["CD3E", "ACTB"]), None, "two names are too few");
    }
}
