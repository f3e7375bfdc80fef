//! The emulation itself: what it computes where lanes talk to each other, and that it sees what CUDA forbids.

use crate::case::{Argument, Case, file_of};
use crate::compiler::{Build, program_of, replay};
use embedded_rl_kernels::Launch;

/// Kernels of 64 threads that fill `out` [64].
const TEXT: &str = r#"
extern "C" __global__ void talk(float* out) {
    __shared__ float sums[2];
    float sum = 1.0f + threadIdx.x;
    for (unsigned lanes = 16; lanes > 0; lanes /= 2) sum += __shfl_down_sync(0xFFFFFFFF, sum, lanes);
    if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = sum;
    __syncthreads();
    const float neighbour = __shfl_xor_sync(0xFFFFFFFF, (float)threadIdx.x, 1u);
    const float first = __shfl_sync(0xFFFFFFFF, (float)threadIdx.x, 0u);
    out[threadIdx.x] = 0.0f;
    __syncthreads();
    atomicAdd(&out[0], 1.0f);
    __syncthreads();
    if (threadIdx.x > 0) out[threadIdx.x] = sums[0] + sums[1] + neighbour + first;
}
extern "C" __global__ void barrier_in_a_branch(float* out) {
    if (threadIdx.x < 32) __syncthreads();
    out[threadIdx.x] = 0.0f;
}
extern "C" __global__ void two_barriers(float* out) {
    if (threadIdx.x < 32) {
        __syncthreads();
    } else {
        __syncthreads();
    }
    out[threadIdx.x] = 0.0f;
}
extern "C" __global__ void exchange_in_a_branch(float* out) {
    float x = 0.0f;
    if (threadIdx.x % 2) x = __shfl_down_sync(0xFFFFFFFF, x, 1u);
    out[threadIdx.x] = x;
}
extern "C" __global__ void never_written(float* out) {
    __shared__ float values[64];
    out[threadIdx.x] = values[threadIdx.x];
}
extern "C" __global__ void too_far(float* out) {
    DYN_SHARED(float, values);
    values[threadIdx.x + 1] = 0.0f;
    out[threadIdx.x] = values[0];
}
extern "C" __global__ void too_far_in_an_array(float* out) {
    __shared__ float values[64];
    values[threadIdx.x + 1] = 0.0f;
    out[threadIdx.x] = values[0];
}
extern "C" __global__ void behind_the_end(float* out) {
    out[threadIdx.x + 1] = 0.0f;
    out[0] = 0.0f;
}
extern "C" __global__ void no_barrier(float* out) {
    __shared__ float values[64];
    values[threadIdx.x] = 0.0f;
    out[threadIdx.x] = values[threadIdx.x / 2];
}
EMULATED(talk)
EMULATED(barrier_in_a_branch)
EMULATED(two_barriers)
EMULATED(exchange_in_a_branch)
EMULATED(never_written)
EMULATED(too_far)
EMULATED(too_far_in_an_array)
EMULATED(behind_the_end)
EMULATED(no_barrier)
"#;

/// How such a kernel ends, and what is said then.
fn ending(build: Build, kernel: &'static str, after: &[f32]) -> (Option<i32>, String) {
    let mut case = Case::new(kernel.to_owned());
    let out: Argument = case.written("out", after);
    let launch = Launch { blocks: [1; 3], threads: [64, 1, 1], shared_bytes: 4 * 64 };
    case.launch_unlisted(kernel, launch, &[out]);
    let program = program_of(build, [("self_test.cu", TEXT.to_owned())].into_iter());
    let program = program.unwrap_or_else(|message| panic!("{message}"));
    let output = replay(&program, &file_of([case].iter()), 3);
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn lanes_exchange_numbers_and_atomics_add_all_of_them() {
    let mut after = [0.0; 64];
    for (i, after) in after.iter_mut().enumerate() {
        *after = (64 * 65 / 2 + (i ^ 1) + i / 32 * 32) as f32;
    }
    after[0] = 64.0;
    for build in [Build::Plain, Build::Address] {
        let ending = ending(build, "talk", &after);
        assert_eq!(ending.0, Some(0), "{build:?}: {}", ending.1);
    }
}

#[test]
fn what_would_hang_or_be_undefined_on_a_card_is_told_and_ends_the_process() {
    for (kernel, said) in [
        ("barrier_in_a_branch", "waits at a barrier"),
        ("two_barriers", "waits at another barrier"),
        ("exchange_in_a_branch", "waits for lanes that do not come"),
    ] {
        let (status, text) = ending(Build::Plain, kernel, &[0.0; 64]);
        assert!(status == Some(3) && text.contains(said), "{kernel}: {status:?} {text}");
    }
    for (kernel, said) in [
        ("never_written", "out[0] is nan"),
        ("behind_the_end", "is written 0 bytes behind its end"),
    ] {
        let (status, text) = ending(Build::Plain, kernel, &[0.0; 64]);
        let text = text.replace("-nan", "nan");
        assert!(status == Some(1) && text.contains(said), "{kernel}: {status:?} {text}");
    }
}

#[test]
fn sanitizers_see_overruns_of_shared_memory_and_missing_barriers() {
    for (build, kernel, said) in [
        (Build::Address, "too_far", "heap-buffer-overflow"),
        (Build::Address, "too_far_in_an_array", "index 64 out of bounds"),
        (Build::Address, "behind_the_end", "heap-buffer-overflow"),
        (Build::Thread, "no_barrier", "data race"),
    ] {
        let (status, text) = ending(build, kernel, &[0.0; 64]);
        assert!(status != Some(0) && text.contains(said), "{kernel}: {status:?} {text}");
    }
}
