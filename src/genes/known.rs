//! The packaged table of all named human and mouse genes, their other names and their orthologs: how it is read.

use std::io::Read;

use super::{Gene, GeneTable, GenesError, Orthologs, Species, name};

const HEADER: &str = "resitu genes 1";
/// The table is 1.6 MB of text in 0.7 MB; these leave room for ten times as much, and none for a bomb.
const MAX_PACKED_BYTES: usize = 8 << 20;
const MAX_TEXT_BYTES: u64 = 32 << 20;
/// Of a species. GENCODE has 79,000, half of them without a name.
const MAX_GENES: usize = 1 << 18;
const MAX_NAME_BYTES: usize = 64;
/// Eleven digits of an Ensembl id.
const MAX_ID: u64 = 99_999_999_999;

/// Every named human and mouse gene.
///
/// The file is gzip over ASCII lines: `resitu genes 1`; `# …` sources; `>human N` and N lines of genes; `>mouse N` and N
/// lines; `>end`. A line of a gene is `id symbol [aliases [orthologs]]`, separated by tabs: the number of the Ensembl id less
/// that of the line before (from 0), the current symbol, other names in capitals separated by `|`, and, for mouse genes, the
/// human orthologs after `=` (one to one) or `~` (otherwise), separated by `|`: a symbol that one gene has, `#` and the number
/// of the Ensembl id, or nothing for the gene of the same symbol. `scripts/genes.py` writes it; `docs/genes.md` tells from what.
#[derive(Debug, Clone)]
pub struct KnownGenes {
    pub(super) human: GeneTable,
    pub(super) mouse: GeneTable,
    pub(super) orthologs: Orthologs,
    sources: Vec<String>,
}

impl KnownGenes {
    /// Reads the packaged table. Takes about 0.2 s and 50 MB.
    ///
    /// # Errors
    /// `genes.bad-table` if a byte is not as described above, or a size is beyond what any annotation needs.
    pub fn read(packed: &[u8]) -> Result<Self, GenesError> {
        let text = unpack(packed)?;
        let mut lines = text.strip_suffix('\n').ok_or(bad("it does not end in a line"))?.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(bad("it is of another kind or version"));
        }
        let mut sources = Vec::new();
        while let Some(source) = lines.next_if(|line| line.starts_with('#')) {
            sources.push(source.trim_start_matches('#').trim().to_owned());
        }
        let (human, of_human) = read_species(&mut lines, Species::Human)?;
        if of_human.iter().any(|written| !written.is_empty()) {
            return Err(bad("a human gene has orthologs"));
        }
        let (mouse, of_mouse) = read_species(&mut lines, Species::Mouse)?;
        if lines.next() != Some(">end") || lines.next().is_some() {
            return Err(bad("it is cut short or goes on"));
        }
        let orthologs = Orthologs::read(&human, &mouse, &of_mouse)?;
        Ok(Self { human, mouse, orthologs, sources })
    }

    /// The table that this version of resitu comes with. Cannot fail on a build whose tests passed.
    #[cfg(feature = "cli")]
    pub fn packaged() -> Result<Self, GenesError> {
        Self::read(include_bytes!("../../models/human-mouse.genes"))
    }

    /// The genes of a species; `None` for species that are not in the table.
    pub fn table(&self, species: Species) -> Option<&GeneTable> {
        match species {
            Species::Human => Some(&self.human),
            Species::Mouse => Some(&self.mouse),
            Species::Other => None,
        }
    }

    /// Who is whose ortholog.
    pub fn orthologs(&self) -> &Orthologs {
        &self.orthologs
    }

    /// What the table was made from: sentences with versions and licences.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }
}

fn bad(reason: &'static str) -> GenesError {
    GenesError::BadTable(reason)
}

fn unpack(packed: &[u8]) -> Result<String, GenesError> {
    if packed.len() > MAX_PACKED_BYTES {
        return Err(bad("it is too large"));
    }
    let mut rest = packed;
    let mut text = String::new();
    let mut decoder = flate2::bufread::GzDecoder::new(&mut rest);
    let read = decoder.by_ref().take(MAX_TEXT_BYTES + 1).read_to_string(&mut text);
    read.map_err(|_| bad("it is no gzip, damaged, or no text"))?;
    if text.len() as u64 > MAX_TEXT_BYTES {
        return Err(bad("it is too large"));
    }
    if !text.is_ascii() {
        return Err(bad("it holds letters that no gene name has"));
    }
    if !rest.is_empty() {
        return Err(bad("something follows the gzip"));
    }
    Ok(text)
}

/// The genes of a section, and what each line says of orthologs.
fn read_species<'a>(
    lines: &mut impl Iterator<Item = &'a str>,
    species: Species,
) -> Result<(GeneTable, Vec<&'a str>), GenesError> {
    let (title, prefix) = match species {
        Species::Mouse => (">mouse ", "ENSMUSG"),
        _ => (">human ", "ENSG"),
    };
    let count = lines.next().and_then(|line| line.strip_prefix(title)).and_then(number);
    let count = count.and_then(|count| usize::try_from(count).ok()).ok_or(bad("a species is missing"))?;
    if count == 0 || count > MAX_GENES {
        return Err(bad("a species has no gene or too many"));
    }
    let (mut genes, mut orthologs) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let mut id = 0u64;
    for _ in 0..count {
        let mut fields = lines.next().ok_or(bad("it is cut short or goes on"))?.split('\t');
        let step = fields.next().and_then(number).filter(|step| *step > 0).ok_or(bad("an id does not grow"))?;
        id = id.checked_add(step).filter(|id| *id <= MAX_ID).ok_or(bad("an id is too large"))?;
        let symbol = fields.next().filter(|name| is_name(name)).ok_or(bad("a symbol is malformed"))?;
        let aliases = read_aliases(fields.next().unwrap_or_default())?;
        orthologs.push(fields.next().unwrap_or_default());
        if fields.next().is_some() {
            return Err(bad("a line has too many fields"));
        }
        genes.push(Gene { ensembl: format!("{prefix}{id:011}"), symbol: symbol.to_owned(), aliases });
    }
    Ok((GeneTable::new(species, genes), orthologs))
}

fn read_aliases(text: &str) -> Result<Vec<String>, GenesError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let aliases: Vec<String> = text.split('|').map(str::to_owned).collect();
    let sorted = aliases.windows(2).all(|pair| pair[0] < pair[1]);
    let folded = aliases.iter().all(|alias| is_name(alias) && name::folded(alias) == *alias);
    if sorted && folded { Ok(aliases) } else { Err(bad("an alias is malformed or out of order")) }
}

/// Visible ASCII but for the separator.
fn is_name(text: &str) -> bool {
    (1..=MAX_NAME_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'|')
}

/// Digits alone, as the writer writes them: `parse` would take a sign.
pub(super) fn number(text: &str) -> Option<u64> {
    let canonical = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if canonical { text.parse().ok() } else { None }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use super::*;

    pub const SMALL: &str = "resitu genes 1\n# made up\n>human 4\n65427\tKARS1\tDFNB89|KARS\n1\tKLRC1\n1\tY_RNA\n1\tY_RNA\n\
        >mouse 3\n7\tKars1\tKARS\t=\n1\tKlrc1\t\t~|#65429\n5\tGm1\n>end\n";

    pub fn pack(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_table_is_read_as_it_is_written() {
        let known = KnownGenes::read(&pack(SMALL)).unwrap();
        assert_eq!(known.sources(), ["made up"]);
        let human = known.table(Species::Human).unwrap();
        let kars = human.find("kars").unwrap();
        assert_eq!((kars.ensembl.as_str(), kars.symbol.as_str()), ("ENSG00000065427", "KARS1"));
        assert_eq!(human.find("ENSG00000065428.7").unwrap().symbol, "KLRC1");
        assert!(human.find("Y_RNA").is_none(), "a symbol of two genes");
        let mouse = known.table(Species::Mouse).unwrap();
        assert_eq!(mouse.genes()[2].ensembl, "ENSMUSG00000000013");
        let orthologs = known.orthologs();
        assert_eq!(orthologs.one_to_one(Species::Mouse, 0), Some(0));
        assert_eq!(orthologs.one_to_one(Species::Human, 0), Some(0));
        assert_eq!(orthologs.one_to_one(Species::Mouse, 1), None, "one of several carries no counts");
        assert_eq!(orthologs.human_of(1), [1, 2]);
        assert_eq!(orthologs.n_one_to_one(), 1);
    }

    #[test]
    fn tables_that_break_a_rule_are_refused() {
        let damage = [
            ("resitu genes 1", "resitu genes 2"),
            (">human 4", ">human 5"),
            (">human 4", ">human 3"),
            (">human 4", ">human 0"),
            (">human 4", ">human +4"),
            (">human 4", ">human 99999999999999999999"),
            (">mouse 3", ">rat 3"),
            ("\n1\tKLRC1", "\n0\tKLRC1"),
            ("\n1\tKLRC1", "\n-1\tKLRC1"),
            ("\n1\tKLRC1", "\n99999999999\tKLRC1"),
            ("\tKLRC1", "\t"),
            ("\tKLRC1", "\tKLR C1"),
            ("DFNB89|KARS", "KARS|DFNB89"),
            ("DFNB89|KARS", "DFNB89||KARS"),
            ("DFNB89|KARS", "DFNB89|kars"),
            ("DFNB89|KARS\n", "DFNB89|KARS\t=\n"),
            ("\tKARS\t=", "\tKARS\t=NOSUCH"),
            ("\tKARS\t=", "\tKARS\t?"),
            ("\tKARS\t=", "\tKARS\té"),
            ("\tKARS\t=", "\tKARS\t=\t"),
            ("\t~|#65429", "\t=KARS1"),
            ("\t~|#65429", "\t~|#1"),
            (">end\n", ">end"),
            (">end\n", ">end\n\n"),
            (">end\n", ""),
        ];
        for (from, to) in damage {
            assert!(SMALL.contains(from), "{from:?}");
            let text = SMALL.replacen(from, to, 1);
            assert!(matches!(KnownGenes::read(&pack(&text)), Err(GenesError::BadTable(_))), "{from:?} {to:?}");
        }
        let followed = [pack(SMALL), vec![0]].concat();
        assert!(KnownGenes::read(&followed).is_err());
        assert!(KnownGenes::read(&[]).is_err());
    }

    #[test]
    fn a_gzip_bomb_is_refused() {
        let bomb = pack(&" ".repeat(MAX_TEXT_BYTES as usize + 1));
        assert!(bomb.len() < MAX_PACKED_BYTES);
        assert_eq!(KnownGenes::read(&bomb).unwrap_err(), bad("it is too large"));
    }

    #[test]
    fn damaged_bytes_are_an_error_or_a_table_and_never_a_panic() {
        let text = SMALL.as_bytes();
        for position in 0..text.len() {
            for byte in [0, b'\t', b'\n', b'|', b'0', b'9', b'#', b'=', b'A', 0xff] {
                let mut damaged = text.to_vec();
                damaged[position] = byte;
                // Packed anew, so that the checksum of gzip does not hide the reader from the damage.
                if let Ok(damaged) = String::from_utf8(damaged) {
                    let _ = KnownGenes::read(&pack(&damaged));
                }
            }
            let _ = KnownGenes::read(&pack(&SMALL[..position]));
        }
        let packed = pack(SMALL);
        for position in 0..packed.len() {
            assert!(KnownGenes::read(&packed[..position]).is_err(), "cut at {position}");
            for bit in 0..8 {
                let mut damaged = packed.clone();
                damaged[position] ^= 1 << bit;
                let _ = KnownGenes::read(&damaged);
            }
        }
    }
}
