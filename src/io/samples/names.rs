//! What to call each sample: the part of its path in which it differs from the others.

/// A name for each path: without the folders, words and endings that all of them begin or end with. `GSM1_a_matrix.mtx.gz`
/// and `GSM2_b_matrix.mtx.gz` are `GSM1_a` and `GSM2_b`. Where that leaves nothing, or the same twice, the paths themselves.
pub(super) fn of_paths(paths: &[String]) -> Vec<String> {
    let words: Vec<Vec<&str>> = paths.iter().map(|path| words(path)).collect();
    let Some((first, others)) = words.split_first() else { return Vec::new() };
    let shortest = words.iter().map(Vec::len).min().unwrap_or(0);
    let start = (0..shortest).take_while(|&at| others.iter().all(|other| other[at] == first[at])).count();
    let ends_alike = |back: &usize| others.iter().all(|other| other[other.len() - back] == first[first.len() - back]);
    let end = (1..=shortest - start).take_while(ends_alike).count();
    let trimmed = |words: &Vec<&str>| words[start..words.len() - end].concat();
    let names: Vec<String> = words.iter().map(|words| trimmed(words).trim_matches(is_separator).to_owned()).collect();
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort_unstable();
    let is_told = sorted.windows(2).all(|pair| pair[0] != pair[1]) && names.iter().all(|name| !name.is_empty());
    if is_told { names } else { paths.to_vec() }
}

fn is_separator(character: char) -> bool {
    matches!(character, '/' | '_' | '-' | '.' | ' ')
}

/// The words of a path, each with the separator behind it.
fn words(path: &str) -> Vec<&str> {
    path.split_inclusive(is_separator).collect()
}

#[cfg(test)]
mod tests {
    use super::of_paths;

    fn names(paths: &[&str]) -> Vec<String> {
        of_paths(&paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn samples_are_called_by_what_differs() {
        assert_eq!(names(&["GSM1_a_matrix.mtx.gz", "GSM2_b_matrix.mtx.gz"]), ["GSM1_a", "GSM2_b"]);
        assert_eq!(names(&["run/s1/filtered/matrix.mtx", "run/s2/filtered/matrix.mtx"]), ["s1", "s2"]);
        assert_eq!(names(&["a.csv", "b.csv.gz"]), ["a.csv", "b.csv.gz"]);
        assert_eq!(names(&["s.h5", "s_2.h5"]), ["s", "s_2"]);
        assert_eq!(names(&["a/x.mtx", "a/x.x.mtx"]), ["a/x.mtx", "a/x.x.mtx"], "nothing is left of the first");
        assert_eq!(names(&["same", "same"]), ["same", "same"]);
        assert!(names(&[]).is_empty());
    }
}
