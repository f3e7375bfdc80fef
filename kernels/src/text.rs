//! The text of the kernels, compiled into the program.

/// How NVRTC is told to give core's bits: no product is fused with the addition behind it. Division and square root are
/// correctly rounded and denormal numbers are kept unless asked otherwise.
pub const EXACT_OPTIONS: &[&str] = &["--std=c++17", "--fmad=false"];

/// The fast mode: products are fused with additions, and matrices multiplied by tensor cores. How far its results are from
/// the exact mode's is in `kernels/fast.md`.
pub const FAST_OPTIONS: &[&str] = &["--std=c++17", "--define-macro=EMBEDDED_RL_FAST"];

/// Each file that programs carry, by its name. Those that end in `.cuh` are included by others.
pub const FILES: &[(&str, &str)] = &[
    ("common.cuh", include_str!("../common.cuh")),
    ("math.cuh", include_str!("../math.cuh")),
    ("trigonometry.cuh", include_str!("../trigonometry.cuh")),
    ("tensor_cores.cuh", include_str!("../tensor_cores.cuh")),
    ("random.cuh", include_str!("../random.cuh")),
    ("matrix.cuh", include_str!("../matrix.cuh")),
    ("matrix_fast.cuh", include_str!("../matrix_fast.cuh")),
    ("conv2d.cuh", include_str!("../conv2d.cuh")),
    ("greedy.cuh", include_str!("../greedy.cuh")),
    ("clip.cuh", include_str!("../clip.cuh")),
    ("optimiser.cuh", include_str!("../optimiser.cuh")),
    ("softmax.cuh", include_str!("../softmax.cuh")),
    ("activation.cuh", include_str!("../activation.cuh")),
    ("bellman.cuh", include_str!("../bellman.cuh")),
    ("dueling.cuh", include_str!("../dueling.cuh")),
    ("loss.cuh", include_str!("../loss.cuh")),
    ("mlp.cuh", include_str!("../mlp.cuh")),
    ("acrobot.cu", include_str!("../acrobot.cu")),
    ("activation.cu", include_str!("../activation.cu")),
    ("adam.cu", include_str!("../adam.cu")),
    ("batch_norm.cu", include_str!("../batch_norm.cu")),
    ("bellman.cu", include_str!("../bellman.cu")),
    ("branches.cu", include_str!("../branches.cu")),
    ("cart_pole.cu", include_str!("../cart_pole.cu")),
    ("clip.cu", include_str!("../clip.cu")),
    ("conv2d.cu", include_str!("../conv2d.cu")),
    ("cosine_embedding.cu", include_str!("../cosine_embedding.cu")),
    ("cross_entropy.cu", include_str!("../cross_entropy.cu")),
    ("dense.cu", include_str!("../dense.cu")),
    ("distribution.cu", include_str!("../distribution.cu")),
    ("dueling.cu", include_str!("../dueling.cu")),
    ("frames.cu", include_str!("../frames.cu")),
    ("gridworld.cu", include_str!("../gridworld.cu")),
    ("loss.cu", include_str!("../loss.cu")),
    ("mlp.cu", include_str!("../mlp.cu")),
    ("mountain_car.cu", include_str!("../mountain_car.cu")),
    ("noisy.cu", include_str!("../noisy.cu")),
    ("optimiser.cu", include_str!("../optimiser.cu")),
    ("policy.cu", include_str!("../policy.cu")),
    ("rms_prop.cu", include_str!("../rms_prop.cu")),
    ("sgd.cu", include_str!("../sgd.cu")),
    ("softmax.cu", include_str!("../softmax.cu")),
    ("storage.cu", include_str!("../storage.cu")),
    ("sums.cu", include_str!("../sums.cu")),
    ("target_network.cu", include_str!("../target_network.cu")),
];

/// A file with what it includes in its place, as one text that needs no other file. Compilers' messages still name the
/// file and line that a person reads.
///
/// # Panics
/// If it or what it includes is not one of [`FILES`].
pub fn translation_unit(file: &str) -> String {
    translation_unit_among(&[FILES], file)
}

/// The same of a file among these lists of files.
///
/// # Panics
/// If it or what it includes is in none of them.
pub fn translation_unit_among(lists: &[&[(&str, &str)]], file: &str) -> String {
    let (mut unit, mut included) = (String::new(), Vec::new());
    append(lists, file, &mut unit, &mut included);
    unit
}

fn append(lists: &[&[(&str, &str)]], file: &str, unit: &mut String, included: &mut Vec<String>) {
    let found = lists.iter().copied().flatten().find(|(name, _)| *name == file);
    let (name, text) = found.unwrap_or_else(|| panic!("there is no kernel file {file}"));
    included.push((*name).to_owned());
    unit.push_str(&format!("#line 1 \"{name}\"\n"));
    for (number, line) in (1..).zip(text.lines()) {
        let include = line.strip_prefix("#include \"").and_then(|rest| rest.strip_suffix('"'));
        match include.map(|header| header.trim_start_matches("../")) {
            Some(header) if included.iter().any(|name| name == header) => unit.push('\n'),
            Some(header) => {
                append(lists, header, unit, included);
                unit.push_str(&format!("#line {} \"{name}\"\n", number + 1));
            }
            None if line == "#pragma once" => unit.push('\n'),
            None => {
                unit.push_str(line);
                unit.push('\n');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_includes_stands_in_it_once() {
        let unit = translation_unit("dense.cu");
        assert_eq!(unit.matches("enum class Along {").count(), 1);
        assert_eq!(unit.matches("typedef unsigned int u32;").count(), 1);
        assert!(!unit.contains("#include"));
        let line = FILES.iter().find(|(name, _)| *name == "dense.cu").map(|(_, text)| {
            text.lines().position(|line| line.starts_with("#include")).expect("an include")
        });
        assert!(unit.contains(&format!("#line {} \"dense.cu\"\n", line.expect("dense.cu") + 2)));
    }
}
