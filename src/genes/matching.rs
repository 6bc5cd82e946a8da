//! Which genes of a file are which genes of a vocabulary.

use std::collections::{HashMap, HashSet};

use super::index::{Found, How, NameIndex};
use super::{GenesError, Species, name};

/// The genes of a file, matched to a vocabulary.
///
/// Several genes of the file may lead to one of the vocabulary (one symbol twice, two versions of one id): their counts are
/// summed. But where a gene is reached by names of different certainty only the surest counts, and two different spellings
/// or aliases of one gene count neither, because a file that holds both means two genes: the losers are `ambiguous` and left
/// out. A name that several genes of the vocabulary share is `ambiguous` too.
///
/// A column may mix kinds of names: where a name of the chosen column leads to nothing, the other columns that reach at least
/// half as many genes are asked, and only their exact ids and symbols count, as the least sure of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneMatch {
    /// The `var` column that the names were taken from, by the name it had among the candidates.
    pub column: String,
    /// For each gene of the file, its position in the vocabulary.
    pub token_of: Vec<Option<u32>>,
    /// Positions, in the file, of the first genes whose names lead to nothing; at most [`GeneMatch::MAX_UNKNOWN`].
    pub first_unknown: Vec<u32>,
    pub report: GeneReport,
}

/// How many genes were matched. `matched + ambiguous + unknown` is `total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GeneReport {
    /// Genes of the file that were matched, of `total`.
    pub matched: usize,
    pub total: usize,
    /// Genes of the vocabulary that were reached, of `vocabulary_total`.
    pub vocabulary_matched: usize,
    pub vocabulary_total: usize,
    /// Matched genes whose name was spelled differently or was an alias or previous symbol.
    pub renamed: usize,
    /// Matched genes whose name was taken from another column than the rest.
    pub from_other_columns: usize,
    /// Matched genes beyond the first of each gene of the vocabulary: their counts are added to it.
    pub duplicates: usize,
    /// Genes of the file left out because their name could mean several genes.
    pub ambiguous: usize,
    /// Genes of the file whose name leads to nothing.
    pub unknown: usize,
}

impl GeneMatch {
    /// How many unknown genes are remembered, for the person to recognise.
    pub const MAX_UNKNOWN: usize = 10;

    /// For each gene of the vocabulary, whether the file has it.
    pub fn present(&self) -> Vec<bool> {
        let mut present = vec![false; self.report.vocabulary_total];
        for gene in self.token_of.iter().flatten() {
            if let Some(entry) = present.get_mut(*gene as usize) {
                *entry = true;
            }
        }
        present
    }
}

/// The rule of [`super::Vocabulary::match_genes`].
pub(super) fn match_genes(
    index: &NameIndex,
    n_genes: usize,
    expected: Option<Species>,
    candidates: &[(String, Vec<String>)],
) -> Result<GeneMatch, GenesError> {
    let best = best(index, n_genes, candidates)?;
    let (names, found) = (best.names, best.found);

    let wrong = |file: Option<Species>| match (file, expected) {
        (Some(file), Some(expected)) if file != expected => Err(GenesError::WrongSpecies { file, expected }),
        _ => Ok(()),
    };
    let GeneReport { matched, total, vocabulary_matched, .. } = found.report;
    if vocabulary_matched >= n_genes.min(10) && matched * 100 >= total {
        wrong(guess(names))?;
        return Ok(found);
    }
    // Perhaps a column says why. Lower-case words alone are no sign of a species: any annotation may hold them.
    for (_, others) in candidates {
        let telling =
            |species: &Species| *species != Species::Other || others.iter().any(|n| name::ensembl_id(n).is_some());
        wrong(guess(others).filter(telling))?;
    }
    Err(GenesError::NoOverlap { matched, total })
}

/// The column that reaches most genes, and what it reaches.
pub(super) struct Best<'a> {
    pub names: &'a [String],
    pub found: GeneMatch,
}

/// Chooses a column. Errors: `genes.no-names` if there is none, no gene, or columns of different lengths.
pub(super) fn best<'a>(
    index: &NameIndex,
    n_genes: usize,
    candidates: &'a [(String, Vec<String>)],
) -> Result<Best<'a>, GenesError> {
    let (_, first) = candidates.first().ok_or(GenesError::NoNames)?;
    if first.is_empty() || candidates.iter().any(|(_, others)| others.len() != first.len()) {
        return Err(GenesError::NoNames);
    }
    let found: Vec<Vec<Found>> =
        candidates.iter().map(|(_, names)| names.iter().map(|name| index.find(name)).collect()).collect();
    let reached: Vec<usize> = found.iter().map(|found| count_reached(found)).collect();
    // `max_by_key` would give the last of equals.
    let chosen = (0..candidates.len()).rev().max_by_key(|&column| reached[column]).unwrap_or(0);
    let (column, names) = &candidates[chosen];
    let mut claimed: Vec<(Found, &str)> = found[chosen].iter().copied().zip(names.iter().map(String::as_str)).collect();
    for (other, (_, others)) in candidates.iter().enumerate() {
        if other != chosen && 2 * reached[other] >= reached[chosen] {
            for ((claim, found), name) in claimed.iter_mut().zip(&found[other]).zip(others) {
                if let (Found::Nothing, Found::Gene(gene, How::Ensembl | How::Symbol)) = (claim.0, *found) {
                    *claim = (Found::Gene(gene, How::OtherColumn), name);
                }
            }
        }
    }
    Ok(Best { names, found: assign(column, n_genes, &claimed) })
}

fn count_reached(found: &[Found]) -> usize {
    let genes: HashSet<u32> =
        found.iter().filter_map(|found| if let Found::Gene(gene, _) = found { Some(*gene) } else { None }).collect();
    genes.len()
}

fn guess(names: &[String]) -> Option<Species> {
    name::guess_species(names.iter().map(String::as_str))
}

/// What is known about the names that lead to one gene.
struct Claim<'a> {
    how: How,
    name: &'a str,
    /// Whether another spelling or alias, as sure as this one, leads to the same gene.
    contested: bool,
}

fn assign(column: &str, n_genes: usize, found: &[(Found, &str)]) -> GeneMatch {
    let mut claims: HashMap<u32, Claim> = HashMap::new();
    for (found, name) in found {
        let Found::Gene(gene, how) = *found else { continue };
        let name = name.trim();
        let fresh = Claim { how, name, contested: false };
        match claims.get_mut(&gene) {
            None => drop(claims.insert(gene, fresh)),
            Some(claim) if how < claim.how => *claim = fresh,
            Some(claim) if how == claim.how && how >= How::Spelling && name != claim.name => claim.contested = true,
            Some(_) => {}
        }
    }
    let mut report = GeneReport {
        total: found.len(),
        vocabulary_matched: claims.values().filter(|claim| !claim.contested).count(),
        vocabulary_total: n_genes,
        ..GeneReport::default()
    };
    let mut first_unknown = Vec::new();
    let token_of = (0u32..)
        .zip(found)
        .map(|(position, (found, _))| match *found {
            Found::Gene(gene, how) if claims.get(&gene).is_some_and(|claim| claim.how == how && !claim.contested) => {
                report.matched += 1;
                report.renamed += usize::from(matches!(how, How::Spelling | How::Alias));
                report.from_other_columns += usize::from(how == How::OtherColumn);
                Some(gene)
            }
            Found::Gene(..) | Found::Ambiguous => {
                report.ambiguous += 1;
                None
            }
            Found::Nothing => {
                report.unknown += 1;
                if first_unknown.len() < GeneMatch::MAX_UNKNOWN {
                    first_unknown.push(position);
                }
                None
            }
        })
        .collect();
    report.duplicates = report.matched - report.vocabulary_matched;
    GeneMatch { column: column.to_string(), token_of, first_unknown, report }
}

#[cfg(test)]
mod tests {
    use crate::Explain;
    use crate::genes::{Gene, Vocabulary};

    const HUMAN: [&str; 12] =
        ["CD3E", "ACTB", "KARS1", "HLA-A", "TP53", "EPCAM", "KRT5", "ESR1", "PGR", "MKI67", "CD8A", "CD4"];

    fn vocabulary() -> Vocabulary {
        let genes = HUMAN.iter().enumerate().map(|(i, symbol)| Gene {
            ensembl: format!("ENSG{i:011}"),
            symbol: symbol.to_string(),
            aliases: if *symbol == "KARS1" { vec!["KARS".into(), "KARS2".into(), "CD4".into()] } else { vec![] },
        });
        Vocabulary::new(genes.collect(), vec![1.0; HUMAN.len()]).unwrap()
    }

    fn column(name: &str, names: impl IntoIterator<Item = impl Into<String>>) -> (String, Vec<String>) {
        (name.into(), names.into_iter().map(Into::into).collect())
    }

    #[test]
    fn the_column_that_reaches_most_genes_is_used_and_named() {
        let columns = [
            column("index", (0..12).map(|i| i.to_string())),
            column("gene_ids", (0..12).map(|i| format!("ensg{i:011}.{i}"))),
            column("symbol", HUMAN),
        ];
        let found = vocabulary().match_genes(&columns).unwrap();
        assert_eq!(found.column, "gene_ids");
        assert_eq!(found.token_of, (0..12).map(Some).collect::<Vec<_>>());
        assert_eq!(found.report.matched, 12);
        assert_eq!(found.report.renamed, 0);
        assert!(found.present().iter().all(|present| *present));
    }

    #[test]
    fn old_symbols_are_found_unless_the_file_has_the_gene_already() {
        let mut names: Vec<&str> = HUMAN.to_vec();
        names[2] = "KARS";
        let found = vocabulary().match_genes(&[column("index", names.clone())]).unwrap();
        assert_eq!((found.token_of[2], found.report.renamed, found.report.ambiguous), (Some(2), 1, 0));
        assert_eq!(found.token_of[11], Some(11), "CD4 is a current symbol: as an alias it renames nothing");

        names.push("KARS1");
        let found = vocabulary().match_genes(&[column("index", names.clone())]).unwrap();
        assert_eq!((found.token_of[2], found.token_of[12]), (None, Some(2)), "the surer name wins");
        assert_eq!((found.report.renamed, found.report.ambiguous), (0, 1));

        *names.last_mut().unwrap() = "KARS2";
        let found = vocabulary().match_genes(&[column("index", names)]).unwrap();
        assert_eq!((found.token_of[2], found.token_of[12]), (None, None), "two aliases: two genes of the file");
        assert_eq!((found.report.vocabulary_matched, found.report.ambiguous), (11, 2));
    }

    #[test]
    fn one_name_twice_is_one_gene() {
        let names = HUMAN.iter().chain(["ACTB"].iter()).copied();
        let found = vocabulary().match_genes(&[column("index", names)]).unwrap();
        assert_eq!((found.token_of[1], found.token_of[12]), (Some(1), Some(1)));
        assert_eq!((found.report.matched, found.report.vocabulary_matched, found.report.ambiguous), (13, 12, 0));
        assert_eq!(found.report.duplicates, 1);
    }

    #[test]
    fn unknown_names_are_counted_and_the_first_remembered() {
        let names = (0..12).map(|i| format!("probe {i}")).chain(HUMAN.map(String::from));
        let found = vocabulary().match_genes(&[column("index", names)]).unwrap();
        assert_eq!((found.report.matched, found.report.ambiguous, found.report.unknown), (12, 0, 12));
        assert_eq!(found.first_unknown, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn another_column_helps_where_the_chosen_one_is_empty() {
        let mut symbols: Vec<&str> = HUMAN.to_vec();
        (symbols[0], symbols[1]) = ("", "novel");
        let mut ids: Vec<String> = (0..12).map(|i| format!("ENSG{i:011}")).collect();
        for id in &mut ids[5..] {
            id.clear();
        }
        let few = [column("symbol", symbols.clone()), column("gene_ids", ids.clone())];
        let found = vocabulary().match_genes(&few).unwrap();
        assert_eq!(found.token_of[..2], [Some(0), Some(1)]);
        assert_eq!((found.column.as_str(), found.report.from_other_columns, found.report.renamed), ("symbol", 2, 0));

        // The other column says that the first gene is one that the file has under its own name.
        ids[0] = "ENSG00000000002".into();
        let twice = [column("symbol", symbols.clone()), column("gene_ids", ids.clone())];
        let found = vocabulary().match_genes(&twice).unwrap();
        assert_eq!((found.token_of[0], found.token_of[2]), (None, Some(2)), "the surer name wins");

        for id in &mut ids[2..] {
            id.clear();
        }
        let words = [column("symbol", symbols), column("note", ids)];
        let found = vocabulary().match_genes(&words).unwrap();
        assert_eq!(found.report.from_other_columns, 0, "a column that names few genes may be about something else");
    }

    #[test]
    fn another_species_is_refused() {
        let title = |name: &str| format!("{}{}", &name[..1], name[1..].to_lowercase());
        for names in [
            column("index", HUMAN.map(title)),
            column("index", (0..12).map(|i| format!("ENSMUSG{i:011}"))),
            column("index", (0..12).map(|i| format!("ENSRNOG{i:011}"))),
            column("index", HUMAN.map(str::to_lowercase)),
        ] {
            assert_eq!(vocabulary().match_genes(&[names]).unwrap_err().code(), "genes.wrong-species");
        }
        let hidden = [column("index", (0..12).map(|i| i.to_string())), column("symbol", HUMAN.map(title))];
        assert_eq!(vocabulary().match_genes(&hidden).unwrap_err().code(), "genes.wrong-species");
    }

    #[test]
    fn no_overlap_and_no_names_are_refused() {
        let code = |columns: &[(String, Vec<String>)]| vocabulary().match_genes(columns).unwrap_err().code();
        assert_eq!(code(&[column("index", (0..500).map(|i| format!("probe_{i}")))]), "genes.no-overlap");
        assert_eq!(code(&[column("index", HUMAN[..9].iter().copied())]), "genes.no-overlap", "fewer than ten genes");
        let few = HUMAN.iter().map(|name| name.to_string()).chain((0..2000).map(|i| format!("P{i}X")));
        assert_eq!(code(&[column("index", few)]), "genes.no-overlap", "fewer than one in a hundred");
        assert_eq!(code(&[]), "genes.no-names");
        assert_eq!(code(&[column("index", [""; 0])]), "genes.no-names");
        assert_eq!(code(&[column("index", HUMAN), column("symbol", ["CD4"])]), "genes.no-names");
    }
}
