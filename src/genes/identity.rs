//! What the genes of a file are, without any model: their species, and how many the packaged table knows.

use std::collections::HashSet;

use super::index::{Found, How};
use super::{GeneMatch, GenesError, KnownGenes, Species, matching};

/// What was found about the genes of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct GeneIdentity {
    /// The species whose table was used; `None` if the names do not tell, or tell of a species that is not in the table.
    pub species: Option<Species>,
    /// Share (0..1) of the distinct names that each species' table knows by id, symbol or spelling.
    pub human_share: f64,
    pub mouse_share: f64,
    /// Matched to the table of the species; of the human table where the species is not known.
    pub matching: GeneMatch,
    /// Matched genes that have a one-to-one ortholog in the other species.
    pub with_ortholog: usize,
}

/// Fewer known names than these tell nothing.
const FEW_NAMES: usize = 5;
/// A species is told from a tenth of the names: files with many unnamed genes still have that.
const LEAST_SHARE: f64 = 0.1;
/// Shares closer than this are told apart by case: a panel of shared genes is in both tables, but `Cd3e` is mouse's spelling.
const CLOSE: f64 = 0.15;

/// How many distinct names a species' table knows.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Votes {
    /// By id, symbol or spelling.
    known: usize,
    /// By id or symbol as it is written.
    exact: usize,
}

impl KnownGenes {
    /// Finds the column that names the genes and the species that they are of. `species` overrules the guess.
    ///
    /// The species is the one whose table knows the larger share of the distinct names, by id, symbol or spelling; where the
    /// shares are within 0.15, the one that knows more of them exactly as written (rat symbols look like mouse's). No species
    /// is told from fewer than five names or a tenth of them. O(names).
    ///
    /// # Errors
    /// `genes.no-names` if there is no column or no gene, or the columns differ in length.
    pub fn identify(
        &self,
        candidates: &[(String, Vec<String>)],
        species: Option<Species>,
    ) -> Result<GeneIdentity, GenesError> {
        let best = |table: &super::GeneTable| matching::best(table.index(), table.genes().len(), candidates);
        let (human, mouse) = (best(&self.human)?, best(&self.mouse)?);
        let votes = |species, names| self.votes(species, names);
        let (of_human, n_human) = votes(Species::Human, human.names);
        let (of_mouse, n_mouse) = votes(Species::Mouse, mouse.names);
        let share = |votes: Votes, names: usize| votes.known as f64 / names.max(1) as f64;
        let (human_share, mouse_share) = (share(of_human, n_human), share(of_mouse, n_mouse));
        let told = if (human_share - mouse_share).abs() > CLOSE {
            if human_share > mouse_share { Species::Human } else { Species::Mouse }
        } else if of_mouse.exact > of_human.exact {
            Species::Mouse
        } else {
            Species::Human
        };
        let (votes, share) = if told == Species::Mouse { (of_mouse, mouse_share) } else { (of_human, human_share) };
        let told = (votes.known >= FEW_NAMES && share >= LEAST_SHARE).then_some(told);
        let species = species.filter(|species| self.table(*species).is_some()).or(told);
        let matching = if species == Some(Species::Mouse) { mouse.found } else { human.found };
        let with_ortholog = species.map_or(0, |species| {
            let has = |gene: &&u32| self.orthologs.one_to_one(species, **gene).is_some();
            matching.token_of.iter().flatten().filter(has).count()
        });
        Ok(GeneIdentity { species, human_share, mouse_share, matching, with_ortholog })
    }

    /// Votes for a species, and the number of distinct names.
    fn votes(&self, species: Species, names: &[String]) -> (Votes, usize) {
        let distinct: HashSet<&str> = names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
        let mut votes = Votes::default();
        let Some(table) = self.table(species) else { return (votes, distinct.len()) };
        for name in &distinct {
            if let Found::Gene(_, how @ (How::Ensembl | How::Symbol | How::Spelling)) = table.index().find(name) {
                votes.known += 1;
                votes.exact += usize::from(how != How::Spelling);
            }
        }
        (votes, distinct.len())
    }

    /// The same columns with each name replaced by the Ensembl id of its one-to-one ortholog in `to`, and emptied where it has
    /// none: so the genes of a mouse file can be matched to a human vocabulary.
    ///
    /// Names are looked up in the table of the file's own species as [`KnownGenes::identify`] does. Columns are renamed to
    /// `orthologs of NAME`. O(names).
    ///
    /// # Errors
    /// `genes.no-names` as `identify`; `genes.no-orthologs` if the file's species is not the other of human and mouse.
    pub fn map_orthologs(
        &self,
        candidates: &[(String, Vec<String>)],
        to: Species,
    ) -> Result<Vec<(String, Vec<String>)>, GenesError> {
        let from = self.identify(candidates, None)?.species;
        let none = GenesError::NoOrthologs { to };
        let (from, to_table) = match (from, self.table(to)) {
            (Some(from), Some(table)) if from != to => (from, table),
            _ => return Err(none),
        };
        let from_table = self.table(from).ok_or(none)?;
        let map = |name: &String| {
            let ortholog = from_table.position(name).and_then(|gene| self.orthologs.one_to_one(from, gene));
            ortholog
                .and_then(|gene| to_table.genes().get(gene as usize))
                .map_or(String::new(), |gene| gene.ensembl.clone())
        };
        Ok(candidates
            .iter()
            .map(|(column, names)| (format!("orthologs of {column}"), names.iter().map(map).collect()))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Explain;

    fn known() -> KnownGenes {
        let symbols = ["Actb", "Cd3e", "Cd8a", "Kars1", "Krt5", "Mki67", "Pgr", "Esr1", "Epcam", "Cd4", "Trp53", "Gm1"];
        let mut text = String::from("resitu genes 1\n>human 11\n");
        for symbol in &symbols[..10] {
            text += &format!("1\t{}\n", symbol.to_uppercase());
        }
        text += "1\tTP53\tP53\n>mouse 12\n";
        for symbol in &symbols[..10] {
            text += &format!("1\t{symbol}\t\t=\n");
        }
        text += "1\tTrp53\tP53\t=TP53\n1\tGm1\n>end\n";
        KnownGenes::read(&super::super::known::tests::pack(&text)).unwrap()
    }

    fn column(name: &str, names: &[&str]) -> (String, Vec<String>) {
        (name.into(), names.iter().map(|name| name.to_string()).collect())
    }

    #[test]
    fn the_species_is_told_from_the_tables() {
        let told = |names: &[&str]| known().identify(&[column("index", names)], None).unwrap().species;
        assert_eq!(told(&["ACTB", "CD3E", "CD8A", "PGR", "TP53"]), Some(Species::Human));
        assert_eq!(
            told(&["Actb", "Cd3e", "Cd8a", "Pgr", "Epcam"]),
            Some(Species::Mouse),
            "shared genes are told by case"
        );
        assert_eq!(
            told(&["ACTB", "CD3E", "CD8A", "TRP53", "GM1"]),
            Some(Species::Mouse),
            "capitals do not make it human"
        );
        assert_eq!(
            told(&[
                "ENSMUSG00000000001",
                "ENSMUSG00000000002.4",
                "ENSMUSG00000000003",
                "ENSMUSG00000000004",
                "ensmusg00000000005"
            ]),
            Some(Species::Mouse)
        );
        // TP53 is one of the names that human has and mouse has not.
        let mostly = ["Actb", "Cd3e", "Cd8a", "Pgr", "Epcam", "Cd4", "Krt5", "Esr1", "Tp53"];
        assert_eq!(
            told(&mostly),
            Some(Species::Mouse),
            "one name that only human has is no sign against the case of all"
        );
        assert_eq!(told(&["ACTB", "CD3E", "CD8A", "PGR"]), None, "four names tell nothing");
        assert_eq!(told(&["1", "2", "3", "4", "5", "6"]), None);
    }

    #[test]
    fn the_species_of_the_caller_overrules() {
        let names = [column("index", &["Actb", "Cd3e", "Cd8a", "Pgr", "Epcam"])];
        let found = known().identify(&names, Some(Species::Human)).unwrap();
        assert_eq!((found.species, found.matching.report.renamed), (Some(Species::Human), 5));
    }

    #[test]
    fn mouse_names_become_human_ids_where_the_pair_is_one_to_one() {
        let names = [
            column("index", &["0", "1", "2", "3", "4", "5"]),
            column("symbol", &["Actb", "p53", "Gm1", "Cd4", "Krt5", "Pgr"]),
        ];
        let mapped = known().map_orthologs(&names, Species::Human).unwrap();
        assert_eq!(mapped[1].0, "orthologs of symbol");
        assert_eq!(
            mapped[1].1,
            ["ENSG00000000001", "ENSG00000000011", "", "ENSG00000000010", "ENSG00000000005", "ENSG00000000007"]
        );
        assert_eq!(known().map_orthologs(&names, Species::Mouse).unwrap_err().code(), "genes.no-orthologs");
        let unknown = [column("index", &["0", "1"])];
        assert_eq!(known().map_orthologs(&unknown, Species::Human).unwrap_err().code(), "genes.no-orthologs");
    }
}
