//! Dependencies inside core point one way; ARCHITECTURE.md says which. This holds it to that.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Each module of core and all that it may use. Whoever adds a module adds a row.
const ALLOWED: &[(&str, &[&str])] = &[
    ("math", &[]),
    ("space", &[]),
    ("rng", &["math"]),
    ("env", &["rng", "space"]),
    ("agent", &["env", "rng"]),
    ("bandit_agents", &["agent", "bellman", "env", "math", "policy", "rng"]),
    ("dynamic_programming", &["envs"]),
    ("lanes", &[]),
    ("physics", &["lanes", "math"]),
    ("envs", &["env", "lanes", "math", "physics", "rng", "space"]),
    ("preprocess", &["env", "math", "rng", "space"]),
    ("nn", &["lanes", "math", "rng"]),
    ("policy", &["math", "rng"]),
    ("bellman", &["math", "policy"]),
    ("distribution", &["math", "nn", "rng"]),
    ("branches", &["bellman", "nn", "policy"]),
    ("replay", &["env", "math", "rng"]),
    ("dqn", &["bellman", "branches", "distribution", "env", "nn", "policy", "replay", "rng"]),
    ("tabular", &["agent", "bellman", "env", "policy", "replay", "rng"]),
    ("linear", &["agent", "bellman", "env", "policy", "replay", "rng", "tabular"]),
    ("returns", &["bellman", "math"]),
    ("in_parts", &["nn"]),
    ("imitation", &["in_parts", "nn", "policy", "rng"]),
    ("policy_search", &["agent", "env", "math", "nn", "policy", "rng"]),
    ("reinforce", &["agent", "env", "in_parts", "nn", "policy", "replay", "returns", "rng"]),
    ("run", &["agent", "dqn", "env", "preprocess", "rng", "space", "tabular"]),
    ("weights", &["nn", "preprocess"]),
];

#[test]
fn core_modules_use_only_what_the_architecture_allows() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("core/src");
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for (module, text) in modules(&source) {
        seen.insert(module.clone());
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == module) else {
            problems.push(format!("core/src/{module} has no row in {}", file!()));
            continue;
        };
        for used in used_modules(&text) {
            if used != module && !allowed.contains(&used.as_str()) {
                problems.push(format!("{module} uses {used}"));
            }
        }
    }
    for (module, _) in ALLOWED {
        if !seen.contains(*module) {
            problems.push(format!("{module} has a row and is not in core/src"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn unsafe_code_of_the_host_is_in_one_folder() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("host/src");
    for (module, text) in modules(&source) {
        let has_unsafe =
            text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe");
        assert_eq!(has_unsafe, module == "cuda", "host/src/{module}");
    }
}

/// The name of every top-level module, with the text of all its files that is not a test.
fn modules(source: &Path) -> Vec<(String, String)> {
    let mut modules = Vec::new();
    for entry in fs::read_dir(source).expect("core/src").flatten() {
        let path = entry.path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let is_module = path.is_dir() || path.extension().is_some_and(|ending| ending == "rs");
        if is_module && name != "lib" {
            modules.push((name, text_below(&path)));
        }
    }
    modules
}

fn text_below(path: &Path) -> String {
    if path.is_dir() {
        let entries = fs::read_dir(path).expect("a readable folder").flatten();
        return entries.map(|entry| text_below(&entry.path())).collect();
    }
    let text = fs::read_to_string(path).expect("a text file");
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    // Examples and links in documentation may point anywhere.
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| line.to_owned() + "\n")
        .collect()
}

fn used_modules(text: &str) -> BTreeSet<String> {
    text.split("crate::")
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .collect()
}
