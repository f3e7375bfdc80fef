use crate::case::{Argument, Case, size};
use crate::numbers::{Numbers, Xoshiro};
use embedded_rl_core::env::Env;
use embedded_rl_core::envs::gridworld::{GridRewards, Gridworld, View, Viewed};
use embedded_rl_kernels::Launch;

const REWARDS: GridRewards = GridRewards { goal: 10.0, wall: -5.0, step: -0.1 };

/// A goal that is always the same, goals on any floor, and mazes where walkers meet every edge.
const MAPS: [&str; 4] =
    ["#####\n#S..#\n#.#G#\n#####", "#####\n#S..#\n#...#\n#####", "S.\n..\n.G", "S."];

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(25);
    let mut cases = Vec::new();
    for map in MAPS {
        cases.extend(
            [(1, 8), (37, 25)].map(|(walkers, rounds)| case(numbers, map, walkers, rounds)),
        );
    }
    cases
}

fn case(numbers: &mut Numbers, map: &str, walkers: usize, rounds: usize) -> Case {
    let grid = Gridworld::<20>::new(map, REWARDS).expect("a maze");
    let (tiles, cells) = (grid.map().tiles().to_vec(), grid.map().cell_count() as usize);
    let is_drawn = !tiles.contains(&b'G');
    let floor: Vec<u32> = match is_drawn {
        true => {
            (0..).zip(&tiles).filter(|(_, tile)| **tile == b'.').map(|(cell, _)| cell).collect()
        }
        false => Vec::new(),
    };
    let start = tiles.iter().position(|&tile| tile == b'S').expect("a start");
    let (rows, columns) = (grid.map().rows(), grid.map().columns());

    let mut generators: Vec<Xoshiro> = (0..walkers).map(|_| Xoshiro::new(&mut numbers.0)).collect();
    let of_generators =
        |all: &[Xoshiro]| -> Vec<u64> { all.iter().flat_map(|g| g.state).collect() };
    let generators_before = of_generators(&generators);
    let mut all = vec![Viewed::new(grid, View::Planes); walkers];
    let places = |all: &[Viewed<20>]| -> [Vec<u32>; 2] {
        [
            all.iter().map(|one| one.grid.agent()).collect(),
            all.iter().map(|one| one.grid.goal()).collect(),
        ]
    };
    let [agents_before, goals_before] = places(&all);
    let (mut begins, mut played, mut seen) = (vec![1; walkers], Vec::new(), vec![0.0; 3 * cells]);
    for _ in 0..rounds {
        for i in (0..walkers).filter(|&i| begins[i] == 1) {
            all[i].reset(&mut generators[i], &mut seen);
        }
        let actions = numbers.indices(walkers, 4);
        let (mut rewards, mut terminated) = (Vec::new(), Vec::new());
        let mut planes = Vec::new();
        for (one, &action) in all.iter_mut().zip(&actions) {
            let step = one.step(action, &mut numbers.0, &mut seen);
            rewards.push(step.reward as f32);
            terminated.push(u32::from(step.ending.is_some()));
            planes.extend_from_slice(&seen);
        }
        // Now and then one walks on from where it has ended.
        let kept = numbers.indices(walkers, 3);
        let next = terminated.iter().zip(kept).map(|(&end, kept)| end & u32::from(kept != 0));
        let next = next.collect();
        let begun = core::mem::replace(&mut begins, next);
        played.push((begun, actions, rewards, terminated, planes));
    }

    let mut case = Case::new(format!("{walkers} walkers in {rows} x {columns}, {rounds} rounds"));
    let [agents, goals] = places(&all);
    let agents = case.changed("agents", &agents_before, &agents);
    let goals = case.changed("goals", &goals_before, &goals);
    let generators = case.changed("generators", &generators_before, &of_generators(&generators));
    let (tiles, floors) = (case.given("tiles", &tiles), floor.len() as u32);
    let floor = case.given("floor", &floor);
    let rewards = [REWARDS.goal, REWARDS.wall, REWARDS.step].map(f64::to_bits);
    let mut maze: Vec<u32> =
        rewards.iter().flat_map(|bits| [*bits as u32, (*bits >> 32) as u32]).collect();
    maze.extend([rows, columns, start as u32, floors]);
    let maze = Argument::Struct(maze);
    let grid = Launch::elements(walkers as u32).with_threads(24);
    let pixels = Launch::elements((3 * cells * walkers) as u32).with_threads(100);
    for (begins, actions, rewards, terminated, planes) in &played {
        let begins = case.given("begins", begins);
        let of = [begins, floor.clone(), generators.clone(), agents.clone(), goals.clone()];
        case.launch("gridworld_reset", grid, &[&of[..], &[maze.clone(), size(walkers)]].concat());
        let of = [
            case.given("actions", actions),
            tiles.clone(),
            goals.clone(),
            agents.clone(),
            case.written("rewards", rewards),
            case.written("terminated", terminated),
            maze.clone(),
            size(walkers),
        ];
        case.launch("gridworld_step", grid, &of);
        let planes = case.written("planes", planes);
        let of = [tiles.clone(), agents.clone(), goals.clone(), planes];
        case.launch("gridworld_planes", pixels, &[&of[..], &[size(cells), size(walkers)]].concat());
    }
    case
}
