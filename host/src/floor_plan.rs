//! How a task looks whose states are cells: its tiles, the way each action leads, and the arrows of a policy.
//!
//! For pictures and for the terminal. The rules, what a step really does and what it pays, are in core.

use crate::registry::{self, OnEnvironment, Refusal, Registered};
use embedded_rl_core::envs::gridworld::{Gridworld, Viewed};
use embedded_rl_core::envs::pixel_grid::PixelGrid;
use embedded_rl_core::envs::tile_map::{Direction, TileMap};
use embedded_rl_core::envs::toy_text::{CliffWalking, FrozenLake};
use serde_json::Value;

/// What a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tile {
    /// Free to walk on.
    Floor,
    /// Cannot be entered.
    Wall,
    /// Where an episode begins.
    Start,
    /// What it is all about.
    Goal,
    /// Ends the episode with nothing.
    Hole,
    /// A fall, and back to the start.
    Cliff,
}

impl Tile {
    /// In the letters of all the maps that there are.
    const fn of(letter: u8) -> Self {
        match letter {
            b'#' => Self::Wall,
            b'S' => Self::Start,
            b'G' => Self::Goal,
            b'H' => Self::Hole,
            b'C' => Self::Cliff,
            _ => Self::Floor,
        }
    }

    /// One letter for people.
    pub const fn letter(self) -> char {
        match self {
            Self::Floor => '.',
            Self::Wall => '#',
            Self::Start => 'S',
            Self::Goal => 'G',
            Self::Hole => 'H',
            Self::Cliff => 'C',
        }
    }

    /// Whether there is something to decide on it.
    pub const fn is_walked(self) -> bool {
        matches!(self, Self::Floor | Self::Start)
    }
}

/// A rectangle of tiles. Cells, and the states that they are, are numbered row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct FloorPlan {
    /// How many rows there are, at least one.
    pub rows: usize,
    /// How many cells a row has, at least one.
    pub columns: usize,
    /// `[rows][columns]`
    pub tiles: Vec<Tile>,
    /// The way that each action leads.
    pub directions: [Direction; 4],
}

/// A task that is played on a floor plan.
pub trait OnFloor {
    /// Where everything is, in this episode.
    fn floor_plan(&self) -> FloorPlan;

    /// The cell that the agent is in.
    fn cell(&self) -> u32;
}

const CLOCKWISE: [Direction; 4] =
    [Direction::Up, Direction::Right, Direction::Down, Direction::Left];
const FROM_LEFT: [Direction; 4] =
    [Direction::Left, Direction::Down, Direction::Right, Direction::Up];

impl<const CELLS: usize> OnFloor for Gridworld<CELLS> {
    fn floor_plan(&self) -> FloorPlan {
        let mut plan = FloorPlan::of_map(self.map(), CLOCKWISE);
        // A goal that is drawn in each episode is in no map; before the first it is nowhere.
        if let Some(tile @ Tile::Floor) = plan.tiles.get_mut(self.goal() as usize) {
            *tile = Tile::Goal;
        }
        plan
    }

    fn cell(&self) -> u32 {
        self.agent()
    }
}

impl<const CELLS: usize> OnFloor for Viewed<CELLS> {
    fn floor_plan(&self) -> FloorPlan {
        self.grid.floor_plan()
    }

    fn cell(&self) -> u32 {
        self.grid.agent()
    }
}

impl<const CELLS: usize> OnFloor for PixelGrid<CELLS> {
    fn floor_plan(&self) -> FloorPlan {
        self.grid.floor_plan()
    }

    fn cell(&self) -> u32 {
        self.grid.agent()
    }
}

impl<const CELLS: usize> OnFloor for FrozenLake<CELLS> {
    fn floor_plan(&self) -> FloorPlan {
        FloorPlan::of_map(self.map(), FROM_LEFT)
    }

    fn cell(&self) -> u32 {
        self.agent()
    }
}

impl OnFloor for CliffWalking {
    fn floor_plan(&self) -> FloorPlan {
        let letters = b"....................................SCCCCCCCCCCG";
        FloorPlan::of_letters(12, letters, CLOCKWISE)
    }

    fn cell(&self) -> u32 {
        self.agent()
    }
}

impl FloorPlan {
    /// The floor plan of an environment with its options (Gymnasium's keyword arguments as a JSON object), or `None`
    /// if its states are not cells.
    ///
    /// # Errors
    /// If there is no such environment, or not with these options.
    pub fn of(id: &str, options: &Value) -> Result<Option<Self>, Refusal> {
        struct Looking;
        impl OnEnvironment for Looking {
            type Output = Option<FloorPlan>;
            fn run<E: Registered>(self, env: E) -> Option<FloorPlan> {
                env.floor_plan()
            }
        }
        registry::find(id)?.run(options, Looking)
    }

    fn of_map<const CELLS: usize>(map: &TileMap<CELLS>, directions: [Direction; 4]) -> Self {
        Self::of_letters(map.columns() as usize, map.tiles(), directions)
    }

    fn of_letters(columns: usize, letters: &[u8], directions: [Direction; 4]) -> Self {
        let tiles: Vec<Tile> = letters.iter().copied().map(Tile::of).collect();
        Self { rows: tiles.len() / columns, columns, tiles, directions }
    }

    /// The way that an action leads; there is none for a number that is no action.
    pub fn direction(&self, action: u32) -> Option<Direction> {
        self.directions.get(action as usize).copied()
    }

    /// The map with the actions of `policy`, one a state, as arrows where there is something to decide.
    ///
    /// The arrows of the cells on `path` are double.
    pub fn arrows(&self, policy: &[u32], path: &[u32]) -> String {
        let letter = |cell: usize| match policy.get(cell).and_then(|action| self.direction(*action))
        {
            Some(direction) if self.tiles[cell].is_walked() => {
                arrow(direction, path.contains(&(cell as u32)))
            }
            _ => self.tiles[cell].letter(),
        };
        let row = |row: usize| {
            let cells = row * self.columns..(row + 1) * self.columns;
            cells.map(|cell| letter(cell).to_string()).collect::<Vec<_>>().join(" ")
        };
        (0..self.rows).map(row).collect::<Vec<_>>().join("\n")
    }
}

const fn arrow(direction: Direction, double: bool) -> char {
    match (direction, double) {
        (Direction::Up, false) => '↑',
        (Direction::Right, false) => '→',
        (Direction::Down, false) => '↓',
        (Direction::Left, false) => '←',
        (Direction::Up, true) => '⇑',
        (Direction::Right, true) => '⇒',
        (Direction::Down, true) => '⇓',
        (Direction::Left, true) => '⇐',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_rl_core::env::Env;
    use embedded_rl_core::envs::finite::FiniteModel;
    use embedded_rl_core::envs::toy_text::LakeOptions;
    use embedded_rl_core::rng::NumpyGenerator;
    use serde_json::json;

    /// What the plan shows is what the rules do: an action leads its way, or nowhere.
    fn assert_ways<M: FiniteModel + OnFloor>(model: &M) {
        let plan = model.floor_plan();
        assert_eq!(plan.tiles.len(), model.state_count() as usize);
        let mut moves = 0;
        for state in (0..model.state_count()).filter(|&s| plan.tiles[s as usize].is_walked()) {
            for action in 0..4 {
                let outcome = model.outcomes(state, action).next().expect("a walk");
                let ahead = match plan.direction(action).expect("four actions") {
                    Direction::Up => state.wrapping_sub(plan.columns as u32),
                    Direction::Right => state + 1,
                    Direction::Down => state + plan.columns as u32,
                    Direction::Left => state.wrapping_sub(1),
                };
                let tile = plan.tiles.get(ahead as usize);
                if outcome.next_state == ahead {
                    moves += 1;
                    let over = matches!(tile, Some(Tile::Goal | Tile::Hole));
                    assert_eq!(outcome.terminated, over, "{state} to {ahead}");
                } else if outcome.next_state != state {
                    assert_eq!(tile, Some(&Tile::Cliff), "{state} to {ahead}");
                    assert_eq!(outcome.reward, -100.0);
                }
            }
        }
        assert!(moves > 20, "only {moves} moves");
    }

    #[test]
    fn plans_show_what_the_rules_do() {
        assert_ways(&Gridworld::<90>::obstacle().expect("a map"));
        assert_ways(&CliffWalking::new(false));
        let firm = LakeOptions { slippery: false, ..LakeOptions::default() };
        assert_ways(&FrozenLake::<64>::large(firm).expect("a map"));
    }

    #[test]
    fn environments_have_a_plan_by_name_if_their_states_are_cells() {
        let plan = |id, options| FloorPlan::of(id, &options).expect("a known name");
        let lake = plan("FrozenLake-v1", json!({})).expect("cells");
        assert_eq!((lake.rows, lake.columns, lake.tiles[5]), (4, 4, Tile::Hole));
        let own = plan("gridworld", json!({"map": ["S.G", "..#"]})).expect("cells");
        assert_eq!((own.rows, own.columns, own.tiles[5]), (2, 3, Tile::Wall));
        assert_eq!(plan("CartPole-v1", json!({})), None);
        assert!(FloorPlan::of("Nowhere-v1", &json!({})).is_err());
    }

    #[test]
    fn a_goal_that_is_drawn_is_where_it_was_drawn() {
        let mut grid = Gridworld::<90>::random_goal().expect("a map");
        assert!(!grid.floor_plan().tiles.contains(&Tile::Goal));
        grid.reset(&mut NumpyGenerator::new(1), &mut [0]);
        assert_eq!(grid.floor_plan().tiles[grid.goal() as usize], Tile::Goal);
    }

    #[test]
    fn arrows_stand_on_the_cells_that_are_walked() {
        let plan = FloorPlan::of("gridworld", &json!({"map": ["S.#", "#.G"]})).expect("a map");
        let plan = plan.expect("cells");
        assert_eq!(plan.arrows(&[1, 2, 0, 0, 1, 3], &[0, 1]), "⇒ ⇓ #\n# → G");
        assert_eq!(plan.arrows(&[1, 7], &[]), "→ . #\n# . G", "no action, no arrow");
    }
}
