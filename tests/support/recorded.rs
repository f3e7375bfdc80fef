//! What a program printed against what is recorded beside its source.

use std::path::Path;

/// Compares `printed` with the file at `path`, line by line. Lines that begin with `measured: ` may differ in their
/// numbers by a quarter, since those depend on the compiler's version. With `EMBEDDED_RL_BLESS=1` in the environment
/// the file is written anew instead.
///
/// # Panics
/// If they differ; with the first lines that do.
pub fn assert_as_recorded(path: &Path, printed: &str) {
    if std::env::var_os("EMBEDDED_RL_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(path, printed).expect("the recorded output can be written");
    }
    let recorded = std::fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()));
    assert_same_lines(&recorded, printed, &format!("what is printed against {}", path.display()));
}

/// # Panics
/// If a line differs by more than measured numbers may; with the first three that are not.
pub fn assert_same_lines(want: &str, got: &str, what: &str) {
    let (want, got): (Vec<_>, Vec<_>) = (want.lines().collect(), got.lines().collect());
    let different: Vec<_> = (0..want.len().max(got.len()))
        .map(|index| (index + 1, want.get(index), got.get(index)))
        .filter(
            |(_, want, got)| !matches!((want, got), (Some(want), Some(got)) if alike(want, got)),
        )
        .collect();
    assert!(
        different.is_empty(),
        "{what}: {} lines differ, the first ones (line, want, got): {:#?}\n\
         If that is meant: EMBEDDED_RL_BLESS=1 cargo test --release --test firmware --test course",
        different.len(),
        &different[..different.len().min(3)]
    );
}

/// Whether two lines are equal, or say the same about measured numbers a quarter apart.
fn alike(want: &str, got: &str) -> bool {
    if !want.starts_with("measured: ") {
        return want == got;
    }
    let (want_words, want_numbers) = split_numbers(want);
    let (got_words, got_numbers) = split_numbers(got);
    want_words == got_words
        && want_numbers
            .iter()
            .zip(&got_numbers)
            .all(|(&want, &got)| 4 * u64::abs_diff(want, got) <= want)
}

/// The number in the line that says `measured: NUMBER what`.
///
/// # Panics
/// If there is no such line.
pub fn measured(printed: &str, what: &str) -> u64 {
    let line = printed.lines().find_map(|line| line.strip_prefix("measured: ")?.strip_suffix(what));
    let number = line.and_then(|number| number.trim().parse().ok());
    number.unwrap_or_else(|| panic!("nothing says how many {what}:\n{printed}"))
}

/// The whole numbers of a measured line, and its other words; `8-64-64-4` is a word.
fn split_numbers(line: &str) -> (Vec<&str>, Vec<u64>) {
    let (mut words, mut numbers) = (Vec::new(), Vec::new());
    for word in line.split_whitespace() {
        match word.parse() {
            Ok(number) => {
                numbers.push(number);
                words.push("0");
            }
            Err(_) => words.push(word),
        }
    }
    (words, numbers)
}
