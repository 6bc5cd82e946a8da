//! What a translation promises: the same numbers whatever the batches, one report a row, and going on after a failure.

use burn::tensor::{Bool, Int, Tensor};
use resitu::bundle::Bundle;
use resitu::cells::Csr;
use resitu::model::{Device, TranslatorModel, load_weights};
use resitu::translate::{NO_LABEL, Options, Placer, Step, Translation, Translator, block_on};
use resitu::{Error, Explain, rank};

use super::support::*;

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
    // A device that computes rubbish, as a failing one may: weights that overflow under the good bundle's name.
    let mut rubbish = draft(1);
    let weight = rubbish.weights.iter_mut().find(|weight| weight.tensor.name == "niche.hidden.weight").unwrap();
    let signs = [f32::MAX, f32::MIN].into_iter().cycle();
    weight.tensor.values.iter_mut().zip(signs).for_each(|(value, huge)| *value = huge);
    let mut rubbish = Bundle::read(&Bundle::write(&rubbish).unwrap()).unwrap();
    rubbish.sha256 = gpu.sha256().to_owned();
    let broken = small(Translator::new(rubbish, Device::flex(), "webgpu").unwrap());

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
fn draws_of_positions_follow_the_doubt_and_the_seed() {
    let translator = translator();
    let translation = translate(&translator, &good_dataset(30));
    let draw = |seed, number| translation.draw_positions(seed, number);
    // As text, in which NaN equals NaN.
    let same = |a: Vec<[f64; 2]>, b: Vec<[f64; 2]>| format!("{a:?}") == format!("{b:?}");
    assert!(same(draw(1, 0), draw(1, 0)));
    assert!(!same(draw(1, 0), draw(1, 1)) && !same(draw(1, 0), draw(2, 0)));
    let places = &translator.reference().positions;
    for (cell, [x, y]) in draw(7, 3).into_iter().enumerate() {
        let empty = translation.positions[2 * cell].is_nan();
        assert!(if empty { x.is_nan() } else { places.contains(&[x as f32, y as f32]) }, "cell {cell}: {x} {y}");
    }
}
