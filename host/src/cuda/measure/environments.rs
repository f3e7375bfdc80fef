//! Many environments at once and which actions are taken, as they are measured: `cart_pole.cu`, `mountain_car.cu`,
//! `acrobot.cu`, `gridworld.cu`, `policy.cu`.

use super::trains;
use super::workload::{
    Content, Scale, Workload, bytes, doubles, floats, generators, indices, words_of, zeros,
};
use embedded_rl_kernels::Launch;

pub(super) fn workloads(scale: Scale) -> Vec<Workload> {
    let count = scale.of(1 << 20, 33);
    let (n, launch) = (count as usize, Launch::elements(count));
    let mut all = Vec::new();
    // States, observations and actions of each.
    for (reset, step, state, observed, actions, numbers) in [
        ("cart_pole_reset", "cart_pole_step", 4, 4, 2, &[][..]),
        ("mountain_car_reset", "mountain_car_step", 2, 2, 3, &[0.0]),
        ("acrobot_reset", "acrobot_step", 4, 6, 3, &[]),
    ] {
        let (states, observations) = (doubles(state * n), floats(observed * n));
        // Half of them begin.
        let buffers = [indices(n, 2), generators(n), states, observations];
        all.push(trains(reset, &[count], &[], launch, &buffers));
        let buffers = [indices(n, actions), states.changed(), observations, zeros(n)];
        all.push(trains(step, &[count], numbers, launch, &buffers));
    }
    all.extend(gridworld(scale));
    let [actions, batch] = scale.of([8, 1 << 20], [3, 33]);
    let (q, taken) = (floats((actions * batch) as usize), zeros(batch as usize));
    let of = |name, numbers: &[f64], buffers: &[Content]| {
        trains(name, &[actions, batch], numbers, Launch::elements(batch), buffers)
    };
    all.push(of("greedy_actions", &[], &[q, taken]));
    all.push(of("epsilon_greedy", &[0.1], &[q, generators(batch as usize), taken]));
    all
}

fn gridworld(scale: Scale) -> [Workload; 3] {
    let [rows, columns, walkers] = scale.of([20, 20, 1 << 14], [3, 4, 21]);
    let cells = rows * columns;
    let (c, n) = (cells as usize, walkers as usize);
    let places = indices(n, c);
    // Every other cell may be a goal.
    let maze = [&words_of(&[10.0, -5.0, -0.1])[..], &[rows, columns, 0, cells / 2]].concat();
    let of_walkers = [&maze[..], &[walkers]].concat();
    let of = |name, sizes: &[u32], launch, buffers: &[Content]| {
        trains(name, sizes, &[], launch, buffers)
    };
    [
        of(
            "gridworld_reset",
            &of_walkers,
            Launch::elements(walkers),
            &[indices(n, 2), indices(c / 2, c), generators(n), places, places],
        ),
        of(
            "gridworld_step",
            &of_walkers,
            Launch::elements(walkers),
            &[indices(n, 4), bytes(c), places, places.changed(), floats(n), zeros(n)],
        ),
        of(
            "gridworld_planes",
            &[cells, walkers],
            Launch::elements(3 * cells * walkers),
            &[bytes(c), places, places, floats(3 * c * n)],
        ),
    ]
}
