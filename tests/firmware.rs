//! The firmware, run by QEMU as on an STM32F405: it prints what is recorded beside its source, and computes the
//! bits that the host computes from the same files. Debug assertions on either side change no bit.

use core::fmt::Write;
use core::time::Duration;
use embedded_rl_checks::firmware::{Build, finish_within, folder, run};
use embedded_rl_checks::recorded::{self, assert_same_lines, measured};
use embedded_rl_core::dqn::Learner;
use embedded_rl_core::nn::{Lanes, network};
use embedded_rl_core::weights::{self, PolicyView};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

#[path = "../core/examples/cortex_m/src/portable/mod.rs"]
pub mod portable;

use portable::grid;
use portable::lander::{self, Hash};
use portable::q_learning::{self, Learned};
use portable::training::{Memory, NET, start, ten_returns, train};

/// Long enough for a busy machine to build everything, the core library included.
const BUILD_LIMIT: Duration = Duration::from_secs(1_200);
/// Each run takes seconds, the unoptimised training less than a minute; a firmware that hangs fails with words.
const RUN_LIMIT: Duration = Duration::from_secs(300);

/// The processor of the board, as its users build for it.
const BOARD: Build = Build { target: "thumbv7em-none-eabihf", assertions: false };
const BOARD_ASSERTING: Build = Build { assertions: true, ..BOARD };
/// Its smallest sibling, a Cortex-M0, whose floating-point arithmetic is the compiler's software.
const WITHOUT_FLOATING_POINT_UNIT: Build = Build { target: "thumbv6m-none-eabi", ..BOARD };

fn assert_as_recorded(binary: &str, printed: &str) {
    recorded::assert_as_recorded(&folder().join(format!("src/bin/{binary}.out")), printed);
}

/// What a binary prints. One at a time: with and without assertions a binary has the same name.
fn print_of(binary: &str, build: Build) -> String {
    static BUILT: Mutex<()> = Mutex::new(());
    // A test that failed meanwhile left nothing half done.
    let _one_at_a_time = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let (_, errors) = finish_within(BUILD_LIMIT, &mut run(&["build", binary], build));
    assert!(errors.is_empty(), "the firmware builds, but not silently:\n{errors}");
    finish_within(RUN_LIMIT, &mut run(&[binary], build)).0
}

#[test]
fn cart_pole_on_the_board_equals_the_host() {
    let printed = print_of("hello", BOARD);
    assert_as_recorded("hello", &printed);
    let host = portable::cart_pole_walk::hash_of_states(1_000);
    assert!(printed.contains(&format!("hash {host:016x}")), "the host has {host:016x}:\n{printed}");
}

#[test]
fn the_policy_in_flash_plays_and_keeps_to_its_budget() {
    let printed = print_of("infer", BOARD);
    assert_as_recorded("infer", &printed);
    // The core's own goal for safe code; a plain loop over indices takes 46,760.
    let instructions = measured(&printed, "instructions an inference of 8-64-64-4");
    assert!(instructions <= 19_000, "{instructions} instructions an inference of 8-64-64-4");
    // What a network of any layers would take besides is some 40 KB.
    let flash = measured(&printed, "bytes of flash");
    assert!(flash <= 70_000, "{flash} bytes of flash, of which the policy is 18,668");
}

/// A policy is read in place, so its first byte stands at a multiple of four.
#[repr(align(4))]
struct Aligned<Bytes: ?Sized>(Bytes);

static POLICY: &Aligned<[u8]> = &Aligned(*include_bytes!("../core/examples/cortex_m/policy.rlp"));

static LANDER: &Aligned<[u8]> = &Aligned(*include_bytes!("../core/examples/cortex_m/lander.rlp"));

static GRID: &Aligned<[u8]> = &Aligned(*include_bytes!("../core/examples/cortex_m/grid.rlp"));

static FRACTIONS: &Aligned<[u8]> = &Aligned(*include_bytes!("golden/policy/fractions.rlp"));

/// What the host computes for the thousand observations, in the words of the firmware.
fn q_values_of_the_host(lanes: Lanes) -> String {
    let policy = PolicyView::parse(&POLICY.0).expect("the firmware's policy is one");
    let mut scratch = vec![0.0; policy.spec().scratch_count()];
    let mut lines = String::new();
    for mut observation in portable::observations::drawn() {
        policy.normalise().apply(&mut observation);
        let q =
            network::infer(lanes, policy.spec(), policy.parameters(), &observation, &mut scratch);
        writeln!(lines, "{:08x} {:08x}", q[0].to_bits(), q[1].to_bits()).expect("a string grows");
    }
    let policy = PolicyView::parse(&FRACTIONS.0).expect("the golden policy is one");
    let mut scratch = vec![0.0; policy.spec().scratch_count()];
    for observation in portable::observations::drawn().take(portable::observations::IMPLICIT) {
        let (spec, observation) = (policy.spec(), &observation[..policy.spec().inputs()]);
        let q = network::infer(lanes, spec, policy.parameters(), observation, &mut scratch);
        writeln!(lines, "{:08x} {:08x}", q[0].to_bits(), q[1].to_bits()).expect("a string grows");
    }
    lines
}

#[test]
fn every_action_value_on_the_board_has_the_bits_of_the_host() {
    let printed = print_of("q_values", BOARD);
    assert_as_recorded("q_values", &printed);
    let count = portable::observations::COUNT + portable::observations::IMPLICIT;
    assert_eq!(printed.lines().count(), count);
    for lanes in Lanes::available() {
        let host = q_values_of_the_host(lanes);
        assert_same_lines(&host, &printed, &format!("host with {} lanes, board", lanes.name()));
    }
}

/// What the host gets from the same training, in the words of the firmware.
fn training_of_the_host(lanes: Lanes) -> String {
    let mut memory = Box::new(Memory::new());
    let (mut agent, mut run) = start(lanes, &mut memory);
    let before = ten_returns(&mut agent);
    train(&mut agent, &mut run);
    let after = ten_returns(&mut agent);
    assert!(after > 5 * before, "it should have learned, but got {before} before, {after} after");
    format!(
        "before: {before} reward in ten greedy episodes\n\
         after: {after} reward in ten greedy episodes\n\
         trained: {} steps, {} episodes, {} updates\n\
         {} parameters: hash {:016x}\n",
        agent.state.steps,
        agent.state.episodes,
        agent.state.updates,
        NET.parameter_count(),
        weights::hash(agent.learner.parameters())
    )
}

#[test]
fn training_on_the_board_gives_the_parameters_of_the_host() {
    let printed = print_of("learn", BOARD);
    assert_as_recorded("learn", &printed);
    // A learner of any network and settings takes twice as much.
    let flash = measured(&printed, "bytes of flash");
    assert!(flash <= 120_000, "{flash} bytes of flash");
    for lanes in Lanes::available() {
        let host = training_of_the_host(lanes);
        assert!(
            printed.starts_with(&host),
            "host with {} lanes:\n{host}\nboard:\n{printed}",
            lanes.name()
        );
    }
}

/// The first recorded episode of Gymnasium's own lander: its actions and the hash of its observations and rewards.
fn recorded_by_gymnasium() -> (String, Hash) {
    #[derive(serde::Deserialize)]
    struct Line {
        obs: Option<[u32; 8]>,
        action: Option<u32>,
        reward: Option<String>,
    }
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/lunar_lander/heuristic.jsonl");
    let text = std::fs::read_to_string(path).expect("the recording");
    let (mut actions, mut hash) = (String::new(), Hash::EMPTY);
    // The first line says what was recorded.
    for line in text.lines().skip(1).take_while(|line| !line.contains("\"end\"")) {
        let line: Line = serde_json::from_str(line).expect("a line of a recording");
        let bits = |hex: String| u64::from_str_radix(&hex, 16).expect("the bits of a reward");
        hash.take(line.obs.expect("an observation"), line.reward.map(bits));
        if let Some(action) = line.action {
            write!(actions, "{action}").expect("a string grows");
        }
    }
    (actions, hash)
}

/// The landings of the host, in the words of the firmware.
fn landings_of_the_host(lanes: Lanes) -> String {
    let policy = PolicyView::parse(&LANDER.0).expect("the firmware's policy is one");
    let mut scratch = vec![0.0; policy.spec().scratch_count()];
    let mut lines = String::new();
    let mut env = lander::lander();
    for seed in 0..2 {
        let episode = lander::land(&mut env, lanes, &policy, &mut scratch, seed);
        let (reward, steps) = (episode.total_reward, episode.length);
        assert!(reward >= 200.0, "landing {seed} returns {reward}");
        let (whole, bits) = (reward as i32, reward.to_bits());
        writeln!(lines, "landing {seed}: {steps} steps, return {whole}, bits {bits:016x}")
            .expect("a string grows");
    }
    lines
}

#[test]
fn the_lander_on_the_board_is_gymnasiums_and_lands_as_on_the_host() {
    let printed = print_of("lander", BOARD);
    assert_as_recorded("lander", &printed);
    let (actions, Hash(hash)) = recorded_by_gymnasium();
    assert_eq!(lander::RECORDED, actions, "the firmware has the recording's actions");
    let recorded = format!("recorded episode: {} steps, hash {hash:016x}\n", actions.len());
    for lanes in Lanes::available() {
        let want = recorded.clone() + &landings_of_the_host(lanes);
        assert!(printed.starts_with(&want), "{} lanes:\n{want}\nboard:\n{printed}", lanes.name());
    }
    assert!(measured(&printed, "bytes of flash") < 1 << 20);
    let ram = measured(&printed, "bytes of stack at its deepest")
        + measured(&printed, "bytes of static RAM");
    assert!(ram < 128 << 10, "{ram} bytes of RAM");
}

/// The walk of the host, in the words of the firmware.
fn walk_of_the_host(lanes: Lanes) -> String {
    let policy = PolicyView::parse(&GRID.0).expect("the firmware's policy is one");
    let mut lines = String::new();
    let steps = grid::walk(&policy, lanes, &mut [0.0; grid::SCRATCH], |cell, q, action| {
        let bits: Vec<_> = q.iter().map(|q| format!("{:08x}", q.to_bits())).collect();
        writeln!(lines, "cell {cell}: {}, action {action}", bits.join(" "))
            .expect("a string grows");
    });
    assert_eq!(steps, 5, "the shortest way has five steps");
    lines + &format!("goal after {steps} steps\n")
}

#[test]
fn a_convolutional_policy_on_the_board_walks_with_the_bits_of_the_host() {
    let printed = print_of("grid", BOARD);
    assert_as_recorded("grid", &printed);
    for lanes in Lanes::available() {
        let want = walk_of_the_host(lanes);
        assert!(printed.starts_with(&want), "{} lanes:\n{want}\nboard:\n{printed}", lanes.name());
    }
}

/// What the host learns by the same Q-learning, in the words of the firmware.
fn table_of_the_host() -> String {
    let mut memory = q_learning::Memory::new();
    let (mut agent, mut run) = q_learning::start(&mut memory);
    q_learning::train(&mut agent, &mut run);
    assert_eq!(q_learning::greedy_length(&agent), 8, "the shortest way has eight steps");
    Learned(&agent).to_string()
}

#[test]
fn q_learning_on_the_board_learns_the_table_of_the_host() {
    let printed = print_of("q_learning", BOARD);
    assert_as_recorded("q_learning", &printed);
    let host = table_of_the_host();
    assert!(printed.starts_with(&host), "host:\n{host}\nboard:\n{printed}");
}

#[test]
fn debug_assertions_on_the_board_change_no_bit() {
    let printed = print_of("learn", BOARD_ASSERTING);
    let host = training_of_the_host(Lanes::best());
    assert!(printed.starts_with(&host), "host:\n{host}\nboard with assertions:\n{printed}");
    let (printed, host) = (print_of("q_learning", BOARD_ASSERTING), table_of_the_host());
    assert!(printed.starts_with(&host), "host:\n{host}\nboard with assertions:\n{printed}");
    let printed = print_of("q_values", BOARD_ASSERTING);
    assert_same_lines(
        &q_values_of_the_host(Lanes::best()),
        &printed,
        "host, board with assertions",
    );
}

#[test]
fn a_processor_without_floating_point_unit_computes_the_same_bits() {
    let printed = print_of("q_values", WITHOUT_FLOATING_POINT_UNIT);
    assert_same_lines(&q_values_of_the_host(Lanes::best()), &printed, "host, board in software");
}
