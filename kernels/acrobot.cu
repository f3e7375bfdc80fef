// Many pendulums of two links. Twin: core/src/envs/classic/acrobot.rs, whose order of operations is Gymnasium's.
//
//   states [pendulums][4]: angle of the first link, of the second one to the first, in rad, and their velocities in rad/s, in
//   double precision
//   observations [pendulums][6]: cosine and sine of both angles, both velocities, in single precision
//
// Launch: a thread a pendulum, any block; the grid covers `pendulums`. Time limits and what follows an end are not here.
#include "random.cuh"
#include "trigonometry.cuh"

constexpr double PI = 3.14159265358979323846;

struct Links {
    double first, second, first_speed, second_speed;
};

// What Runge and Kutta integrate: the velocities, and the accelerations (Sutton and Barto, 2018, section 11.5).
__device__ __forceinline__ Links rates(const Links& s, double torque) {
    const double gravity = 9.8, mass = 1.0, length = 1.0, centre = 0.5, inertia = 1.0;
    const double sin_second = sine(s.second), cos_second = cosine(s.second);
    const double d1 = mass * (centre * centre) +
                      mass * (length * length + centre * centre + 2.0 * length * centre * cos_second) + inertia + inertia;
    const double d2 = mass * (centre * centre + length * centre * cos_second) + inertia;
    const double phi2 = mass * centre * gravity * cosine(s.first + s.second - PI / 2.0);
    const double phi1 = -mass * length * centre * (s.second_speed * s.second_speed) * sin_second -
                        2.0 * mass * length * centre * s.second_speed * s.first_speed * sin_second +
                        (mass * centre + mass * length) * gravity * cosine(s.first - PI / 2.0) + phi2;
    const double second_acceleration =
        (torque + d2 / d1 * phi1 - mass * length * centre * (s.first_speed * s.first_speed) * sin_second - phi2) /
        (mass * (centre * centre) + inertia - d2 * d2 / d1);
    return {s.first_speed, s.second_speed, -(d2 * second_acceleration + phi1) / d1, second_acceleration};
}

__device__ __forceinline__ Links ahead(const Links& s, double time, const Links& rate) {
    return {s.first + time * rate.first, s.second + time * rate.second, s.first_speed + time * rate.first_speed,
            s.second_speed + time * rate.second_speed};
}

// An angle between -pi and pi.
__device__ __forceinline__ double wrapped(double angle) {
    if (fabs(angle) > 100.0) angle = fmod(angle, 2.0 * PI);
    while (angle > PI) angle -= 2.0 * PI;
    while (angle < -PI) angle += 2.0 * PI;
    return angle;
}

// Starts the pendulums anew whose `begins` is not zero, each from its own generator: four numbers in [-0.1, 0.1), rounded to
// single precision, whose cosines and sines are numpy's.
extern "C" __global__ void acrobot_reset(const u32* __restrict__ begins, Generator* __restrict__ generators,
                                         Links* __restrict__ states, float* __restrict__ observations, u32 pendulums) {
    const u32 i = thread_in_grid();
    if (i >= pendulums || begins[i] == 0) return;
    Generator generator = generators[i];
    const double low = -0.1, width = 0.1 - -0.1;
    const float first = (float)(low + width * random(generator));
    const float second = (float)(low + width * random(generator));
    const float first_speed = (float)(low + width * random(generator));
    const float second_speed = (float)(low + width * random(generator));
    generators[i] = generator;
    states[i] = {(double)first, (double)second, (double)first_speed, (double)second_speed};
    float* const observation = observations + 6 * i;
    observation[0] = numpy_cos_f32(first);
    observation[1] = numpy_sin_f32(first);
    observation[2] = numpy_cos_f32(second);
    observation[3] = numpy_sin_f32(second);
    observation[4] = first_speed;
    observation[5] = second_speed;
}

// One step of every pendulum by a torque of its action minus 1, in N m. `terminated` becomes 1 where the free end is up; the
// reward is 0 there, and -1 elsewhere.
extern "C" __global__ void acrobot_step(const u32* __restrict__ actions, Links* __restrict__ states,
                                        float* __restrict__ observations, u32* __restrict__ terminated, u32 pendulums) {
    const u32 i = thread_in_grid();
    if (i >= pendulums) return;
    const double time_step = 0.2, first_limit = 4.0 * PI, second_limit = 9.0 * PI;
    const double torque = (double)actions[i] - 1.0;
    const Links before = states[i];
    const Links k1 = rates(before, torque);
    const Links k2 = rates(ahead(before, time_step / 2.0, k1), torque);
    const Links k3 = rates(ahead(before, time_step / 2.0, k2), torque);
    const Links k4 = rates(ahead(before, time_step, k3), torque);
    const Links sum = {k1.first + 2.0 * k2.first + 2.0 * k3.first + k4.first,
                       k1.second + 2.0 * k2.second + 2.0 * k3.second + k4.second,
                       k1.first_speed + 2.0 * k2.first_speed + 2.0 * k3.first_speed + k4.first_speed,
                       k1.second_speed + 2.0 * k2.second_speed + 2.0 * k3.second_speed + k4.second_speed};
    Links links = ahead(before, time_step / 6.0, sum);
    links.first = wrapped(links.first);
    links.second = wrapped(links.second);
    links.first_speed = clamped(links.first_speed, -first_limit, first_limit);
    links.second_speed = clamped(links.second_speed, -second_limit, second_limit);
    states[i] = links;

    terminated[i] = -cosine(links.first) - cosine(links.second + links.first) > 1.0 ? 1 : 0;
    float* const observation = observations + 6 * i;
    observation[0] = (float)cosine(links.first);
    observation[1] = (float)sine(links.first);
    observation[2] = (float)cosine(links.second);
    observation[3] = (float)sine(links.second);
    observation[4] = (float)links.first_speed;
    observation[5] = (float)links.second_speed;
}
