//! The numbered examples, run as their first lines say: each prints what is recorded beside its source, to the digit.

use embedded_rl_checks::command;
use embedded_rl_checks::recorded::assert_as_recorded;
use std::fs;
use std::path::Path;

#[test]
fn every_example_of_the_course_prints_what_is_recorded() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = fs::read_dir(root.join("core/examples")).expect("the course").flatten();
    let mut course: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect();
    course.sort();
    assert!(course.len() >= 4, "{course:?}");
    for path in course {
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a plain name");
        // Optimised however this test is built: unoptimised, the network would take minutes.
        let arguments = ["run", "--quiet", "--release", "--example", name];
        let finished = command::run(env!("CARGO"), root, &arguments).success();
        assert_as_recorded(&path.with_extension("out"), &finished.output);
    }
}
