//! What translations promise, with a tiny network.

use burn::tensor::{Bool, Int, Tensor};

use super::testing::{MAX_TOKENS, N_GENES, config, counts, dataset, draft, gene_names, good_dataset, load, translator};
use super::*;
use crate::bundle::{Bundle, Draft, Quantized};
use crate::cells::Csr;
use crate::io::Dataset;
use crate::model::{Device, TranslatorModel, load_weights};
use crate::rank;
use crate::{Error, Explain};

fn translate(translator: &Translator, dataset: &Dataset) -> Translation {
    let mut job = translator.start(dataset, Options::default()).unwrap();
    while !job.is_finished() {
        block_on(job.step(translator, dataset)).unwrap();
    }
    job.finish().unwrap()
}

/// Numbers of two translations agree, NaN with NaN, within `tolerance`.
fn assert_close(a: &Translation, b: &Translation, tolerance: f32) {
    // Expected counts are shares times a hundred or so.
    for (a, b, scale) in [(&a.expression, &b.expression, 120.0), (&a.composition, &b.composition, 1.0)] {
        assert_eq!(a.len(), b.len());
        for (a, b) in a.iter().zip(b) {
            assert!((a - b).abs() <= tolerance * scale || (a.is_nan() && b.is_nan()), "{a} {b}");
        }
    }
    assert_eq!((&a.state, &a.niche), (&b.state, &b.niche));
}

#[test]
fn results_do_not_depend_on_batches_or_chunks() {
    // Cells repeat every hundred rows, and a chunk ends at row 2,048: the same cell meets different company.
    let dataset = good_dataset(2_300);
    let whole = translate(&translator(), &dataset);
    for row in 100..whole.n_cells {
        let (a, b) = (whole.composition_of(row), whole.composition_of(row - 100));
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5 || (a.is_nan() && b.is_nan())));
        assert_eq!(whole.state[row], whole.state[row - 100]);
    }
    let few = good_dataset(100);
    let together = translate(&translator(), &few);
    for tokens in [1, 64, 500] {
        assert_close(&together, &translate(&translator().with_batch_tokens(tokens), &few), 1e-5);
    }
}

#[test]
fn a_translation_is_what_the_network_says_of_each_cell_alone() {
    let (translator, dataset, draft) = (translator(), good_dataset(30), draft(1));
    let about = &draft.description;
    let result = translate(&translator, &dataset);
    let device = Device::flex();
    let model = TranslatorModel::new(&config(), &device).unwrap();
    let model = load_weights(model, draft.weights.iter().map(|weight| weight.tensor.clone()), &device).unwrap();
    let matching = draft.vocabulary.match_genes(dataset.var_columns()).unwrap();
    let panel: Vec<i32> = about.panel.iter().map(|entry| entry.gene as i32 + 2).collect();
    let matrix = counts(30);
    for row in 0..30 {
        let (columns, values) = matrix.row(row);
        let total = rank::row_total(values);
        let ranked = rank::encode(columns, values, total, &matching, &draft.vocabulary, MAX_TOKENS).unwrap();
        if ranked.is_empty() {
            continue;
        }
        let ids: Vec<i32> = ranked.iter().map(|gene| *gene as i32 + 2).collect();
        let tokens = Tensor::<1, Int>::from_data(ids.as_slice(), &device).unsqueeze::<2>();
        let types = tokens.zeros_like();
        let padding: Tensor<2, Bool> = tokens.clone().equal_elem(0);
        let z = model.embed(tokens, types, padding);
        let said = model.read(z.clone(), Tensor::from_data(panel.as_slice(), &device));
        let shares = said.shares.try_into_vec_as::<f32>().unwrap();
        for (expected, share) in result.expression_of(row).iter().zip(shares) {
            assert!((expected - share * 120.0).abs() < 1e-3, "{expected} {share}");
        }
        let composition = said.composition.try_into_vec_as::<f32>().unwrap();
        assert!(result.composition_of(row).iter().zip(&composition).all(|(a, b)| (a - b).abs() < 1e-5));
        assert!((result.composition_of(row).iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert!((result.expression_of(row).iter().sum::<f32>() - 120.0).abs() < 1e-2);
        let embedding = said.embedding.try_into_vec_as::<f32>().unwrap();
        let placer = Placer::new(translator.reference().clone(), about.placement, about.calibration.clone()).unwrap();
        assert_eq!(result.positions[row * 2..][..2], placer.place(&embedding)[0].position);

        let mine = translator.tokens(&dataset.rows(row..row + 1).unwrap(), &matching).unwrap();
        let hidden = block_on(translator.embed_tokens(&mine, 0)).unwrap();
        let z = z.try_into_vec_as::<f32>().unwrap();
        assert!(hidden.iter().zip(&z).all(|(a, b)| (a - b).abs() < 1e-5));
    }
    let distinct: std::collections::HashSet<u32> = result.positions.iter().map(|x| x.to_bits()).collect();
    assert!(distinct.len() > 6, "the network must depend on its input for this test to mean anything");
}

#[test]
fn every_row_is_reported_once_and_empty_cells_are_nan() {
    let (translator, dataset) = (translator().with_batch_tokens(200), good_dataset(100));
    let mut job = translator.start(&dataset, Options { seed: 7, ..Options::default() }).unwrap();
    let mut rows = Vec::new();
    while !job.is_finished() {
        let step = block_on(job.step(&translator, &dataset)).unwrap();
        rows.extend(step.rows);
        assert_eq!((step.done, step.total), (rows.len(), 100));
    }
    rows.sort_unstable();
    assert_eq!(rows, (0..100).collect::<Vec<u32>>());
    let result = job.finish().unwrap();
    assert_eq!(result.empty_cells, 10);
    for row in 0..100 {
        let empty = row % 10 == 9;
        let place =
            [result.positions[row * 2], result.positions[row * 2 + 1], result.spread_um[row], result.confidence[row]];
        for value in result.expression_of(row).iter().chain(result.composition_of(row)).chain(&place) {
            assert_eq!(value.is_nan(), empty, "row {row}");
        }
        assert_eq!(result.state[row] == NO_LABEL, empty);
        assert_eq!(result.niche[row] == NO_LABEL, empty);
    }
    let from = &result.provenance;
    assert_eq!((from.device.as_str(), from.seed, from.genes_matched), ("cpu", 7, N_GENES));
    assert_eq!((from.counts_matched, from.translator.len()), (1.0, 64));
}

#[test]
fn a_file_of_empty_cells_alone_comes_to_an_end() {
    let mut matrix = Csr::empty(N_GENES);
    (0..5).for_each(|_| matrix.push_row([]).unwrap());
    // A gene that the translator does not know: the values are counts, and the cells say nothing.
    let names = gene_names().into_iter().chain(["SOMETHING".to_owned()]).collect();
    let mut wide = Csr::empty(N_GENES + 1);
    (0..5).for_each(|_| wide.push_row([(N_GENES as u32, 3.0)]).unwrap());
    let result = translate(&translator(), &dataset(&wide, names, None, false));
    assert_eq!((result.empty_cells, result.provenance.counts_matched), (5, 0.0));
    assert_eq!(translate(&translator(), &dataset(&matrix, gene_names(), None, false)).empty_cells, 5);
}

#[test]
fn equal_inputs_give_equal_results() {
    let dataset = good_dataset(50);
    let (a, b) = (translate(&translator(), &dataset), translate(&translator(), &dataset));
    let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<u32>>();
    assert!(bits(&a.expression) == bits(&b.expression));
    assert!(bits(&a.positions) == bits(&b.positions));
    assert!(bits(&a.confidence) == bits(&b.confidence));
}

#[test]
fn a_job_goes_on_where_its_device_failed() {
    let dataset = good_dataset(100);
    let small = |translator: Translator| translator.with_batch_tokens(256);
    let (gpu, cpu) = (small(load(&draft(1), "webgpu")), small(translator()));
    // The same bundle on a device that computes rubbish.
    let mut broken = small(load(&draft(1), "webgpu"));
    broken.break_for_tests();

    let mut job = gpu.start(&dataset, Options::default()).unwrap();
    let first = block_on(job.step(&gpu, &dataset)).unwrap();
    let error = block_on(job.step(&broken, &dataset)).unwrap_err();
    assert_eq!(error.code(), "model.not-finite");
    let mut rows = first.rows;
    while !job.is_finished() {
        rows.extend(block_on(job.step(&cpu, &dataset)).unwrap().rows);
    }
    rows.sort_unstable();
    assert_eq!(rows, (0..100).collect::<Vec<u32>>());
    let result = job.finish().unwrap();
    assert_eq!(result.provenance.device, "webgpu + cpu");
    assert_close(&result, &translate(&cpu, &dataset), 1e-5);

    // A failure in the very first step must not lose the empty cells of the chunk.
    let mut job = gpu.start(&dataset, Options::default()).unwrap();
    block_on(job.step(&broken, &dataset)).unwrap_err();
    let mut rows = Vec::new();
    while !job.is_finished() {
        rows.extend(block_on(job.step(&cpu, &dataset)).unwrap().rows);
    }
    assert_eq!((rows.len(), job.finish().unwrap().empty_cells), (100, 10));
}

#[test]
fn other_inputs_and_early_ends_are_refused() {
    let (ours, dataset) = (translator(), good_dataset(20));
    let mut job = ours.start(&dataset, Options::default()).unwrap();
    let code = |result: Result<Step, Error>| result.unwrap_err().code();
    assert_eq!(code(block_on(job.step(&ours, &good_dataset(21)))), "translate.other-input");
    let other = load(&draft(2), "cpu");
    assert_eq!(code(block_on(job.step(&other, &dataset))), "translate.other-input");
    assert_eq!(job.finish().unwrap_err().code(), "translate.unfinished");
}

#[test]
fn what_cannot_be_translated_is_refused() {
    let translator = translator();
    let refused = |dataset: &Dataset| {
        let code = translator.start(dataset, Options::default()).err().unwrap().code();
        assert_eq!(block_on(translator.check(dataset, &|| 0.0)).unwrap_err().code(), code);
        code
    };
    let good = counts(20);
    let log = {
        let (indptr, indices, values) = good.parts();
        let values = values.iter().map(|value| (value * 1.7).ln_1p()).collect();
        Csr::new(N_GENES, indptr.to_vec(), indices.to_vec(), values).unwrap()
    };
    assert_eq!(refused(&dataset(&log, gene_names(), None, false)), "translate.not-counts");
    let with_counts = dataset(&log, gene_names(), Some(&good), false);
    match translator.start(&with_counts, Options::default()).err() {
        Some(Error::Translate(TranslateError::NotCounts { instead, .. })) => {
            assert_eq!(instead.as_deref(), Some("layers/counts"));
        }
        other => panic!("{other:?}"),
    }
    let mut with_counts = with_counts;
    with_counts.use_matrix("layers/counts").unwrap();
    assert!(translator.start(&with_counts, Options::default()).is_ok());

    let numbered = (0..N_GENES).map(|gene| format!("probe_{gene}_at")).collect();
    assert_eq!(refused(&dataset(&good, numbered, None, false)), "genes.no-overlap");
    let mouse = (0..N_GENES).map(|gene| format!("Gene{gene}")).collect();
    assert_eq!(refused(&dataset(&good, mouse, None, false)), "genes.wrong-species");
}

#[test]
fn the_check_says_what_to_expect() {
    let translator = translator();
    // GENE1 and GENE39 of the panel are missing; a clock that moves 10 ms whenever it is looked at.
    let names = gene_names().into_iter().map(|name| match name.as_str() {
        "GENE1" | "GENE39" => format!("UNHEARD-OF-{name}"),
        _ => name,
    });
    let dataset = dataset(&counts(600), names.collect(), None, true);
    let clock = std::cell::Cell::new(0.0);
    let now = || {
        clock.set(clock.get() + 10.0);
        clock.get()
    };
    let report = block_on(translator.check(&dataset, &now)).unwrap();
    assert_eq!(report.cells, 600);
    assert_eq!((report.genes.matched, report.genes.total), (38, 40));
    assert_eq!((report.genes.vocabulary_matched, report.genes.vocabulary_total), (38, 40));
    assert_eq!(report.genes.panel_missing, ["GENE1", "GENE39"]);
    assert!(report.genes.counts_matched > 0.9 && report.genes.counts_matched < 1.0);
    // 16 cells padded to at most 32 tokens in 10 ms: 600 cells, a tenth of them empty, in 0.1 to 0.4 s.
    assert!(report.estimated_seconds > 0.1 && report.estimated_seconds < 0.4, "{}", report.estimated_seconds);
    assert!(report.estimated_bytes > 600.0 * 7.0 * 4.0);
    let warned = |about: &str| report.warnings.iter().any(|warning| warning.contains(about));
    assert!(warned("coordinates") && warned("no count of a known gene") && warned("too few"), "{:?}", report.warnings);
    let json = serde_json::to_value(&report).unwrap();
    for field in ["estimatedSeconds", "estimatedBytes", "valueKind"] {
        assert!(json.get(field).is_some(), "{field}");
    }
    let trial = block_on(translator.trial(20, &now)).unwrap();
    assert_eq!(trial, 10.0 / (16.0 * 24.0));
}

#[test]
fn bundles_that_are_no_translator_are_refused() {
    let refused = |spoil: &dyn Fn(&mut Draft)| {
        let mut draft = draft(1);
        spoil(&mut draft);
        let file = Bundle::write(&draft).unwrap();
        Translator::load(&file, Device::flex(), "cpu").err().map(|error| error.code())
    };
    assert_eq!(refused(&|_| ()), None);
    assert_eq!(refused(&|d| drop(d.weights.pop())), Some("model.missing-tensor"));
    assert_eq!(refused(&|d| d.weights[0].tensor.shape.reverse()), Some("model.bad-shape"));
    assert_eq!(
        refused(&|d| d.description.sections.push(d.description.sections[0].clone())),
        Some("translate.bad-translator")
    );
    let zeros = |d: &mut Draft| {
        let zeros = vec![0.0; d.reference.len() * d.reference.embeddings.width()];
        d.reference.embeddings = Quantized::new(d.reference.embeddings.width(), &zeros).unwrap();
    };
    assert_eq!(refused(&zeros), Some("translate.bad-translator"));
    assert_eq!(Translator::load(b"PK", Device::flex(), "cpu").err().unwrap().code(), "bundle.not-a-zip");
}

#[test]
fn the_card_has_the_fields_of_the_public_type() {
    let card = serde_json::to_value(translator().card()).unwrap();
    for field in ["sha256", "modelCard", "parameters", "niches", "sources"] {
        assert!(card.get(field).is_some(), "{field}");
    }
    assert_eq!((&card["reference"]["nCells"], &card["directions"][0]), (&90.into(), &"sc-to-st".into()));
}

#[test]
fn tokens_that_are_no_genes_are_refused() {
    let translator = translator();
    let code =
        |cells: &[Vec<u32>], technology| block_on(translator.embed_tokens(cells, technology)).unwrap_err().code();
    assert_eq!(code(&[vec![1]], 0), "rank.bad-shape");
    assert_eq!(code(&[vec![N_GENES as u32 + 2]], 0), "rank.bad-shape");
    assert_eq!(code(&[vec![5; MAX_TOKENS + 1]], 0), "rank.bad-shape");
    assert_eq!(code(&[vec![5]], 2), "rank.bad-shape");
    let z = block_on(translator.embed_tokens(&[vec![], vec![5]], 1)).unwrap();
    assert!(z[..32].iter().all(|value| value.is_nan()) && z[32..].iter().all(|value| value.is_finite()));
}

#[test]
fn files_hold_the_translation_and_say_what_it_is() {
    let (translator, dataset) = (translator(), good_dataset(100));
    let result = translate(&translator, &dataset);
    let bytes = result.to_h5ad(&dataset).unwrap();
    let written = Dataset::open(Box::new(crate::io::BytesSource::new(bytes.clone()))).unwrap();
    assert_eq!((written.n_cells(), written.n_genes()), (100, 7));
    assert_eq!(written.gene_names(), ["GENE3", "GENE1", "GENE20", "GENE39", "GENE0", "GENE8", "GENE7"]);
    assert_eq!(written.obs_names().unwrap(), dataset.obs_names().unwrap());
    assert_eq!(written.labels("side").unwrap(), dataset.labels("side").unwrap());
    let states = written.labels("resitu_state").unwrap();
    assert_eq!((states.codes[9], states.codes[0]), (-1, i32::from(result.state[0])));
    let xy = written.coordinates().unwrap().unwrap().xy;
    assert_eq!(xy[0], [f64::from(result.positions[0]), f64::from(result.positions[1])]);
    let row = written.rows(0..1).unwrap();
    let written_row: Vec<f32> = row.row(0).1.to_vec();
    assert_eq!(written_row, result.expression_of(0));

    let csv = String::from_utf8(result.to_csv(&dataset).unwrap()).unwrap();
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 101);
    assert!(lines.iter().all(|line| line.len() == 7 + 5 + 7));
    assert_eq!((lines[0][7], lines[0][12], lines[1][0]), ("neighbours: state 0", "GENE3", "cell-0"));
    assert_eq!(lines[1][12].parse::<f32>().unwrap(), result.expression_of(0)[0]);
    assert!(lines[10][1..].iter().all(|field| field.is_empty()), "cells without counts have empty fields");
    assert_eq!(result.to_h5ad(&good_dataset(5)).unwrap_err().code(), "translate.other-input");
}
