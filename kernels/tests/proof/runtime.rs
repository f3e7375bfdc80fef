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
extern "C" __global__ void read_before_the_wait(float* out) {
    __shared__ float values[64];
    const float value = 0.0f;
    emulated_copy(&values[threadIdx.x], &value, 4, 4);
    emulation::close_group();
    out[threadIdx.x] = values[threadIdx.x];
}
extern "C" __global__ void wait_for_all_but_one(float* out) {
    __shared__ float values[2][64];
    const float first = 1.0f, second = 2.0f;
    emulated_copy(&values[0][threadIdx.x], &first, 4, 4);
    emulation::close_group();
    emulated_copy(&values[1][threadIdx.x], &second, 4, 0);
    emulation::close_group();
    emulated_wait(1);
    const float before = values[1][threadIdx.x];
    emulated_wait(0);
    out[threadIdx.x] = values[0][threadIdx.x] + values[1][threadIdx.x] + (before != before ? 4.0f : 0.0f);
}
extern "C" __global__ void multiply(float* out) {
    const unsigned lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
    const auto a = [](unsigned m, unsigned k) { return (unsigned)__float_as_int(8.0f * m + k); };
    const auto b = [](unsigned k, unsigned n) { return (unsigned)__float_as_int((float)k - 2.0f * n); };
    float c[4] = {1.0f, 1.0f, 1.0f, 1.0f};
    const unsigned of_a[4] = {a(g, t), a(g + 8, t), a(g, t + 4), a(g + 8, t + 4)}, of_b[2] = {b(t, g), b(t + 4, g)};
    emulated_mma(c, of_a, of_b);
    out[threadIdx.x] = threadIdx.x < 32 ? c[0] : c[3];
}
EMULATED(talk)
EMULATED(read_before_the_wait)
EMULATED(wait_for_all_but_one)
EMULATED(multiply)
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
fn copies_are_there_when_their_group_has_been_waited_for() {
    for build in [Build::Plain, Build::Address] {
        let ending = ending(build, "wait_for_all_but_one", &[5.0; 64]);
        assert_eq!(ending.0, Some(0), "{build:?}: {}", ending.1);
    }
}

#[test]
fn a_warp_multiplies_matrices_in_the_layout_of_the_instruction() {
    // c[g][2 t] of the first warp, c[g + 8][2 t + 1] of the second one, and 1 that was there.
    let c = |m: usize, n: usize| {
        let terms = (0..8).map(|k| (8 * m + k) as f32 * (k as f32 - 2.0 * n as f32));
        1.0 + terms.sum::<f32>()
    };
    let of_lane = |i: usize| c(i % 32 / 4 + i / 32 * 8, i % 4 * 2 + i / 32);
    let after: Vec<f32> = (0..64).map(of_lane).collect();
    let ending = ending(Build::Plain, "multiply", &after);
    assert_eq!(ending.0, Some(0), "{}", ending.1);
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
        ("read_before_the_wait", "out[0] is nan"),
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
