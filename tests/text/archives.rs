//! Archives: every way to pack a folder, and archives that were made to do harm.

use std::io::{Cursor, Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::support::{code, dense, gzip, open};

const MATRIX: &str = "%%MatrixMarket matrix coordinate integer general\n2 3 3\n1 1 5\n2 1 1\n2 3 7\n";
const VALUES: [[f32; 2]; 3] = [[5.0, 1.0], [0.0, 0.0], [0.0, 7.0]];

fn files() -> Vec<(String, Vec<u8>)> {
    let files = [("matrix.mtx", MATRIX), ("barcodes.tsv", "A-1\nB-1\nC-1\n"), ("features.tsv", "E1\tA\nE2\tB\n")];
    files.iter().map(|(name, text)| (format!("filtered/{name}"), text.as_bytes().to_vec())).collect()
}

fn zipped(files: &[(String, Vec<u8>)], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        zip.start_file(path.as_str(), SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn tarred(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (path, bytes) in files {
        let mut header = [0u8; 512];
        header[..path.len()].copy_from_slice(path.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = b'0';
        let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        tar.extend(header);
        tar.extend(bytes);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.extend([0; 1024]);
    tar
}

#[test]
fn a_folder_is_the_same_however_it_is_packed() {
    let packed: Vec<_> = files().into_iter().map(|(path, bytes)| (path + ".gz", gzip(&bytes))).collect();
    for files in [files(), packed] {
        let archives = [
            ("a.zip", zipped(&files, CompressionMethod::Stored)),
            ("a.zip", zipped(&files, CompressionMethod::Deflated)),
            ("a.tar", tarred(&files)),
            ("a.tar.gz", gzip(&tarred(&files))),
        ];
        for archive in archives {
            let dataset = open(std::slice::from_ref(&archive)).unwrap();
            assert_eq!(dense(&dataset).unwrap(), VALUES, "{}", archive.0);
        }
    }
}

#[test]
fn archives_in_a_tar_or_a_folder_are_opened_too() {
    let (zip, tar) = (zipped(&files(), CompressionMethod::Deflated), gzip(&tarred(&files())));
    let deposit = vec![("GSM1_a.tar.gz".to_owned(), tar.clone()), ("GSM2_b.tar.gz".to_owned(), tar.clone())];
    let mut both = VALUES.to_vec();
    both.extend(VALUES);
    let as_tar = open(&[("GSE_RAW.tar", tarred(&deposit))]).unwrap();
    let as_folder = open(&[("run/GSM1_a.tar.gz", tar.clone()), ("run/GSM2_b.zip", zip.clone())]).unwrap();
    for dataset in [as_tar, as_folder] {
        assert_eq!(dense(&dataset).unwrap(), both);
        assert!(dataset.obs_names().unwrap()[5].starts_with("C-1-GSM2_b"), "{:?}", dataset.obs_names());
    }
    let matrix = ("matrix.mtx".to_owned(), files()[0].1.clone());
    let spoilt = open(&[("a.zip", zip), ("b.zip", b"PK\x03\x04 and nothing".to_vec())]).unwrap();
    assert_eq!(dense(&spoilt).unwrap(), VALUES, "one that cannot be opened is passed over");
    // Only where they lie as they are: an archive in a packed one could hold 64 times 64 times its size.
    assert_eq!(code(&[("a.tar.gz", gzip(&tarred(&deposit)))]), "io.unknown-format");
    assert_eq!(code(&[("a.tar", tarred(&[matrix]))]), "io.missing-file");
}

#[test]
fn one_h5ad_is_read_in_any_archive() {
    let whole = resitu::io::write_simulated(resitu::cells::simulate::breast_tumour(30, 1).unwrap(), 1).unwrap();
    let expected = dense(&open(&[("a.h5ad", &whole)]).unwrap()).unwrap();
    let files = [("deep/a.h5ad".to_owned(), whole.clone())];
    let archives = [
        zipped(&files, CompressionMethod::Stored),
        zipped(&files, CompressionMethod::Deflated),
        tarred(&files),
        gzip(&tarred(&files)),
        gzip(&whole),
    ];
    for archive in archives {
        assert_eq!(dense(&open(&[("archive", archive)]).unwrap()).unwrap(), expected);
    }
}

#[test]
fn paths_that_lead_outside_and_hidden_files_are_passed_over() {
    let mut all = files();
    let outside = ["../matrix.mtx", "/etc/matrix.mtx", "a/../../matrix.mtx", "__MACOSX/._matrix.mtx", ".x/matrix.mtx"];
    all.extend(outside.map(|path| (path.to_owned(), b"no matrix".to_vec())));
    for archive in [zipped(&all, CompressionMethod::Deflated), gzip(&tarred(&all))] {
        assert_eq!(dense(&open(&[("a", archive)]).unwrap()).unwrap(), VALUES);
    }
}

#[test]
fn other_packers_and_encryption_are_refused_by_name() {
    for magic in [&b"7z\xbc\xaf\x27\x1c\0\0"[..], b"Rar!\x1a\x07\0", b"\xfd7zXZ\0", b"BZh91AY", b"\x28\xb5\x2f\xfd\0"] {
        assert_eq!(code(&[("a", magic)]), "io.unsupported-archive");
    }
    let mut zip = zipped(&files(), CompressionMethod::Deflated);
    let directory = zip.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    zip[directory + 8] |= 1;
    assert_eq!(code(&[("a.zip", zip)]), "io.unsupported-archive");
    assert_eq!(code(&[("a.zip", zipped(&[], CompressionMethod::Stored))]), "io.unsupported-archive");
}

#[test]
fn bombs_are_refused() {
    // A file that claims to unpack to four gigabytes.
    let mut claims = zipped(&files(), CompressionMethod::Deflated);
    let directory = claims.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    claims[directory + 24..directory + 28].copy_from_slice(&0xffff_fffeu32.to_le_bytes());
    assert_eq!(code(&[("a.zip", claims)]), "io.too-large");
    // Two records of the directory for the same bytes.
    let mut overlaps = zipped(&files(), CompressionMethod::Deflated);
    let records: Vec<usize> = (0..overlaps.len() - 4).filter(|at| overlaps[*at..].starts_with(b"PK\x01\x02")).collect();
    let first = overlaps[records[0] + 42..records[0] + 46].to_vec();
    overlaps[records[1] + 42..records[1] + 46].copy_from_slice(&first);
    assert_eq!(code(&[("a.zip", overlaps)]), "io.bad-structure");
    // Packed twice: a million to one.
    let zeros = gzip(&vec![b'\n'; 64 << 20]);
    let mut all = files();
    all[0] = ("filtered/matrix.mtx".into(), [gzip(MATRIX.as_bytes()), zeros].concat());
    assert_eq!(code(&[("a.zip", zipped(&all, CompressionMethod::Deflated))]), "io.too-large");
}

#[test]
fn archives_that_are_cut_short_or_damaged_are_errors() {
    let archives = [
        zipped(&files(), CompressionMethod::Stored),
        zipped(&files(), CompressionMethod::Deflated),
        tarred(&files()),
        gzip(&tarred(&files())),
    ];
    for archive in archives {
        for cut in (1..archive.len().min(900)).step_by(7) {
            let _ = code(&[("a", &archive[..archive.len() - cut])]);
        }
        // Every byte changed in turn: an error or an answer, and no panic.
        for at in 0..archive.len().min(6_000) {
            let mut broken = archive.clone();
            broken[at] ^= 0x55;
            let _ = code(&[("a", broken)]);
        }
    }
}
