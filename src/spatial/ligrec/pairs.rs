//! Ligand–receptor pairs: reading a table of them, and finding their genes in a panel.

use std::collections::{HashMap, HashSet};

use super::super::SpatialError;

/// More pairs than any collection has; what is larger is no such table.
const MAX_PAIRS: usize = 1_000_000;

/// Names of the two columns, in the order in which they are looked for: ours, LIANA's, squidpy's.
const COLUMNS: [(&str, &str); 3] =
    [("ligand", "receptor"), ("source_genesymbol", "target_genesymbol"), ("source", "target")];

/// A ligand and its receptor, each the symbols of one or more subunits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pair {
    pub ligand: Vec<String>,
    pub receptor: Vec<String>,
}

impl Pair {
    /// From names whose subunits are joined by `_`, as `TGFB1`, `TGFBR1_TGFBR2`; a leading `COMPLEX:` is dropped. `None` if
    /// a name is empty.
    pub fn new(ligand: &str, receptor: &str) -> Option<Self> {
        let subunits = |name: &str| {
            let name = name.trim();
            let name = name.strip_prefix("COMPLEX:").unwrap_or(name);
            let parts = name.split('_').filter(|part| !part.is_empty()).map(str::to_owned);
            Some(parts.collect::<Vec<_>>()).filter(|parts| !parts.is_empty())
        };
        Some(Self { ligand: subunits(ligand)?, receptor: subunits(receptor)? })
    }

    /// The names with their subunits joined again.
    pub fn names(&self) -> (String, String) {
        (self.ligand.join("_"), self.receptor.join("_"))
    }
}

/// Reads a table of pairs: comma- or tab-separated with a header that names the columns `ligand` and `receptor` (or
/// `source_genesymbol` and `target_genesymbol`, or `source` and `target`); other columns are ignored. Fields may be
/// quoted (RFC 4180, without line breaks inside). Repeated pairs count once; lines without a name are skipped.
///
/// # Errors
/// `spatial.bad-parameter` without those columns, without a pair, or with more than a million.
pub fn read_pairs(text: &str) -> Result<Vec<Pair>, SpatialError> {
    let bad = |what| Err(SpatialError::BadParameter(what));
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines();
    let header = lines.next().unwrap_or_default();
    let separator = if header.contains('\t') { '\t' } else { ',' };
    let names = fields(header, separator);
    let column = |name: &str| names.iter().position(|field| field.trim().eq_ignore_ascii_case(name));
    let Some((ligand, receptor)) = COLUMNS.iter().find_map(|(l, r)| Some((column(l)?, column(r)?))) else {
        return bad("The table of pairs needs the columns ligand and receptor.");
    };
    let mut seen = HashSet::new();
    let mut pairs = Vec::new();
    for line in lines {
        let fields = fields(line, separator);
        let (Some(ligand), Some(receptor)) = (fields.get(ligand), fields.get(receptor)) else { continue };
        let Some(pair) = Pair::new(ligand, receptor) else { continue };
        if seen.insert(pair.clone()) {
            pairs.push(pair);
        }
        if pairs.len() > MAX_PAIRS {
            return bad("The table has more than a million pairs.");
        }
    }
    if pairs.is_empty() { bad("The table of pairs holds no pair.") } else { Ok(pairs) }
}

fn fields(line: &str, separator: char) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut characters = line.trim_end_matches('\r').chars().peekable();
    while let Some(character) = characters.next() {
        let Some(field) = fields.last_mut() else { break };
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            _ if character == separator && !quoted => fields.push(String::new()),
            _ => field.push(character),
        }
    }
    fields
}

/// What stands for a complex, and what of subunits that were not measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Complex {
    /// All subunits must be measured; in every label the complex is expressed as its least expressed subunit, as in
    /// CellPhoneDB.
    #[default]
    Minimum,
    /// Of the subunits that were measured, the one with the lowest mean over all cells stands for the complex everywhere:
    /// squidpy's `complex_policy="min"`.
    LowestGene,
    /// Every measured ligand subunit with every measured receptor subunit: squidpy's `complex_policy="all"`.
    Each,
}

/// A pair with the genes of its subunits as columns of the matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// As named in the result.
    pub pair: Pair,
    pub ligand: Vec<u32>,
    pub receptor: Vec<u32>,
}

/// The pairs whose genes are in the panel, each once, and the number of pairs without. Symbols are compared without case, as squidpy does, which also lets
/// most mouse genes meet human names; of repeated gene names the first counts.
pub(super) fn find(
    pairs: &[Pair],
    genes: &[String],
    complex: Complex,
    mean: impl Fn(u32) -> f64,
) -> (Vec<Found>, usize) {
    let mut index: HashMap<String, u32> = HashMap::with_capacity(genes.len());
    for (gene, at) in genes.iter().zip(0..) {
        index.entry(gene.to_uppercase()).or_insert(at);
    }
    let name = |gene: u32| genes[gene as usize].clone();
    let look = |subunits: &[String]| -> Vec<u32> {
        subunits.iter().filter_map(|name| index.get(&name.to_uppercase()).copied()).collect()
    };
    let (mut found, mut not_measured) = (Vec::new(), 0);
    for pair in pairs {
        let (ligand, receptor) = (look(&pair.ligand), look(&pair.receptor));
        let whole = (ligand.len(), receptor.len()) == (pair.ligand.len(), pair.receptor.len());
        if ligand.is_empty() || receptor.is_empty() || (complex == Complex::Minimum && !whole) {
            not_measured += 1;
            continue;
        }
        let single = |ligand: u32, receptor: u32| Found {
            pair: Pair { ligand: vec![name(ligand)], receptor: vec![name(receptor)] },
            ligand: vec![ligand],
            receptor: vec![receptor],
        };
        let lowest = |genes: &[u32]| genes.iter().copied().min_by(|&a, &b| mean(a).total_cmp(&mean(b))).unwrap_or(0);
        match complex {
            Complex::Minimum => found.push(Found { pair: pair.clone(), ligand, receptor }),
            Complex::LowestGene => found.push(single(lowest(&ligand), lowest(&receptor))),
            Complex::Each => {
                found.extend(
                    ligand.iter().flat_map(|&l| receptor.iter().map(move |&r| (l, r))).map(|(l, r)| single(l, r)),
                );
            }
        }
    }
    let mut seen = HashSet::new();
    found.retain(|found| seen.insert((found.ligand.clone(), found.receptor.clone())));
    (found, not_measured)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(ligand: &str, receptor: &str) -> Pair {
        Pair::new(ligand, receptor).unwrap()
    }

    #[test]
    fn tables_are_read_by_their_header_whatever_else_they_hold() -> Result<(), SpatialError> {
        let expected = [pair("TGFB1", "TGFBR1_TGFBR2"), pair("A,B", "C")];
        let commas = "\u{feff}id,\"Ligand\",note,receptor\r\n1,TGFB1,\"a, \"\"b\"\"\",TGFBR1_TGFBR2\r\n2,\"A,B\",,C\r\n3,,x,Y\r\n4,\"A,B\",again,C\r\n5\r\n";
        assert_eq!(read_pairs(commas)?, expected);
        let tabs = "source\ttarget\tsource_genesymbol\ttarget_genesymbol\nP1\tP2\tTGFB1\tCOMPLEX:TGFBR1_TGFBR2\nP3\tP4\tA,B\tC\n";
        assert_eq!(read_pairs(tabs)?, expected);
        for wrong in ["", "ligand,partner\nA,B\n", "ligand,receptor\n", "ligand,receptor\n_,B\n"] {
            assert!(read_pairs(wrong).is_err(), "{wrong:?}");
        }
        Ok(())
    }

    #[test]
    fn complexes_follow_the_policy() {
        let genes = ["a", "B1", "b2", "C"].map(str::to_owned);
        let mean = |gene: u32| [4.0, 3.0, 2.0, 1.0][gene as usize];
        let pairs = [pair("A", "B1_B2"), pair("A", "B1_B9"), pair("C", "Z"), pair("A", "B2")];
        let columns = |complex| -> Vec<(Vec<u32>, Vec<u32>)> {
            find(&pairs, &genes, complex, mean).0.into_iter().map(|found| (found.ligand, found.receptor)).collect()
        };
        assert_eq!(columns(Complex::Minimum), [(vec![0], vec![1, 2]), (vec![0], vec![2])]);
        assert_eq!(find(&pairs, &genes, Complex::Minimum, mean).1, 2);
        assert_eq!(columns(Complex::LowestGene), [(vec![0], vec![2]), (vec![0], vec![1])]);
        assert_eq!(columns(Complex::Each), [(vec![0], vec![1]), (vec![0], vec![2])]);
    }
}
