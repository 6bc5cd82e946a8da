//! The genes that all samples have, and where each sample keeps them.

use std::collections::HashMap;

use super::super::{
    IoError,
    reader::Reader,
    table::{MemoryTable, Table},
};

/// The shared genes of one matrix of all samples.
pub(super) struct SharedGenes {
    /// In the order of the first sample.
    pub(super) table: MemoryTable,
    /// For each sample, the number here of each of its genes; `None` where they are the shared genes in the same order.
    pub(super) numbers: Vec<Option<Vec<Option<u32>>>>,
    /// Genes left out, over all samples.
    pub(super) n_left_out: usize,
}

impl SharedGenes {
    /// Compares the genes by `gene_ids`, where every sample has them and they are unique, else by name; of a name that is there
    /// several times, the first stands for the first, and so on.
    pub(super) fn of(readers: &[Box<dyn Reader>], matrix: &str) -> Result<Self, IoError> {
        let vars = readers.iter().map(|reader| reader.var(matrix)).collect::<Result<Vec<_>, _>>()?;
        let keys = keys(&vars)?;
        let (first, others) = keys.split_first().ok_or(IoError::NoMatrix)?;
        let mut seen: HashMap<&Key, usize> = first.iter().map(|key| (key, 0)).collect();
        for other in others {
            for key in other {
                seen.entry(key).and_modify(|count| *count += 1);
            }
        }
        let is_shared = |key: &Key| seen.get(key) == Some(&others.len());
        let kept: Vec<usize> = (0..first.len()).filter(|&gene| is_shared(&first[gene])).collect();
        let number: HashMap<&Key, u32> = kept.iter().map(|&gene| &first[gene]).zip(0..).collect();
        let mut n_left_out = 0;
        let numbers = keys.iter().map(|keys| {
            let numbers: Vec<Option<u32>> = keys.iter().map(|key| number.get(key).copied()).collect();
            n_left_out += numbers.iter().filter(|number| number.is_none()).count();
            let is_same = numbers.iter().zip(0..).all(|(number, at)| *number == Some(at));
            (!is_same).then_some(numbers)
        });
        let numbers = numbers.collect();
        let table = MemoryTable::of_rows(&*vars[0], &kept)?;
        Ok(Self { table, numbers, n_left_out })
    }
}

/// A gene's name, and how often it was there before.
type Key = (String, u32);

fn keys(vars: &[Box<dyn Table + '_>]) -> Result<Vec<Vec<Key>>, IoError> {
    let ids: Option<Vec<Vec<Key>>> = vars
        .iter()
        .map(|var| var.column_as_texts("gene_ids").ok().map(counted).filter(|keys| is_unique(keys)))
        .collect();
    match ids {
        Some(ids) => Ok(ids),
        None => vars.iter().map(|var| var.index().map(counted)).collect(),
    }
}

fn is_unique(keys: &[Key]) -> bool {
    keys.iter().all(|(name, before)| *before == 0 && !name.is_empty())
}

fn counted(names: Vec<String>) -> Vec<Key> {
    let mut seen: HashMap<String, u32> = HashMap::with_capacity(names.len());
    let count = |name: String| {
        let times = seen.entry(name.clone()).or_insert(0);
        *times += 1;
        (name, *times - 1)
    };
    names.into_iter().map(count).collect()
}
