//! The CSV and h5ad outputs.

use resitu::cells::{Column, Csr};
use resitu::io::{
    Coordinates, Csv, Dataset, Embedding, Field, H5adContents, IoError, Numbers, Table, Uns, Values, write_h5ad,
};

use super::report::{EnrichmentReport, Gene, Report, SimulatedStatistic, Statistic};

/// One row a gene, in the order of the file.
pub fn genes_csv(genes: &[Gene]) -> Vec<u8> {
    let simulated = genes.iter().any(|gene| gene.moran.simulated.is_some());
    let statistic = |name: &str| {
        let analytic = ["value", "expected", "variance", "z", "p", "q"];
        let permuted = ["mean_sim", "variance_sim", "z_sim", "p_z_sim", "p_sim", "q_sim"];
        let columns = analytic.into_iter().chain(permuted.into_iter().filter(|_| simulated));
        columns.map(|column| format!("{name}_{column}")).collect::<Vec<_>>()
    };
    let mut csv = Csv::new();
    let (moran, geary) = (statistic("moran"), statistic("geary"));
    let header = ["gene"].into_iter().chain(moran.iter().chain(&geary).map(String::as_str)).chain(["undefined"]);
    csv.line(header.map(Field::Text));
    for gene in genes {
        let numbers = numbers(&gene.moran, simulated).chain(numbers(&gene.geary, simulated)).map(Field::Number);
        let reason = Field::Text(gene.undefined.unwrap_or(""));
        csv.line([Field::Text(&gene.gene)].into_iter().chain(numbers).chain([reason]));
    }
    csv.finish()
}

fn numbers(statistic: &Statistic, with_simulated: bool) -> impl Iterator<Item = f64> {
    let Statistic { value, expected, variance, z, p, q, simulated } = *statistic;
    let permuted = match simulated {
        Some(test) => [test.mean_sim, test.variance_sim, test.z_sim, test.p_z_sim, test.p_sim, test.q_sim],
        None => [f64::NAN; 6],
    };
    [value, expected, variance, z, p, q].into_iter().chain(permuted.into_iter().filter(move |_| with_simulated))
}

/// One row a pair of labels.
pub fn enrichment_csv(found: &EnrichmentReport) -> Vec<u8> {
    let mut csv = Csv::new();
    csv.line(["label", "neighbour", "count", "mean", "deviation", "zscore"].map(Field::Text));
    for (row, label) in found.labels.iter().enumerate() {
        for (column, neighbour) in found.labels.iter().enumerate() {
            let pair = row * found.labels.len() + column;
            let numbers = [found.count[pair], found.mean[pair], found.deviation[pair], found.zscore[pair]];
            csv.line([Field::Text(label), Field::Text(neighbour)].into_iter().chain(numbers.map(Field::Number)));
        }
    }
    csv.finish()
}

/// The cells with their annotations and positions; results in `uns` under squidpy's names (`moranI`, `gearyC`,
/// `COLUMN_nhood_enrichment`), and how they were made in `uns["resitu"]`.
pub fn h5ad(report: &Report, cells: &Dataset, coordinates: &Coordinates, values: &Csr) -> Result<Vec<u8>, IoError> {
    let mut obs = Table { index: cells.obs_names()?, columns: Vec::new() };
    for info in cells.obs_columns() {
        obs.columns.push((info.name.clone(), cells.obs_column(&info.name)?));
    }
    let mut var = Table { index: cells.gene_names().to_vec(), columns: Vec::new() };
    for (name, texts) in cells.var_columns() {
        if name != cells.gene_names_from() {
            var.columns.push((name.clone(), Column::Text(texts.clone())));
        }
    }
    let positions = coordinates.xy.concat();
    let mut uns = vec![("resitu".to_owned(), how(report)?)];
    if let Some(genes) = &report.genes {
        uns.push(("moranI".to_owned(), Uns::Table(squidpy_table(genes, "I", |gene| &gene.moran, true))));
        uns.push(("gearyC".to_owned(), Uns::Table(squidpy_table(genes, "C", |gene| &gene.geary, false))));
    }
    if let Some(found) = &report.enrichment {
        let matrix = |values: &[f64]| Uns::Matrix { n_cols: found.labels.len(), values: values.to_vec() };
        let entries = vec![("zscore".to_owned(), matrix(&found.zscore)), ("count".to_owned(), matrix(&found.count))];
        uns.push((format!("{}_nhood_enrichment", found.column), Uns::Nested(entries)));
    }
    write_h5ad(&H5adContents {
        x: Values::Sparse(values),
        obs,
        var,
        layers: Vec::new(),
        obsm: vec![("spatial".to_owned(), Embedding { width: 2, values: Numbers::F64(&positions) })],
        uns,
    })
}

/// A table with the columns of squidpy's `spatial_autocorr`, sorted as there: the strongest pattern first.
fn squidpy_table(genes: &[Gene], name: &str, pick: impl Fn(&Gene) -> &Statistic, descending: bool) -> Table {
    let mut order: Vec<&Gene> = genes.iter().collect();
    // NaN goes last, as pandas puts it.
    let key = |gene: &Gene| match pick(gene).value {
        value if value.is_nan() => f64::INFINITY,
        value if descending => -value,
        value => value,
    };
    order.sort_by(|a, b| key(a).total_cmp(&key(b)));
    let column = |of: &dyn Fn(&Statistic) -> f64| Column::Numbers(order.iter().map(|gene| of(pick(gene))).collect());
    let simulated = |of: fn(&SimulatedStatistic) -> f64| {
        column(&|statistic: &Statistic| statistic.simulated.as_ref().map_or(f64::NAN, of))
    };
    let mut columns = vec![
        (name.to_owned(), column(&|statistic| statistic.value)),
        ("pval_norm".to_owned(), column(&|statistic| statistic.p)),
        ("var_norm".to_owned(), column(&|statistic| statistic.variance)),
    ];
    if genes.iter().any(|gene| pick(gene).simulated.is_some()) {
        columns.extend([
            ("pval_z_sim".to_owned(), simulated(|test| test.p_z_sim)),
            ("pval_sim".to_owned(), simulated(|test| test.p_sim)),
            ("var_sim".to_owned(), simulated(|test| test.variance_sim)),
        ]);
    }
    columns.push(("pval_norm_fdr_bh".to_owned(), column(&|statistic| statistic.q)));
    if columns.len() > 4 {
        columns.push(("pval_sim_fdr_bh".to_owned(), simulated(|test| test.q_sim)));
    }
    Table { index: order.iter().map(|gene| gene.gene.clone()).collect(), columns }
}

/// Everything of the report that is not a result.
fn how(report: &Report) -> Result<Uns, IoError> {
    let part = |value: serde_json::Result<serde_json::Value>| match value {
        Ok(value) => Ok(to_uns(&value)),
        Err(error) => Err(IoError::WriteFailed(error.to_string())),
    };
    let mut entries = vec![
        ("version".to_owned(), Some(Uns::from(report.resitu))),
        ("input".to_owned(), part(serde_json::to_value(&report.input))?),
        ("graph".to_owned(), part(serde_json::to_value(&report.graph))?),
        ("notes".to_owned(), Some(Uns::Texts(report.notes.clone())).filter(|_| !report.notes.is_empty())),
    ];
    if let Some(test) = &report.test {
        entries.push(("test".to_owned(), part(serde_json::to_value(test))?));
    }
    if let Some(found) = &report.enrichment {
        let mut how = vec![("column".to_owned(), Uns::Text(found.column.clone()))];
        how.push(("labels".to_owned(), Uns::Texts(found.labels.clone())));
        how.push(("permutations".to_owned(), Uns::Integer(found.permutations as i64)));
        entries.push(("enrichment".to_owned(), Some(Uns::Nested(how))));
    }
    Ok(Uns::Nested(entries.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()))
}

/// A flat JSON object as an entry of `uns`; nulls are left out.
fn to_uns(value: &serde_json::Value) -> Option<Uns> {
    use serde_json::Value;
    match value {
        Value::Null | Value::Array(_) => None,
        Value::Bool(value) => Some(Uns::Text(value.to_string())),
        Value::Number(value) => {
            Some(value.as_i64().map_or(Uns::Number(value.as_f64().unwrap_or(f64::NAN)), Uns::Integer))
        }
        Value::String(value) => Some(Uns::Text(value.clone())),
        Value::Object(entries) => {
            let entries = entries.iter().filter_map(|(name, value)| Some((name.clone(), to_uns(value)?)));
            Some(Uns::Nested(entries.collect()))
        }
    }
}
