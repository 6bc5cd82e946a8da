//! Which mouse genes and human genes descend from one gene.

use std::collections::HashMap;

use super::known::number;
use super::{GeneTable, GenesError, Species, name};

/// Human and mouse orthologs, after the types of homology of Ensembl Compara.
///
/// A pair is *one to one* where neither gene has another ortholog in the other species. Only such pairs carry counts from one
/// species to the other: of several orthologs nobody knows which one a count is of.
#[derive(Debug, Clone, Default)]
pub struct Orthologs {
    /// For each mouse gene its human orthologs.
    of_mouse: Vec<Partners>,
    /// For each human gene the mouse gene of a one-to-one pair.
    of_human: HashMap<u32, u32>,
}

#[derive(Debug, Clone, Default)]
enum Partners {
    #[default]
    None,
    One(u32),
    Many(Vec<u32>),
}

impl Orthologs {
    /// Resolves what the packaged table writes of each mouse gene; see [`super::KnownGenes`].
    pub(super) fn read(human: &GeneTable, mouse: &GeneTable, written: &[&str]) -> Result<Self, GenesError> {
        let by_symbol = UniqueSymbols::new(human);
        let mut orthologs = Self { of_mouse: Vec::with_capacity(written.len()), of_human: HashMap::new() };
        for ((position, gene), text) in (0u32..).zip(mouse.genes()).zip(written) {
            let partner = |text: &str| match text.strip_prefix('#') {
                Some(digits) => number(digits).and_then(|digits| human.position(&format!("ENSG{digits:011}"))),
                None if text.is_empty() => by_symbol.get(&gene.symbol),
                None => by_symbol.get(text),
            };
            let partner = |text: &str| partner(text).ok_or(GenesError::BadTable("an ortholog is no human gene"));
            orthologs.of_mouse.push(match text.split_at_checked(1) {
                None => Partners::None,
                Some(("=", one)) => {
                    let one = partner(one)?;
                    if orthologs.of_human.insert(one, position).is_some() {
                        return Err(GenesError::BadTable("a human gene has two one-to-one orthologs"));
                    }
                    Partners::One(one)
                }
                Some(("~", many)) => Partners::Many(many.split('|').map(partner).collect::<Result<_, _>>()?),
                Some(_) => return Err(GenesError::BadTable("orthologs are malformed")),
            });
        }
        Ok(orthologs)
    }

    /// The one-to-one ortholog of a gene of `species`, both as positions in the tables of their species.
    pub fn one_to_one(&self, species: Species, gene: u32) -> Option<u32> {
        match species {
            Species::Human => self.of_human.get(&gene).copied(),
            Species::Mouse => match self.of_mouse.get(gene as usize)? {
                Partners::One(human) => Some(*human),
                Partners::None | Partners::Many(_) => None,
            },
            Species::Other => None,
        }
    }

    /// All human orthologs of a mouse gene, however many.
    pub fn human_of(&self, mouse: u32) -> &[u32] {
        match self.of_mouse.get(mouse as usize) {
            Some(Partners::One(human)) => std::slice::from_ref(human),
            Some(Partners::Many(humans)) => humans,
            Some(Partners::None) | None => &[],
        }
    }

    /// Number of one-to-one pairs.
    pub fn n_one_to_one(&self) -> usize {
        self.of_human.len()
    }
}

/// Folded symbol → the one gene that has it.
struct UniqueSymbols(HashMap<String, Option<u32>>);

impl UniqueSymbols {
    fn new(table: &GeneTable) -> Self {
        let mut symbols = HashMap::with_capacity(table.genes().len());
        for (position, gene) in (0u32..).zip(table.genes()) {
            symbols.entry(name::folded(&gene.symbol)).and_modify(|entry| *entry = None).or_insert(Some(position));
        }
        Self(symbols)
    }

    fn get(&self, symbol: &str) -> Option<u32> {
        *self.0.get(&name::folded(symbol))?
    }
}
