//! All genes of a species with their names: gives Ensembl ids to files that have symbols only, when a vocabulary is made.

use std::collections::{HashMap, HashSet};

use super::index::NameIndex;
use super::matching::{self, GeneMatch};
use super::{Gene, GenesError, Species, Vocabulary, name};

/// The genes of an annotation, with current symbols, previous symbols and aliases.
///
/// No alias here is a current symbol or belongs to two genes: a name that could mean two genes is dropped, except that a
/// symbol of HGNC's table outranks a previous symbol, and that an alias.
#[derive(Debug, Clone)]
pub struct GeneTable {
    species: Species,
    genes: Vec<Gene>,
    index: NameIndex,
}

impl GeneTable {
    /// Human genes from two tables.
    ///
    /// `gencode` has lines `ENSG…,NAME` without a header (a GENCODE release; a gene without a name repeats its id): its names
    /// are the current symbols. `hgnc` is HGNC's table (tab-separated; columns `symbol`, `status`, `alias_symbol`,
    /// `prev_symbol`, `ensembl_gene_id`; lists separated by `|`), possibly of an older date: its symbols, previous symbols and
    /// aliases become aliases, and it tells which of several genes that share a symbol in GENCODE the symbol belongs to.
    /// O(names).
    ///
    /// # Errors
    /// `genes.bad-table` if a line is malformed or a column is missing.
    pub fn human(gencode: &str, hgnc: &str) -> Result<Self, GenesError> {
        let mut genes = read_gencode(gencode)?;
        let entries = read_hgnc(hgnc)?;
        let by_id: HashMap<String, usize> =
            genes.iter().enumerate().map(|(i, gene)| (gene.ensembl.clone(), i)).collect();
        settle_shared_symbols(&mut genes, &entries, &by_id);

        let current: HashMap<String, usize> = genes
            .iter()
            .enumerate()
            .filter(|(_, g)| !g.symbol.is_empty())
            .map(|(i, g)| (name::folded(&g.symbol), i))
            .collect();
        let mut claims = AliasClaims::default();
        for entry in &entries {
            let gene = by_id.get(entry.ensembl).or_else(|| current.get(&name::folded(entry.symbol)));
            let Some(&gene) = gene else { continue };
            let names = [&[entry.symbol][..], &entry.previous, &entry.aliases];
            for (claimed, names) in claims.0.iter_mut().zip(names) {
                for name in names {
                    claimed.entry(name).or_default().insert(gene);
                }
            }
        }
        for (alias, gene) in claims.unique() {
            if !current.contains_key(&name::folded(alias)) {
                genes[gene].aliases.push(alias.to_string());
            }
        }
        for gene in &mut genes {
            gene.aliases.sort_unstable();
            gene.aliases.dedup();
            gene.check().map_err(|_| GenesError::BadTable("a gene name holds characters that no gene name has"))?;
        }
        Ok(Self::new(Species::Human, genes))
    }

    /// Genes whose names are known to be well formed.
    pub(super) fn new(species: Species, genes: Vec<Gene>) -> Self {
        let index = NameIndex::new(&genes);
        Self { species, genes, index }
    }

    /// The species that these are the genes of.
    pub fn species(&self) -> Species {
        self.species
    }

    pub(super) fn index(&self) -> &NameIndex {
        &self.index
    }

    /// All genes, in the order of the annotation.
    pub fn genes(&self) -> &[Gene] {
        &self.genes
    }

    /// The gene of this Ensembl id, symbol, spelling or alias; `None` if there is none, or several.
    pub fn find(&self, name: &str) -> Option<&Gene> {
        self.genes.get(self.position(name)? as usize)
    }

    /// The position in [`GeneTable::genes`] of the gene that [`GeneTable::find`] gives.
    pub fn position(&self, name: &str) -> Option<u32> {
        self.index.one(name)
    }

    /// Matches a file's genes to this table as [`Vocabulary::match_genes`] does to a vocabulary: `token_of` holds positions in
    /// [`GeneTable::genes`].
    pub fn match_genes(&self, candidates: &[(String, Vec<String>)]) -> Result<GeneMatch, GenesError> {
        matching::match_genes(&self.index, self.genes.len(), Some(self.species), candidates)
    }

    /// The vocabulary of some of these genes, in the order given. `chosen` pairs positions in [`GeneTable::genes`] with medians.
    ///
    /// # Errors
    /// `genes.bad-vocabulary` as [`Vocabulary::new`], or if a position is outside the table.
    pub fn vocabulary(&self, chosen: &[(u32, f32)]) -> Result<Vocabulary, GenesError> {
        let outside = GenesError::BadVocabulary("a gene is outside the table");
        let genes: Option<Vec<Gene>> = chosen.iter().map(|(gene, _)| self.genes.get(*gene as usize).cloned()).collect();
        Vocabulary::new(genes.ok_or(outside)?, chosen.iter().map(|(_, median)| *median).collect())
    }
}

fn read_gencode(text: &str) -> Result<Vec<Gene>, GenesError> {
    let mut genes = Vec::new();
    let mut seen = HashSet::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let (id, symbol) = line.split_once(',').ok_or(GenesError::BadTable("a GENCODE line is not `id,name`"))?;
        let ensembl = name::ensembl_id(id).ok_or(GenesError::BadTable("a GENCODE line has no Ensembl id"))?;
        if seen.insert(ensembl.clone()) {
            let symbol = if name::ensembl_id(symbol).is_some() { String::new() } else { symbol.trim().to_string() };
            genes.push(Gene { ensembl, symbol, aliases: Vec::new() });
        }
    }
    if genes.is_empty() {
        return Err(GenesError::BadTable("the GENCODE table has no gene"));
    }
    Ok(genes)
}

struct HgncEntry<'a> {
    symbol: &'a str,
    ensembl: &'a str,
    previous: Vec<&'a str>,
    aliases: Vec<&'a str>,
}

fn read_hgnc(text: &str) -> Result<Vec<HgncEntry<'_>>, GenesError> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let position = |column: &str| {
        header.iter().position(|name| *name == column).ok_or(GenesError::BadTable("the HGNC table lacks a column"))
    };
    let (symbol, status, ensembl) = (position("symbol")?, position("status")?, position("ensembl_gene_id")?);
    let (previous, aliases) = (position("prev_symbol")?, position("alias_symbol")?);
    let mut entries = Vec::new();
    for line in lines {
        let fields: Vec<&str> = line.split('\t').collect();
        let field = |position: usize| fields.get(position).copied().unwrap_or_default().trim();
        // A list is quoted where HGNC exports it so.
        let list = |position: usize| {
            field(position).trim_matches('"').split('|').map(str::trim).filter(|name| !name.is_empty()).collect()
        };
        if field(status) == "Approved" && !field(symbol).is_empty() {
            let (previous, aliases) = (list(previous), list(aliases));
            entries.push(HgncEntry { symbol: field(symbol), ensembl: field(ensembl), previous, aliases });
        }
    }
    Ok(entries)
}

/// Where several genes of GENCODE share a symbol and HGNC gives it to one of them, the others lose it.
fn settle_shared_symbols(genes: &mut [Gene], entries: &[HgncEntry<'_>], by_id: &HashMap<String, usize>) {
    let owners: HashMap<&str, usize> =
        entries.iter().filter_map(|entry| Some((entry.symbol, *by_id.get(entry.ensembl)?))).collect();
    let owned: HashSet<&str> =
        owners.iter().filter(|(symbol, gene)| genes[**gene].symbol == **symbol).map(|(symbol, _)| *symbol).collect();
    for (position, gene) in genes.iter_mut().enumerate() {
        if owned.contains(gene.symbol.as_str()) && owners.get(gene.symbol.as_str()) != Some(&position) {
            gene.symbol.clear();
        }
    }
}

/// Which genes claim a name: as their symbol in HGNC's table, as a previous symbol, as an alias; the first outranks the rest.
/// (`QARS` was the symbol of one gene in 2018 and, before that, of another.)
#[derive(Default)]
struct AliasClaims<'a>([HashMap<&'a str, HashSet<usize>>; 3]);

impl<'a> AliasClaims<'a> {
    /// The names that mean one gene.
    fn unique(&self) -> Vec<(&'a str, usize)> {
        let [symbols, previous, aliases] = &self.0;
        let one = |genes: &HashSet<usize>| if genes.len() == 1 { genes.iter().next().copied() } else { None };
        let of_symbols = symbols.iter();
        let of_previous = previous.iter().filter(|(name, _)| !symbols.contains_key(*name));
        let of_aliases =
            aliases.iter().filter(|(name, _)| !symbols.contains_key(*name) && !previous.contains_key(*name));
        let all = of_symbols.chain(of_previous).chain(of_aliases);
        all.filter_map(|(name, genes)| Some((*name, one(genes)?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENCODE: &str = "ENSG00000065427,KARS1\nENSG00000000003,TSPAN6\nENSG00000284770,TBCE\nENSG00000285053,TBCE\n\
        ENSG00000000008,ENSG00000000008\nENSG00000000009,Y_RNA\nENSG00000000010,Y_RNA\nENSG00000000011,DCAL2\n";
    const HGNC: &str = "hgnc_id\tsymbol\tlocus_group\tstatus\talias_symbol\tprev_symbol\tensembl_gene_id\n\
        HGNC:1\tKARS\tp\tApproved\tKARS2|SHARED|WAS_ALIAS\tDFNB89\tENSG00000065427\n\
        HGNC:2\tTSPAN6\tp\tApproved\tSHARED|T245|KARS1\tWAS_ALIAS|KARS\tENSG00000000003\n\
        HGNC:3\tTBCE\tp\tApproved\t\t\tENSG00000284770\n\
        HGNC:4\tGONE\tp\tEntry Withdrawn\tOLD\t\tENSG00000000011\n";

    #[test]
    fn old_names_lead_to_current_genes() {
        let table = GeneTable::human(GENCODE, HGNC).unwrap();
        let find = |name: &str| table.find(name).map(|gene| gene.ensembl.as_str());
        assert_eq!(find("KARS"), Some("ENSG00000065427"), "the symbol of an older HGNC, still older another's");
        assert_eq!(find("DFNB89"), Some("ENSG00000065427"));
        assert_eq!(find("KARS1"), Some("ENSG00000065427"), "another gene's alias does not take a current symbol");
        assert_eq!(find("T245"), Some("ENSG00000000003"));
        assert_eq!(find("SHARED"), None, "an alias of two genes");
        assert_eq!(find("WAS_ALIAS"), Some("ENSG00000000003"), "a previous symbol outranks an alias");
        assert_eq!(find("TBCE"), Some("ENSG00000284770"), "HGNC settles a shared symbol");
        assert_eq!(find("Y_RNA"), None);
        assert_eq!(find("ENSG00000000008.4"), Some("ENSG00000000008"));
        assert_eq!(find("OLD"), None, "withdrawn entries say nothing");
    }

    #[test]
    fn a_vocabulary_is_chosen_by_position() {
        let table = GeneTable::human(GENCODE, HGNC).unwrap();
        let vocabulary = table.vocabulary(&[(1, 2.0), (0, 0.5)]).unwrap();
        assert_eq!(vocabulary.genes()[1].aliases, ["DFNB89", "KARS", "KARS2"]);
        assert_eq!(vocabulary.medians(), [2.0, 0.5]);
        assert!(table.vocabulary(&[(99, 1.0)]).is_err());
    }

    #[test]
    fn malformed_tables_are_refused() {
        assert!(GeneTable::human("", HGNC).is_err());
        assert!(GeneTable::human("no comma", HGNC).is_err());
        assert!(GeneTable::human("TP53,TP53", HGNC).is_err());
        assert!(GeneTable::human(GENCODE, "symbol\tstatus\n").is_err());
    }
}
