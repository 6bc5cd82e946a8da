//! A damaged or forged bundle is refused with the right code, never read wrongly, and never makes the reader panic.

use super::support::{draft, entries, entry, forge, pack};
use resitu::Explain;
use resitu::bundle::Bundle;
use serde_json::{Value, json};

fn bundle() -> Vec<u8> {
    Bundle::write(&draft()).unwrap()
}

/// What reading leads to: the code of the error, or "read".
fn outcome(file: &[u8]) -> &'static str {
    match Bundle::read(file).and_then(|bundle| bundle.weights.tensors()) {
        Ok(_) => "read",
        Err(error) => error.code(),
    }
}

#[test]
fn every_truncation_is_refused() {
    let file = bundle();
    assert_eq!(outcome(&file), "read");
    for length in 0..file.len() {
        let code = outcome(&file[..length]);
        assert!(matches!(code, "bundle.not-a-zip" | "bundle.bad-archive"), "{length} bytes: {code}");
    }
    assert_ne!(outcome(&[&file[..], b"more"].concat()), "read");
    assert_ne!(outcome(&[b"more", &file[..]].concat()), "read");
}

#[test]
fn every_flipped_bit_is_refused_or_changes_nothing() {
    let mut file = bundle();
    let original = Bundle::read(&file).unwrap();
    let weights = original.weights.tensors().unwrap();
    let mut harmless = 0;
    for at in 0..file.len() {
        for bit in 0..8 {
            file[at] ^= 1 << bit;
            if let Ok(read) = Bundle::read(&file) {
                harmless += 1;
                assert_eq!(read.manifest, original.manifest, "bit {bit} of byte {at}");
                assert_eq!(read.vocabulary.to_tsv(), original.vocabulary.to_tsv());
                assert_eq!(read.weights.tensors().unwrap(), weights);
                assert_eq!(read.reference, original.reference);
                assert_eq!(read.model_card, original.model_card);
                assert_ne!(read.sha256, original.sha256);
            }
            file[at] ^= 1 << bit;
        }
    }
    // Of each directory record only the writer's version, the internal and external attributes say nothing: 8 bytes.
    // Of each deflated entry the bits after its last block say nothing: at most 7.
    assert!(harmless <= 5 * 8 * 8 + 3 * 7, "{harmless} flips went unnoticed");
}

#[test]
fn other_files_are_not_bundles() {
    for file in [&b""[..], b"PK", b"<!DOCTYPE html>", b"\x89HDF\r\n\x1a\n", &[0; 100]] {
        assert_eq!(outcome(file), "bundle.not-a-zip");
    }
    assert_eq!(outcome(b"PK\x03\x04"), "bundle.bad-archive");
}

#[test]
fn entries_must_be_the_five_and_no_others() {
    let with = |change: fn(&mut Vec<(String, Vec<u8>)>)| {
        let mut all = entries(&bundle());
        change(&mut all);
        outcome(&pack(&all))
    };
    assert_eq!(with(|_| {}), "read");
    assert_eq!(with(|all| all.reverse()), "read");
    assert_eq!(with(|all| drop(all.pop())), "bundle.missing-entry");
    assert_eq!(with(|all| all.clear()), "bundle.not-a-zip");
    for path in ["../genes.tsv", "/etc/passwd", "C:\\x", "a/b", "genes.tsv/", "..", "genes.tsv\0"] {
        let mut all = entries(&bundle());
        all[2].0 = path.into();
        assert_eq!(outcome(&pack(&all)), "bundle.unsafe-path", "{path:?}");
    }
    assert_eq!(with(|all| all[2].0 = "Genes.tsv".into()), "bundle.unexpected-entry");
    assert_eq!(with(|all| all.push(("extra.txt".into(), vec![]))), "bundle.unexpected-entry");
}

/// Where the directory records of a bundle begin, in order.
fn records(file: &[u8]) -> Vec<usize> {
    let found =
        file.windows(4).enumerate().filter(|(_, bytes)| *bytes == b"PK\x01\x02").map(|(at, _)| at).collect::<Vec<_>>();
    assert_eq!(found.len(), 5);
    found
}

fn set_u32(file: &mut [u8], at: usize, value: u32) {
    file[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

#[test]
fn entries_may_not_overlap_or_leave_holes() {
    let mut file = bundle();
    let records = records(&file);
    // The second record is made a copy of the first: one name, one place, twice.
    let mut twice = entries(&file);
    twice[1].0 = "manifest.jsom".into();
    let mut twice = pack(&twice);
    while let Some(at) = twice.windows(13).position(|bytes| bytes == b"manifest.jsom") {
        twice[at..at + 13].copy_from_slice(b"manifest.json");
    }
    assert_eq!(outcome(&twice), "bundle.duplicate-entry");
    // Offsets that point elsewhere.
    for offset in [1, 30, u32::MAX, u32::MAX - 10, file.len() as u32] {
        let mut file = file.clone();
        set_u32(&mut file, records[3] + 42, offset);
        assert_eq!(outcome(&file), "bundle.bad-archive", "offset {offset}");
    }
    // An entry that claims the bytes of the next one, consistently in both its headers.
    let (name_at, local) = (records[3], u32::from_le_bytes(file[records[3] + 42..][..4].try_into().unwrap()) as usize);
    let longer = u32::from_le_bytes(file[name_at + 20..][..4].try_into().unwrap()) + 40;
    for at in [name_at + 20, name_at + 24, local + 18, local + 22] {
        set_u32(&mut file, at, longer);
    }
    assert_eq!(outcome(&file), "bundle.bad-archive");
}

#[test]
fn a_bomb_is_not_unpacked() {
    // Half a megabyte of zeros shrinks a thousandfold.
    let mut all = entries(&bundle());
    *entry(&mut all, "MODEL_CARD.md") = vec![b' '; 1 << 19];
    assert_eq!(outcome(&pack(&all)), "bundle.too-large");
    // Sizes beyond what an entry may have, without the bytes to back them.
    for size in [2 << 20, u32::MAX] {
        let mut file = bundle();
        let record = records(&file)[1];
        let local = u32::from_le_bytes(file[record + 42..][..4].try_into().unwrap()) as usize;
        set_u32(&mut file, record + 24, size);
        set_u32(&mut file, local + 22, size);
        assert_eq!(outcome(&file), "bundle.too-large");
    }
    // A size that lies by one byte, either way.
    for lie in [-1, 1] {
        let mut file = bundle();
        let record = records(&file)[1];
        let local = u32::from_le_bytes(file[record + 42..][..4].try_into().unwrap()) as usize;
        let size = u32::from_le_bytes(file[record + 24..][..4].try_into().unwrap()).wrapping_add_signed(lie);
        set_u32(&mut file, record + 24, size);
        set_u32(&mut file, local + 22, size);
        assert_eq!(outcome(&file), "bundle.bad-archive");
    }
}

#[test]
fn content_must_be_what_the_manifest_says() {
    for (name, change) in
        [("MODEL_CARD.md", b'#'), ("genes.tsv", b'e'), ("weights.safetensors", 0), ("reference.safetensors", 0)]
    {
        let mut all = entries(&bundle());
        let content = entry(&mut all, name);
        *content.last_mut().unwrap() = change.wrapping_add(1);
        assert_eq!(outcome(&pack(&all)), "bundle.hash-mismatch", "{name}");
    }
}

#[test]
fn a_manifest_is_believed_only_as_far_as_it_agrees() {
    let with = |change: fn(&mut Value)| outcome(&forge(&bundle(), |manifest, _| change(manifest)));
    assert_eq!(with(|_| {}), "read");
    assert_eq!(with(|m| m["added_later"] = json!(true)), "read", "unknown fields are ignored");
    assert_eq!(with(|m| m["format_version"] = json!(2)), "bundle.unsupported-version");
    assert_eq!(with(|m| m["requires"] = json!(["sparse-weights"])), "bundle.unsupported-version");
    assert_eq!(with(|m| m["format_version"] = json!("1")), "bundle.bad-manifest");
    assert_eq!(with(|m| m["entries"] = json!({})), "bundle.bad-manifest");
    assert_eq!(with(|m| m["panel"][0]["gene"] = json!(5)), "bundle.bad-manifest");
    assert_eq!(with(|m| m["panel"][0]["gene"] = json!(-1)), "bundle.bad-manifest");
    assert_eq!(with(|m| m["max_tokens"] = json!(17)), "bundle.bad-manifest");
    assert_eq!(with(|m| m["panel_total"] = json!(0)), "bundle.bad-manifest");
    assert_eq!(with(|m| m["placement"]["temperature"] = json!(-1)), "bundle.bad-manifest");
    assert_eq!(with(|m| m["placement"]["bandwidth_um"] = json!(1e300)), "bundle.bad-manifest");
    assert_eq!(with(|m| m["placement"]["candidates"] = json!(0)), "bundle.bad-manifest");
    assert_eq!(with(|m| m["placement"]["candidates"] = json!(1e9 as u64)), "bundle.bad-manifest");
    assert_eq!(with(|m| m["calibration"] = json!([0.5])), "bundle.bad-manifest");
    assert_eq!(with(|m| m["calibration"] = json!([0.5, 0.4])), "bundle.bad-manifest");
    assert_eq!(with(|m| m["technologies"] = json!(["a", "b", "c"])), "bundle.bad-manifest");
    assert_eq!(with(|m| m["niches"][0]["composition"][0] = json!(1e300)), "bundle.bad-manifest");
    assert_eq!(with(|m| m["model"]["encoder"]["hidden"] = json!(1u64 << 60)), "bundle.bad-model");
    assert_eq!(with(|m| m["model"]["encoder"]["special_tokens"] = json!(u64::MAX)), "bundle.bad-model");
    assert_eq!(with(|m| m["model"]["niche_embedding"] = json!(41)), "bundle.bad-shape");
    assert_eq!(with(|m| m["tensors"]["half"]["shape"] = json!([1u64 << 60, 3])), "bundle.bad-shape");
    assert_eq!(with(|m| m["tensors"]["half"]["shape"] = json!([3, 2])), "bundle.bad-shape");
    assert_eq!(with(|m| m["tensors"]["half"]["scheme"] = json!("f32")), "bundle.bad-shape");
    assert_eq!(with(|m| m["tensors"]["half"]["scheme"] = json!("q4")), "bundle.bad-manifest");
    assert_eq!(with(|m| m["tensors"]["other"] = json!({ "scheme": "f32", "shape": [1] })), "bundle.bad-shape");
    assert_eq!(with(|m| drop(m["tensors"].as_object_mut().unwrap().remove("half"))), "bundle.bad-shape");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let mut all = entries(&bundle());
    all[0].1 = [deep.as_bytes(), b"   "].concat();
    assert!(matches!(outcome(&pack(&all)), "bundle.bad-manifest" | "bundle.too-large"));
}

#[test]
fn arrays_are_believed_only_as_far_as_they_agree() {
    // A safetensors file with another header, its data unchanged.
    let with = |name: &'static str, change: fn(&mut Value)| {
        outcome(&forge(&bundle(), |_, all| {
            let file = entry(all, name);
            let length = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
            let mut header: Value = serde_json::from_slice(&file[8..8 + length]).unwrap();
            change(&mut header);
            let header = serde_json::to_vec(&header).unwrap();
            *file = [&(header.len() as u64).to_le_bytes()[..], &header, &file[8 + length..]].concat();
        }))
    };
    let weights = "weights.safetensors";
    assert_eq!(with(weights, |_| {}), "read");
    assert_eq!(with(weights, |h| h["half"]["shape"] = json!([1u64 << 60, 1u64 << 60])), "bundle.bad-shape");
    assert_eq!(with(weights, |h| h["half"]["data_offsets"] = json!([0, u64::MAX])), "bundle.bad-shape");
    assert_eq!(with(weights, |h| h["half"]["dtype"] = json!("BF16")), "bundle.bad-shape");
    assert_eq!(with(weights, |h| h["encoder.matrix.q8"]["dtype"] = json!("U8")), "bundle.bad-shape");
    assert_eq!(with(weights, |h| h["encoder.matrix.q8"]["shape"] = json!([40, 3])), "bundle.bad-shape");
    let reference = "reference.safetensors";
    assert_eq!(with(reference, |h| h["state"]["shape"] = json!([2, 2])), "bundle.bad-shape");
    assert_eq!(with(reference, |h| h["niche"]["dtype"] = json!("I8")), "bundle.bad-shape");
    assert_eq!(with(reference, |h| h["embedding.q8"]["shape"] = json!([40, 4])), "bundle.bad-shape");

    let with_bytes =
        |name: &'static str, change: fn(&mut Vec<u8>)| outcome(&forge(&bundle(), |_, all| change(entry(all, name))));
    assert_eq!(with_bytes(weights, |file| file[..8].fill(0xff)), "bundle.too-large", "a header of 2^64 bytes");
    assert_eq!(with_bytes(weights, |file| file[..8].copy_from_slice(&1_000_000u64.to_le_bytes())), "bundle.bad-shape");
    assert_eq!(with_bytes(weights, Vec::clear), "bundle.bad-shape");
    // Numbers that are none: every last float of both files becomes NaN or −128.
    assert_eq!(
        with_bytes(weights, |file| file.iter_mut().rev().take(300).for_each(|byte| *byte = 0xff)),
        "bundle.bad-value"
    );
    assert_eq!(
        with_bytes(weights, |file| file.iter_mut().rev().take(100).for_each(|byte| *byte = 0x80)),
        "bundle.bad-value"
    );
    assert_eq!(
        with_bytes(reference, |file| file.iter_mut().rev().take(8).for_each(|byte| *byte = 9)),
        "bundle.bad-value"
    );
    assert_eq!(with_bytes("genes.tsv", |file| file.truncate(40)), "bundle.bad-vocabulary");
    assert_eq!(with_bytes("genes.tsv", |file| file[3] = 0xff), "bundle.bad-manifest");
}
