// Many walkers in one maze. Twins: core/src/envs/gridworld.rs and gridworld/view.rs.
//
//   tiles [rows * columns]: the map's letters, of which only walls matter here; floor [floors]: cells a goal may be drawn on
//   agents, goals [walkers]: cells, row by row
//
// Launch: a thread a walker, any block; the grid covers `walkers`. Time limits and what follows an end are not here.
#include "random.cuh"

// Rewards, sizes of the map, where walkers start, and on how many cells a goal is drawn: none if it is always the same.
struct Maze {
    double goal, wall, step;
    u32 rows, columns, start, floors;
};

// Starts the walkers anew whose `begins` is not zero, each goal drawn by the walker's own generator.
extern "C" __global__ void gridworld_reset(const u32* __restrict__ begins, const u32* __restrict__ floor,
                                           Generator* __restrict__ generators, u32* __restrict__ agents,
                                           u32* __restrict__ goals, Maze maze, u32 walkers) {
    const u32 i = thread_in_grid();
    if (i >= walkers || begins[i] == 0) return;
    agents[i] = maze.start;
    if (maze.floors > 0) goals[i] = floor[integer_below(generators[i], maze.floors)];
}

// One step of every walker: action 0 goes up, 1 to the right, 2 down, 3 to the left. A wall or the map's edge leaves a walker
// where it is; `terminated` becomes 1 on the goal.
extern "C" __global__ void gridworld_step(const u32* __restrict__ actions, const u8* __restrict__ tiles,
                                          const u32* __restrict__ goals, u32* __restrict__ agents,
                                          float* __restrict__ rewards, u32* __restrict__ terminated, Maze maze, u32 walkers) {
    const u32 i = thread_in_grid();
    if (i >= walkers) return;
    const u32 cell = agents[i], action = actions[i], row = cell / maze.columns, column = cell % maze.columns;
    u32 ahead = cell;
    if (action == 0 && row > 0) ahead = cell - maze.columns;
    if (action == 1 && column + 1 < maze.columns) ahead = cell + 1;
    if (action == 2 && row + 1 < maze.rows) ahead = cell + maze.columns;
    if (action == 3 && column > 0) ahead = cell - 1;
    const bool is_over = cell == goals[i], bumps = ahead == cell || tiles[ahead] == '#';
    const u32 next = is_over || bumps ? cell : ahead;
    const double reward = is_over ? 0.0 : bumps ? maze.wall : next == goals[i] ? maze.goal : maze.step;
    agents[i] = next;
    rewards[i] = (float)reward;
    terminated[i] = next == goals[i] ? 1 : 0;
}

// What is seen of the maze: planes [walkers][3][rows * columns] with 1 where a wall is, where the agent is, where the goal is.
// Launch: a thread a number of the planes, any block.
extern "C" __global__ void gridworld_planes(const u8* __restrict__ tiles, const u32* __restrict__ agents,
                                            const u32* __restrict__ goals, float* __restrict__ planes, u32 cells,
                                            u32 walkers) {
    const u32 i = thread_in_grid();
    if (i >= walkers * 3 * cells) return;
    const u32 cell = i % cells, plane = i / cells % 3, walker = i / (3 * cells);
    const bool is_marked = plane == 0 ? tiles[cell] == '#' : cell == (plane == 1 ? agents : goals)[walker];
    planes[i] = is_marked ? 1.0f : 0.0f;
}
