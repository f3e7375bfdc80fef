//! A solution on disk.
//!
//! | file | holds |
//! |---|---|
//! | `values.csv` | every state and action with its value, and which one is best |
//! | `map.svg`, `q_values.svg` | values and best actions on the map, where states are cells |
//! | `convergence.svg` | every value sweep by sweep, for small tasks by Q-value iteration |

use super::{PRINTED_STATES, Solution};
use crate::failure::{Failure, Outcome};
use crate::plot::{Panel, Point, Series, ValueMap, Values, draw_maps, draw_panels};
use crate::record::write_atomically;
use std::path::Path;

/// More lines than these cannot be told apart.
const MOST_SERIES: usize = 10;

/// Writes all of it into the folder `path`, which is made if it is not there.
pub fn write(path: &Path, title: &str, solution: &Solution) -> Outcome<()> {
    std::fs::create_dir_all(path).map_err(|error| {
        Failure::failed(format!("cannot make the folder {}: {error}", path.display()))
    })?;
    write_atomically(&path.join("values.csv"), values(solution).as_bytes())?;
    if let Some(plan) = &solution.floor {
        let map = |values| ValueMap {
            title: title.to_owned(),
            plan: plan.clone(),
            values,
            policy: solution.policy.clone(),
            path: Vec::new(),
        };
        let [states, actions] =
            [Values::States(solution.values.clone()), Values::Actions(solution.q.clone())];
        draw_maps(&path.join("map.svg"), &[map(states)])?;
        draw_maps(&path.join("q_values.svg"), &[map(actions)])?;
    }
    if !solution.history.is_empty() && solution.policy.len() <= PRINTED_STATES {
        draw_panels(&path.join("convergence.svg"), &[convergence(title, solution)])?;
    }
    Ok(())
}

fn values(solution: &Solution) -> String {
    let mut text = String::from("state,action,value,best\n");
    for (state, (row, best)) in
        solution.q.chunks(solution.actions).zip(&solution.policy).enumerate()
    {
        for (action, value) in (0u32..).zip(row) {
            text += &format!("{state},{action},{value},{}\n", u8::from(action == *best));
        }
    }
    text
}

fn convergence(title: &str, solution: &Solution) -> Panel {
    let possible = (0..solution.q.len()).filter(|&index| solution.q[index].is_finite());
    let series = possible.take(MOST_SERIES).map(|index| {
        let sweeps = (1u32..).zip(&solution.history);
        let points = sweeps.map(|(sweep, q)| Point::exact(f64::from(sweep), q[index])).collect();
        let (state, action) = (index / solution.actions, index % solution.actions);
        Series::line(format!("Q(s{state}, a{action})"), points)
    });
    Panel {
        title: title.to_owned(),
        x_label: "sweep".to_owned(),
        series: series.collect(),
        ..Panel::default()
    }
}
