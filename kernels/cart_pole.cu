// Many carts with their poles. Twin: core/src/envs/classic/cart_pole.rs, whose order of operations is Gymnasium's.
//
//   states [carts][4]: position in m, velocity in m/s, angle in rad, angular velocity in rad/s, in double precision
//   observations [carts][4]: the same in single precision
//
// Launch: a thread a cart, any block; the grid covers `carts`. Time limits and what follows an end are not here.
#include "random.cuh"
#include "trigonometry.cuh"

struct Cart {
    double position, velocity, angle, angular_velocity;
};

__device__ __forceinline__ void observe(const Cart& cart, float* observation) {
    observation[0] = (float)cart.position;
    observation[1] = (float)cart.velocity;
    observation[2] = (float)cart.angle;
    observation[3] = (float)cart.angular_velocity;
}

// Starts the carts anew whose `begins` is not zero, each from its own generator: four numbers in [-0.05, 0.05).
extern "C" __global__ void cart_pole_reset(const u32* __restrict__ begins, Generator* __restrict__ generators,
                                           Cart* __restrict__ states, float* __restrict__ observations, u32 carts) {
    const u32 i = thread_in_grid();
    if (i >= carts || begins[i] == 0) return;
    Generator generator = generators[i];
    const double low = -0.05, width = 0.05 - -0.05;
    Cart cart;
    cart.position = low + width * random(generator);
    cart.velocity = low + width * random(generator);
    cart.angle = low + width * random(generator);
    cart.angular_velocity = low + width * random(generator);
    generators[i] = generator;
    states[i] = cart;
    observe(cart, observations + 4 * i);
}

// One step of every cart: action 0 pushes to the left, any other one to the right. The reward is 1 each step;
// `terminated` becomes 1 where the cart or the pole has gone too far.
extern "C" __global__ void cart_pole_step(const u32* __restrict__ actions, Cart* __restrict__ states,
                                          float* __restrict__ observations, u32* __restrict__ terminated, u32 carts) {
    const u32 i = thread_in_grid();
    if (i >= carts) return;
    const double gravity = 9.8, pole_mass = 0.1, total_mass = pole_mass + 1.0, half_length = 0.5;
    const double pole_mass_length = pole_mass * half_length, time_step = 0.02;
    const double position_limit = 2.4, angle_limit = 12.0 * 2.0 * 3.14159265358979323846 / 360.0;

    Cart cart = states[i];
    const double force = actions[i] == 0 ? -10.0 : 10.0;
    const double sin_angle = sine(cart.angle), cos_angle = cosine(cart.angle);
    const double thrust =
        (force + pole_mass_length * (cart.angular_velocity * cart.angular_velocity) * sin_angle) / total_mass;
    const double angular_acceleration = (gravity * sin_angle - cos_angle * thrust) /
                                        (half_length * (4.0 / 3.0 - pole_mass * (cos_angle * cos_angle) / total_mass));
    const double acceleration = thrust - pole_mass_length * angular_acceleration * cos_angle / total_mass;
    // Explicit Euler: positions move by the old velocities.
    cart.position += time_step * cart.velocity;
    cart.velocity += time_step * acceleration;
    cart.angle += time_step * cart.angular_velocity;
    cart.angular_velocity += time_step * angular_acceleration;

    const bool is_inside = -position_limit <= cart.position && cart.position <= position_limit &&
                           -angle_limit <= cart.angle && cart.angle <= angle_limit;
    terminated[i] = is_inside ? 0 : 1;
    states[i] = cart;
    observe(cart, observations + 4 * i);
}
